"""The lifetime of a token and the response to a wrong one, if the recording shows them."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from chatgptfree_mock.tape.model import Interaction, Response, header_of
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.tokens.token_block import Return, Source, TokenRefusal

_REFUSING: Final = frozenset({400, 401, 403, 409, 410, 412, 419, 422, 440, 498})
"""Statuses of a wrong or an old value; 419, 440 and 498 are those of Laravel, IIS and Esri."""


def lives_of(interactions: Sequence[Interaction], source: Source, name: str, value: str) -> float | None:
    """Return the seconds for which the cookie *name* with *value* is valid (RFC 6265, 5.2); None if unlimited."""
    if source.part != "header:set-cookie":
        return None
    response = interactions[source.interaction].response
    for header, line in response.headers:
        pair, _, attributes = line.partition(";")
        if header.lower() == "set-cookie" and pair.strip() == f"{name}={value}":
            return _seconds(attributes, response)
    return None


def _seconds(attributes: str, response: Response) -> float | None:
    """Return what `Max-Age`, or else `Expires`, allows; None if neither does, or the cookie is removed by it."""
    found = {
        key.strip().lower(): value.strip() for key, _, value in (each.partition("=") for each in attributes.split(";"))
    }
    if "max-age" in found:
        seconds = float(found["max-age"]) if found["max-age"].isdecimal() else 0.0
    else:
        try:
            end = parsedate_to_datetime(found["expires"])
            seconds = (end - parsedate_to_datetime(header_of(response.headers, "date"))).total_seconds()
        except (KeyError, ValueError, TypeError):  # no date, or one of them without a zone
            return None
    return seconds if seconds > 0 else None


def refusal_of(interactions: Sequence[Interaction], back: Return, other: Sequence[Return]) -> TokenRefusal | None:
    """
    Return the recorded response that refused another value at the place *back*; None if there is none.

    *other*: the places at which other values of the same name were sent.
    """
    accepted = interactions[back.interaction]
    if accepted.response.status >= 400:
        return None
    for each in other:
        refused = interactions[each.interaction]
        if refused.response.status not in _REFUSING or each.place != back.place:
            continue
        if _address(refused) == _address(accepted):
            return TokenRefusal(status=refused.response.status, interaction=each.interaction)
    return None


def _address(interaction: Interaction) -> tuple[str, str, str]:
    key = RequestKey.from_request(interaction.request)
    return key.method, key.site, key.path
