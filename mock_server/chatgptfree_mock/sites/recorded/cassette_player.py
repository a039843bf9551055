"""
A site that answers from its recordings: a player finds the interaction that fits.

The answer is sent as recorded, except that the mock's addresses replace the site's own, and that the content coding is
removed for clients that do not accept it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial

from msgspec.structs import replace

from chatgptfree_mock.contract.releases import recorded_releases
from chatgptfree_mock.contract.reply import SiteReply, text_response
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.sites.recorded.prepared_responses import PreparedResponses
from chatgptfree_mock.sites.recorded.token_memory import TokenMemory
from chatgptfree_mock.sites.recorded.token_replay import RefusedToken, token_replay
from chatgptfree_mock.sites.recorded.token_request import TokenRequest
from chatgptfree_mock.tape.header_syntax import invalid_names, with_line_breaks
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.matchers import is_same_path
from chatgptfree_mock.tape.matching import Candidate, Mismatch, collect, find, sites_of
from chatgptfree_mock.tape.model import Cassette, Request
from chatgptfree_mock.tape.own_addresses import AddressesSent
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions
from chatgptfree_mock.tape.request_key import RequestKey, decoded_path, first_segment
from chatgptfree_mock.tape.volatile_use import VolatileUse

Refuse = Callable[[RefusedToken], SiteReply | None]
"""Returns the site's own answer to a wrong token, if the refusal was not recorded; None if it is not known."""


class CassettePlayer(Site):
    """
    A site that answers from *cassettes*, and counts how often each interaction was replayed.

    *rules* returns the rules for a recorded request, before *options* change them; *path* returns its path on this
    site, by default the recorded one.  *memory* stores the tokens minted in place of recorded ones; without it recorded
    tokens are replayed unchanged.

    Raises:
        CassetteError: there is a memory, and a block `x-tokens` cannot act.
    """

    def __init__(
        self,
        cassettes: Sequence[Cassette],
        options: ReplayOptions = DEFAULT_OPTIONS,
        *,
        rules: Callable[[RequestKey], MatchRules] = lambda _: ANY_SITE,
        path: Callable[[RequestKey], str] = lambda key: key.path,
        memory: TokenMemory | None = None,
    ) -> None:
        self._options = options
        found = collect(cassettes, lambda key: options.rules(rules(key)))
        candidates = tuple(replace(each, key=_at(each.key, path(each.key))) for each in found)
        self._tokens = None if memory is None else token_replay(cassettes, candidates, memory)
        self._candidates = candidates if self._tokens is None else self._tokens.loosened(candidates)
        self._sites = sites_of(self._candidates)
        self._volatile = VolatileUse(options.volatile)
        for index, each in enumerate(self._candidates if self._volatile else ()):
            self._volatile.note(each.key, () if self._tokens is None else self._tokens.required_names(index))
        self._releases = recorded_releases(cassettes)
        self._played = [0] * len(self._candidates)
        self._not_sent = tuple(_not_sent(self._candidates))
        self._responses = PreparedResponses(self._candidates, options.rewrite, self._tokens)
        self._sent = None
        if options.rewrite != "off":
            self._sent = AddressesSent(candidate.interaction.request for candidate in self._candidates)
        self._paths = frozenset(_trimmed(candidate.key.path) for candidate in self._candidates)
        self._varying = tuple(candidate for candidate in self._candidates if candidate.rules.volatile.segments)
        """The candidates with a token in their path."""

    replays = True

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return the recorded paths, without a slash at the end."""
        return self._paths

    @property
    def recorded_releases(self) -> tuple[str, ...]:
        """Return the releases that the recordings name, each once."""
        return self._releases

    def warnings(self) -> tuple[str, ...]:
        """Return warnings, one line each: headers that cannot be sent, and options without effect so far."""
        return (*self._not_sent, *(() if self._tokens is None else self._tokens.warnings()))

    def outcomes(self) -> dict[str, str | None]:
        """Return the options by which requests are compared, each with the reason why it did not act, None: it did."""
        return self._volatile.outcomes()

    def has_field(self, name: str, value: str | None) -> bool:
        """Return whether any recorded request has *value* in its field *name*; None: the field is missing."""
        return any(candidate.key.field(name) == value for candidate in self._candidates)

    def has_path(self, path: str) -> bool:
        """Return whether a raw *path* was recorded; it may have another token, except as its first segment."""
        decoded = _trimmed(decoded_path(path))
        return decoded in self._paths or any(
            first_segment(decoded) == first_segment(each.key.path)
            and is_same_path(decoded, each.key.path, each.rules.volatile)
            for each in self._varying
        )

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer from the recording that fits; see `play`."""
        return self.play(request.as_recorded(), request.base_url, address=request.remote)

    def play(self, request: Request, base_url: str, *, address: str = "", refuse: Refuse = lambda _: None) -> SiteReply:
        """
        Answer *request* from the recording that fits.

        Where none fits, the answer is 404 and names the nearest recording and what differs.

        Args:
            request: the client's request.
            base_url: the address of the replayed site.
            address: the client's IP address, which identifies clients without cookies.
            refuse: answers a wrong token for which neither a response nor a status is recorded; by default with 403.
        """
        if self._sent is not None:
            request = self._sent.as_recorded(request, base_url)
        token_request = None if self._tokens is None else self._tokens.read(request, address)
        if self._volatile:
            required = () if self._tokens is None else self._tokens.required_names()
            self._volatile.note(RequestKey.from_request(request), required)
        found = self._found(request, token_request)
        if isinstance(found, int):
            recorded = (f"recorded: {self._candidates[found]}",)
            return self._answer(found, request, base_url, recorded, token_request, refuse)
        exhausted = not self._options.repeat and found.played
        if self._options.on_miss == "same-path":
            same = self._found(request, token_request, by_path=True)
            if isinstance(same, int):
                head = f"recorded: {self._candidates[same]}", "it differs from the recorded request:"
                why = (*head, *self._differences(same, found))
                return self._answer(same, request, base_url, why, token_request, refuse)
        if self._options.on_miss == "nearest" and found.nearest is not None and not exhausted:
            why = "played although it does not fit:", str(found)
            return self._answer(found.nearest, request, base_url, why, token_request, refuse)
        return _refusal(found)

    def _found(self, request: Request, token_request: TokenRequest | None, *, by_path: bool = False) -> int | Mismatch:
        repeat = self._options.repeat
        candidates = self._by_path if by_path else self._candidates
        if self._tokens is None or token_request is None:
            return find(request, candidates, played=self._played, sites=self._sites, repeat=repeat)
        return find(
            request,
            candidates,
            played=self._played,
            sites=self._sites,
            repeat=repeat,
            misfits=partial(self._tokens.misfits, request=token_request),
            key=token_request.key,
        )

    @cached_property
    def _by_path(self) -> tuple[Candidate, ...]:
        """The candidates for matching by method and path."""
        return tuple(replace(each, rules=each.rules.by_path()) for each in self._candidates)

    def _differences(self, index: int, found: Mismatch) -> list[str]:
        candidate = self._candidates[index]
        return candidate.rules.differences(found.key, candidate.key)

    def _answer(
        self,
        index: int,
        request: Request,
        base_url: str,
        why: tuple[str, ...],
        token_request: TokenRequest | None,
        refuse: Refuse,
    ) -> SiteReply:
        if self._tokens is not None and token_request is not None:
            refused = self._tokens.refused(index, token_request)
            if refused is not None:
                return self._refused(refused, request, base_url, token_request, refuse)
        self._played[index] += 1
        response = self._responses.of(index, request, base_url, token_request)
        return SiteReply(response=response, why=why, recorded=True, interaction=str(self._candidates[index]))

    def _refused(
        self, refused: RefusedToken, request: Request, base_url: str, token_request: TokenRequest, refuse: Refuse
    ) -> SiteReply:
        """Refuse a token with the recorded refusal, else with the site's own if that is known."""
        if refused.interaction is None:
            own = None if refused.declared else refuse(refused)
            if own is not None:
                own.why = (refused.why,)
                return own
            response = text_response(refused.refusal.status, refused.why)
            return SiteReply(response=response, why=(refused.why,), refused="nonce")
        self._played[refused.interaction] += 1
        response = self._responses.of(refused.interaction, request, base_url, token_request)
        why = refused.why, f"recorded: {self._candidates[refused.interaction]}"
        return SiteReply(response=response, why=why, recorded=True, refused="nonce")


def _not_sent(candidates: Iterable[Candidate]) -> Iterator[str]:
    """Yield a line for each response with headers that cannot be sent as they are."""
    for each in candidates:
        headers = each.interaction.response.headers
        if names := invalid_names(headers):
            yield f"{each}: not sent, as no header can have such a name: {_listed(names)}"
        if names := with_line_breaks(headers):
            yield f"{each}: sent with a blank for a line break in the value: {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{name[:40]!r}" for name in names)


def _at(key: RequestKey, path: str) -> RequestKey:
    return (
        key
        if path == key.path
        else dataclasses.replace(key, path=path, target=key.target.replace(key.target.partition("?")[0], path, 1))
    )


def _trimmed(path: str) -> str:
    return path.rstrip("/") or "/"


def _refusal(mismatch: Mismatch) -> SiteReply:
    return SiteReply(response=text_response(404, str(mismatch)), why=(str(mismatch),), unmatched=True)
