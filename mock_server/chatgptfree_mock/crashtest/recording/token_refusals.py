"""The refusal of a wrong token in a replay: the recorded one, that of the site's pack, or a general one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.config.site import load_for_recordings
from chatgptfree_mock.contract.reply import text_response
from chatgptfree_mock.contract.request import as_site_request
from chatgptfree_mock.tape.model import Cassette, Request, Response
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.tape.tokens.token_plan import RequiredToken, refusal_of

_REFUSED: Final = "The token is not accepted."
"""The text of a refusal where neither the recording nor the site pack has one."""


class ReplayRefusal(Struct, frozen=True, kw_only=True):
    """The *response* to a wrong value; *origin*: where it comes from, in words, empty if it was recorded."""

    response: Response
    origin: str = ""


class TokenRefusals(Struct, frozen=True, kw_only=True):
    """The refusals of the site that *cassettes* were recorded from, which the pack named *pack* may have."""

    cassettes: Sequence[Cassette] = ()
    pack: str = DEFAULT_PACK

    def of(self, required: RequiredToken, request: Request, base_url: str, now: float) -> ReplayRefusal:
        """
        Return the refusal of *request*, which does not meet *required*, by a site at *base_url* at Unix seconds *now*.

        Raises:
            PackError: the pack cannot be loaded.
        """
        given = required.token.refused
        if given is not None and given.interaction is not None:
            recorded = [each.response for cassette in self.cassettes for each in cassette.interactions]
            return ReplayRefusal(response=recorded[given.interaction])
        if given is None and (known := self._of_pack(required, request, base_url, now)) is not None:
            return known
        status = refusal_of(required.token).status
        what = f"with general words and status {status}" if given is None else "with general words"
        return ReplayRefusal(
            response=text_response(status, _REFUSED), origin=f"{what}, which is assumed: the recording holds no refusal"
        )

    def _of_pack(self, required: RequiredToken, request: Request, base_url: str, now: float) -> ReplayRefusal | None:
        site_request = as_site_request(request, base_url)
        pack = load_for_recordings(self.pack)
        value = next(
            (entry.value for entry in request_values(request) if entry.place == required.place),
            "",
        )
        reply = pack.token_refusal(self.cassettes, site_request, name=required.token.name, value=value, now=now)
        return (
            None if reply is None else ReplayRefusal(response=reply.response, origin=reply.why[-1] if reply.why else "")
        )
