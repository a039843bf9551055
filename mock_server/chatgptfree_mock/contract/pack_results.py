"""What a site pack's methods return, checked where the server takes it: a mistake is one sentence for its author."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any, Final, Literal

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.tape.model import End, Response

_REFUSALS: Final = (None, "nonce", "key")
_SITE: Final = tuple(name for name in vars(Site) if not name.startswith("_"))
"""The members of a site that the server uses."""


class PackResultError(SettingsError):
    """A method of a site pack, or of a site that it built, returns something that it must not."""


def checked_site(site: object, pack: str, method: Literal["build", "replay"]) -> Site:
    """
    Return *site*, which *method* of the site pack named *pack* has returned.

    Raises:
        PackResultError: it is not a `Site`.
    """
    missing = [name for name in _SITE if not hasattr(type(site), name)]
    if not missing:
        return site  # type: ignore[return-value]  # it has all members of the protocol
    found = repr(site) if site is None or isinstance(site, type) else f"a {type(site).__name__} without `{missing[0]}`"
    raise PackResultError(
        f"`{method}` of the site pack {pack} returns {found}; it has to be an object of a class that derives from "
        "chatgptfree_mock.contract.site.Site"
    )


def failed_answer(error: Exception, pack: str, request: SiteRequest) -> PackResultError:
    """Return the *error* of a site that the site pack named *pack* has built, whose answer to *request* it ended."""
    raised = f"{type(error).__name__}: {error}"
    return PackResultError(f"`answer` of the site pack {pack} raises {raised:.200} for {_request_line(request)}")


def checked_reply(reply: object, pack: str, request: SiteRequest) -> SiteReply:
    """
    Return *reply*, which a site that the site pack named *pack* has built gave to *request*.

    Raises:
        PackResultError: it is not a `SiteReply`, or one of its fields has a value of a wrong type.
    """
    if isinstance(reply, SiteReply):
        wrong = _wrong_field("", reply, _REPLY) or _wrong_field("response.", reply.response, _RESPONSE)
        if wrong is None:
            return reply
        field, value, wanted = wrong
        returned = f"a SiteReply whose `{field}` is {value!r:.60}"
    else:
        returned = "None" if reply is None else f"an object of type {type(reply).__name__}"
        wanted = "a chatgptfree_mock.contract.reply.SiteReply"
    raise PackResultError(
        f"`answer` of the site pack {pack} returns {returned} for {_request_line(request)}; it has to be {wanted}"
    )


def _request_line(request: SiteRequest) -> str:
    return f"{request.method} {request.path[:80]}"


def _texts(lines: tuple[Any, ...]) -> bool:
    try:
        "".join(lines)
    except TypeError:
        return False
    return True


def _pairs_of_texts(pairs: tuple[Any, ...]) -> bool:
    try:
        for name, value in pairs:
            if not (isinstance(name, str) and isinstance(value, str)):
                return False
    except (TypeError, ValueError):
        return False
    return True


_Check = tuple[str, type | tuple[type, ...], Callable[[Any], bool] | None, str]
"""The name of a field, its type (any of several), a condition beyond the type, and what the field has to be."""
_REPLY: Final[tuple[_Check, ...]] = (
    ("response", Response, None, "a chatgptfree_mock.tape.model.Response"),
    ("why", tuple, _texts, "a tuple of texts"),
    ("refused", (str, NoneType), _REFUSALS.__contains__, "None, 'nonce' or 'key'"),
    ("delivery", (Delivery, NoneType), None, "a Delivery or None"),
    ("recorded", bool, None, "True or False"),
    ("interaction", str, None, "a text"),
    ("stopped", bool, None, "True or False"),
    ("upstream", tuple, None, "a tuple"),
    ("unmatched", bool, None, "True or False"),
)
_RESPONSE: Final[tuple[_Check, ...]] = (
    ("status", int, None, "a whole number"),
    ("reason", str, None, "a text"),
    ("headers", tuple, _pairs_of_texts, "a tuple of pairs of texts"),
    ("body", bytes, None, "bytes"),
    ("chunks", tuple, None, "a tuple of pairs of milliseconds and bytes"),
    ("end", End, None, f"one of {', '.join(map(str, End))}"),
)


def _wrong_field(place: str, value: object, checks: tuple[_Check, ...]) -> tuple[str, object, str] | None:
    """Return the first field of *value* that fails its check: its name, its value, and what it has to be."""
    for name, kind, fits, wanted in checks:
        field = getattr(value, name)
        if not isinstance(field, kind) or not (fits is None or fits(field)):
            return f"{place}{name}", field, wanted
    return None
