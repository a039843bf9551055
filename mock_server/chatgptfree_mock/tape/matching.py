"""
Find the recorded answer to a request; if there is none, the nearest one and its differences.

This module keeps no state: the player of a cassette counts the plays and passes the counts in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.tape.hidden_values import given_by, hidden_places, may_hide
from chatgptfree_mock.tape.match_rules import ANY_SITE, MatchRules
from chatgptfree_mock.tape.matchers import label, matcher
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.selecting_headers import named_in_vary

RulesFor = Callable[[RequestKey], MatchRules]
"""From a recorded request to the rules by which it is found."""
_DIFFERENCES_SHOWN: Final = 4


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction of a cassette, ready to be compared."""

    file: str
    number: int
    """From 1."""
    interaction: Interaction
    key: RequestKey
    rules: MatchRules = ANY_SITE

    def __str__(self) -> str:
        """Name it as reports do."""
        return f"{self.file} #{self.number}"


def collect(cassettes: Iterable[Cassette], rules: RulesFor | None = None) -> tuple[Candidate, ...]:
    """
    Make the interactions of *cassettes* ready to be compared, in order; by default any site's rules hold.

    What redaction has hidden in a request is not compared, unless an earlier response gives it out.
    """
    cassettes = tuple(cassettes)
    found: list[Candidate] = []
    given, unread = set[str](), list[Response]()
    varies = named_in_vary(interaction.response for cassette in cassettes for interaction in cassette.interactions)
    for cassette in cassettes:
        for number, interaction in enumerate(cassette.interactions, 1):
            key = RequestKey.from_request(interaction.request).answered(interaction.response.status, varies)
            chosen = ANY_SITE if rules is None else rules(key)
            if may_hide(interaction.request):
                given.update(chain.from_iterable(map(given_by, unread)))
                unread.clear()
                hidden = hidden_places(interaction.request, key, given)
                chosen = replace(chosen, volatile=chosen.volatile.with_places(hidden)) if hidden else chosen
            file = cassette.path or "cassette"
            found.append(Candidate(file=file, number=number, interaction=interaction, key=key, rules=chosen))
            unread.append(interaction.response)
    return tuple(found)


def sites_of(candidates: Iterable[Candidate]) -> frozenset[str]:
    """Return the hosts that were recorded, as `RequestKey.site` names them."""
    return frozenset(candidate.key.site for candidate in candidates)


_NOT_VOLATILE: Final = frozenset({"method", "host", "path"})
_HINT: Final = (
    "leave it out of the comparison with `volatile` (--volatile), or play it for other requests too with "
    "`on_miss: same-path` (--on-miss same-path)"
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """How one word of the rules judged."""

    name: str
    differences: tuple[str, ...] = ()
    """None: it matched."""
    value: str = ""
    """What was asked for, where a word names it."""

    @property
    def reason(self) -> str | None:
        """Return the first difference, None for a match."""
        return self.differences[0] if self.differences else None


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """No recording answers: what was asked, the nearest there is, and which of its parts differ."""

    key: RequestKey
    nearest: int | None
    """The index of the nearest candidate; None: nothing is recorded."""
    name: str = ""
    """What reports call the nearest."""
    parts: tuple[Part, ...] = ()
    considered: int = 0
    cause: str = ""
    """Why it is not played although all parts fit."""
    played: bool = False
    """Whether that is because it was played already."""

    def __str__(self) -> str:
        """Render the report that people read; control characters, and bytes that are not UTF-8, are escaped."""
        lines = [f"no recorded answer for {self.key.method} {self.key.path}"]
        if self.nearest is None:
            return escape(lines[0]) + "\nnothing is recorded"
        if self.cause:
            lines.append(self.cause)
        matched = sum(part.reason is None for part in self.parts)
        lines.append(f"nearest: {self.name} ({matched} of {len(self.parts)} matched)")
        width = max(len(part.name) for part in self.parts)
        for part in self.parts:
            lines += _part_lines(part, width)
        differing = {part.name for part in self.parts if part.reason is not None}
        if differing and not differing & _NOT_VOLATILE:
            lines.append(_HINT)
        return escape("\n".join(lines))

    def as_data(self) -> dict[str, object]:
        """Return the same as plain data, for JSON."""
        return {
            "request": f"{self.key.method} {self.key.path}",
            "nearest": self.name or None,
            "considered": self.considered,
            "cause": self.cause,
            "parts": [
                {"name": part.name, "differs": part.reason, "differences": list(part.differences), "value": part.value}
                for part in self.parts
            ],
        }


def _part_lines(part: Part, width: int) -> list[str]:
    if part.reason is None:
        return [f"  {part.name:<{width}} ok      {part.value}".rstrip()]
    shown = part.differences[:_DIFFERENCES_SHOWN]
    lines = [f"  {part.name:<{width}} differs {shown[0]}"]
    lines += [f"  {'':<{width}}         {words}" for words in shown[1:]]
    hidden = len(part.differences) - len(shown)
    return [*lines, f"  {'':<{width}}         … and {hidden} more"] if hidden else lines


def find(
    request: Request,
    candidates: Sequence[Candidate],
    *,
    played: Sequence[int] = (),
    sites: frozenset[str] = frozenset(),
    repeat: bool = True,
    misfits: Callable[[int], int] = lambda _: 0,
    key: RequestKey | None = None,
) -> int | Mismatch:
    """
    Return the index in *candidates* of the interaction that answers *request*, or why there is none.

    Of several that fit, the one wins that fits best, then the one that was played least (*played* counts per index),
    then the first; so a conversation that repeats a request gets its answers in turn.  *sites* are the recorded hosts,
    where the request's own host may name one of several; without *repeat*, each is played once.  *misfits* returns for
    an index what else does not fit although it is not compared, such as tokens; the least comes before all else.
    *key*: that of *request*, where it is there already.
    """
    key = RequestKey.from_request(request) if key is None else key
    key = key.for_sites(sites)

    def times(index: int) -> int:
        return played[index] if index < len(played) else 0

    fitting = [index for index, each in enumerate(candidates) if each.rules.fits(key, each.key)]
    if not fitting:
        left = [index for index in range(len(candidates)) if repeat or not times(index)]
        return _mismatch(key, candidates, left) if left else replace(_mismatch(key, candidates), played=not repeat)
    if len(fitting) == 1 and (repeat or not times(fitting[0])):
        return fitting[0]
    apart = {index: misfits(index) for index in fitting}
    least = min(apart.values())
    best = [index for index in fitting if apart[index] == least]
    if hosts := _ambiguous([candidates[index] for index in best], key):
        return _of_several_hosts(_mismatch(key, candidates, best), hosts)
    left = [index for index in fitting if repeat or not times(index)]
    if not left:
        cause = "each recording that fits was played already, and repeats are off"
        return replace(_mismatch(key, candidates, fitting, cause), played=True)

    def rank(index: int) -> tuple[int, tuple[int, ...], int]:
        return apart[index], candidates[index].rules.distance(key, candidates[index].key), times(index)

    return min(left, key=rank)


def _ambiguous(fitting: Sequence[Candidate], key: RequestKey) -> tuple[str, ...]:
    """Return the hosts if recordings of several fit a request that names none of them; else nothing."""
    hosts = dict.fromkeys(each.key.site for each in fitting if "site" in each.rules.must)
    return () if key.known_host or len(hosts) < 2 else tuple(hosts)


def _of_several_hosts(mismatch: Mismatch, hosts: Sequence[str]) -> Mismatch:
    """Return *mismatch* with the host as what differs, and what to do so that the request names one of *hosts*."""
    named = mismatch.key.site
    cause = (
        f"recorded from several hosts ({', '.join(hosts)}), and `Host: {named}` names none of them\n"
        f"send a header such as `Host: {hosts[0]}`, or use `intercept`, so that the client can ask the recorded hosts; "
        "or serve the recordings of one host alone"
    )
    differs = (f"recorded {' and '.join(map(repr, hosts))}   got {named!r}",)
    host = label("site")
    parts = tuple(replace(each, differences=differs) if each.name == host else each for each in mismatch.parts)
    return replace(mismatch, parts=parts, cause=cause)


def _mismatch(
    key: RequestKey, candidates: Sequence[Candidate], among: Sequence[int] | None = None, cause: str = ""
) -> Mismatch:
    def distance(index: int) -> tuple[int, int, int]:
        """Return how many words differ, the first of them (an earlier one is worse), and how many differences."""
        rules, recorded = candidates[index].rules, candidates[index].key
        found = [len(matcher(word)(key, recorded, rules.volatile)) for word in rules.must]
        first = next((place for place, count in enumerate(found) if count), len(found))
        return sum(map(bool, found)), -first, sum(found)

    indexes = range(len(candidates)) if among is None else among
    nearest = min(indexes, key=distance, default=None)
    if nearest is None:
        return Mismatch(key=key, nearest=None, considered=len(candidates))
    candidate = candidates[nearest]
    parts = tuple(
        part
        for part in (_part(word, key, candidate) for word in candidate.rules.must)
        if part.differences or part.name != "conditions"  # most recordings have none
    )
    return Mismatch(key=key, nearest=nearest, name=str(candidate), parts=parts, considered=len(candidates), cause=cause)


def _part(word: str, key: RequestKey, candidate: Candidate) -> Part:
    found = matcher(word)(key, candidate.key, candidate.rules.volatile)
    name = label(word)
    value = (key.field(name) or "") if word.startswith("field:") and not found else ""
    return Part(name=name, differences=found, value=value if len(value) <= 72 else f"{value[:72]}…")
