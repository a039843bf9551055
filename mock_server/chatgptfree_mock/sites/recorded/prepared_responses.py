"""Recorded responses as they are sent: with the mock's own addresses, new tokens and an accepted coding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.sites.recorded.token_replay import GivenOut, TokenReplay
from chatgptfree_mock.sites.recorded.token_request import TokenRequest
from chatgptfree_mock.tape.cookie_expiry import with_lasting_cookies
from chatgptfree_mock.tape.encoded_body import negotiated
from chatgptfree_mock.tape.header_syntax import with_utf8, without_invalid_names
from chatgptfree_mock.tape.matching import Candidate
from chatgptfree_mock.tape.model import Request, Response, header_of
from chatgptfree_mock.tape.own_addresses import OwnAddresses
from chatgptfree_mock.tape.replay_options import RewriteScope

_KEPT: Final = 64
"""The number of prepared responses that are kept."""


class PreparedResponses:
    """
    The responses of *candidates*; those that were asked for last are kept.

    *rewrite*: where the recorded site's addresses are replaced, as in `ReplayOptions`.  *tokens* fills in new tokens;
    None: they are sent as recorded.
    """

    def __init__(self, candidates: Sequence[Candidate], rewrite: RewriteScope, tokens: TokenReplay | None) -> None:
        uris = [each.interaction.request.uri for each in candidates]

        @lru_cache(maxsize=_KEPT)
        def addresses(base_url: str) -> OwnAddresses:
            return OwnAddresses(uris, base_url, rewrite)

        def rewritten(index: int, base_url: str) -> Response:
            response = with_lasting_cookies(candidates[index].interaction.response)
            response = replace(response, headers=with_utf8(without_invalid_names(response.headers)))
            return addresses(base_url).response(response)

        @lru_cache(maxsize=_KEPT)
        def given_out(index: int, base_url: str) -> GivenOut | None:
            return None if tokens is None else tokens.given_out(index, rewritten(index, base_url))

        @lru_cache(maxsize=_KEPT)
        def as_recorded(index: int, base_url: str, accepted: str) -> Response:
            method = candidates[index].interaction.request.method
            return negotiated(rewritten(index, base_url), accepted, method=method)

        self._candidates, self._tokens = candidates, tokens
        self._given_out, self._as_recorded = given_out, as_recorded

    def of(self, index: int, request: Request, base_url: str, token_request: TokenRequest | None) -> Response:
        """Return the response of the candidate at *index* to *request*, read as *token_request*, at *base_url*."""
        accepted = header_of(request.headers, "Accept-Encoding")
        if self._tokens is not None and token_request is not None:
            values = self._given_out(index, base_url)
            if values is not None:
                method = self._candidates[index].interaction.request.method
                return negotiated(self._tokens.filled(values, token_request), accepted, method=method)
        return self._as_recorded(index, base_url, accepted)
