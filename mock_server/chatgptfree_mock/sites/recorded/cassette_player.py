"""
Recorded answers to requests: a player finds the interaction that fits, and counts how often it was replayed.

The answer is as it was recorded, except for the site's own addresses, which are replaced by those of the mock, and the
content coding, which is kept for a client that takes it and removed for one that does not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.tape.encoded_body import negotiated
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.matching import Mismatch, collect, find, sites_of
from chatgptfree_mock.tape.model import Cassette, Request, Response, header_of
from chatgptfree_mock.tape.own_addresses import OwnAddresses
from chatgptfree_mock.tape.replay_options import AS_USUAL, ReplayOptions
from chatgptfree_mock.tape.request_key import RequestKey

_KEPT: Final = 64
"""Answers that are kept ready; the same one is arranged once for several clients."""


class CassettePlayer:
    """
    The interactions of *cassettes*, and how often each was replayed.

    *rules* returns the rules for a recorded request, before *options* change them; *path* the path at which this site
    has it, by default where it was recorded.
    """

    def __init__(
        self,
        cassettes: Sequence[Cassette],
        options: ReplayOptions = AS_USUAL,
        *,
        rules: Callable[[RequestKey], MatchRules] = lambda _: ANY_SITE,
        path: Callable[[RequestKey], str] = lambda key: key.path,
    ) -> None:
        self._options = options
        found = collect(cassettes, lambda key: options.rules(rules(key)))
        self._candidates = tuple(replace(each, key=_at(each.key, path(each.key))) for each in found)
        self._sites = sites_of(self._candidates)
        self._played = [0] * len(self._candidates)
        self._ready: OrderedDict[tuple[int, str, str], Response] = OrderedDict()
        self.paths = frozenset(_trimmed(candidate.key.path) for candidate in self._candidates)
        """The recorded paths, without a slash at the end."""

    def has_field(self, name: str, value: str | None) -> bool:
        """Return whether any recorded request has *value* in its field *name*; None is a field that is not there."""
        return any(candidate.key.field(name) == value for candidate in self._candidates)

    def play(self, request: Request, base_url: str) -> SiteReply:
        """
        Answer *request* from the recording that fits; *base_url* is where the recorded site lies now.

        Where none fits, the answer is 404 and names the nearest recording and what differs.
        """
        found = find(request, self._candidates, played=self._played, sites=self._sites, repeat=self._options.repeat)
        if isinstance(found, int):
            return self._answer(found, request, base_url, (f"recorded: {self._candidates[found]}",))
        exhausted = not self._options.repeat and found.played
        if self._options.on_miss == "nearest" and found.nearest is not None and not exhausted:
            return self._answer(found.nearest, request, base_url, ("played although it does not fit:", str(found)))
        return _refusal(found)

    def _answer(self, index: int, request: Request, base_url: str, why: tuple[str, ...]) -> SiteReply:
        self._played[index] += 1
        accepted = header_of(request.headers, "Accept-Encoding")
        key = (index, base_url, accepted)
        response = self._ready.get(key)
        if response is None:
            interaction = self._candidates[index].interaction
            own = OwnAddresses(interaction.request.uri, base_url, self._options.rewrite)
            response = self._ready[key] = negotiated(
                own.response(interaction.response), accepted, method=interaction.request.method
            )
            if len(self._ready) > _KEPT:
                self._ready.popitem(last=False)
        return SiteReply(response=response, why=why, recorded=True)


def _at(key: RequestKey, path: str) -> RequestKey:
    return (
        key
        if path == key.path
        else replace(key, path=path, target=key.target.replace(key.target.partition("?")[0], path, 1))
    )


def _trimmed(path: str) -> str:
    return path.rstrip("/") or "/"


def _refusal(mismatch: Mismatch) -> SiteReply:
    report = f"{mismatch}\n".encode("utf-8", "replace")
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(report))))
    response = Response(status=404, reason="Not Found", headers=headers, body=report)
    return SiteReply(response=response, why=(str(mismatch),))
