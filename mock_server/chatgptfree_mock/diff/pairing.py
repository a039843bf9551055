"""
Pair the interactions of two recordings.

First those with the same place (the same file in two folders), then the rest by what was asked.  Path and action must
agree, apart from the folder that the site is in, doubled slashes and `..`; of what is left, pages with a chat belong
together.  Of several, those belong together that had the same outcome: status and kind of end decide first, then the
message and the other fields, then whether the response holds the same, then the order in which they were asked.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from posixpath import normpath
from typing import Final

import msgspec
from msgspec import structs

from chatgptfree_mock.contract.page_marks import ANY_PAGE, PageMarks
from chatgptfree_mock.diff.comparison import (
    Body,
    body_of,
    compare_cuts,
    compare_requests,
    compare_responses,
    request_shape,
)
from chatgptfree_mock.diff.events import EventStream
from chatgptfree_mock.diff.findings import ComparedPair, Diff, Finding, changed
from chatgptfree_mock.diff.masking import masked
from chatgptfree_mock.diff.pages import ComparedPage
from chatgptfree_mock.diff.shapes import Shape
from chatgptfree_mock.tape.match_rules import MatchRules
from chatgptfree_mock.tape.matching import Candidate, RulesFor, collect
from chatgptfree_mock.tape.model import Cassette, Interaction, Response
from chatgptfree_mock.tape.request_key import RequestFields

ResultWords = Callable[[Interaction, Sequence[Interaction]], str]
"""Describes a client's result for an interaction of a recording in a few words; empty if unknown."""
_NOTHING: Final = "can do nothing with it"
_SLASHES: Final = re.compile("/{2,}")


class _Side(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Candidate
    root: str
    """The folder that the site is in, empty if it is at the root."""
    path: str
    action: str
    outcome: tuple[object, ...]
    """Status and kind of end, which decide first between several."""
    lasting: tuple[object, ...]
    """The parts of the request, the most important first."""
    holds: object
    """The response's own kind of content, which decides between several that were asked in the same way."""
    has_chats: bool = False
    """Whether the response is a page with a chat."""
    recorded: Sequence[Interaction] = ()
    """All of the same recording."""
    order: int = 0
    """The number of equal requests before it."""


def compare(
    before: Sequence[Cassette],
    after: Sequence[Cassette],
    *,
    judge: ResultWords | None = None,
    rules: RulesFor | None = None,
    marks: PageMarks = ANY_PAGE,
) -> Diff:
    """
    Pair the interactions of two recordings and report what differs; each cassette's `path` is its name in reports.

    *rules* returns the match rules for a request, which name the fields that vary between sessions; by default any
    site's.  *marks* describe the site's pages.
    """
    old, new = _sides(before, rules, marks), _sides(after, rules, marks)
    paired = _pair(old, new, same_place=len(before) > 1 or len(after) > 1)
    partners = {pair[1] for pair in paired}
    return Diff(
        pairs=tuple(_compare(old[first], new[second], judge, marks) for first, second in sorted(paired)),
        only_before=tuple(
            _candidate_line(side) for index, side in enumerate(old) if index not in {pair[0] for pair in paired}
        ),
        only_after=tuple(_candidate_line(side) for index, side in enumerate(new) if index not in partners),
    )


def _sides(cassettes: Sequence[Cassette], rules: RulesFor | None, marks: PageMarks) -> list[_Side]:
    candidates = collect(cassettes, rules)
    root = _root(candidates, marks.endpoint)
    before: Counter[object] = Counter()
    recorded: dict[str, list[Interaction]] = {}
    sides = []
    for each in candidates:
        recorded.setdefault(each.file, []).append(each.interaction)
        side = _side(each, root, marks)
        question = (side.path, side.action, side.lasting)
        sides.append(structs.replace(side, order=before[question], recorded=recorded[each.file]))
        before[question] += 1
    return sides


def _root(candidates: Sequence[Candidate], endpoint: str) -> str:
    """Return the folder that a site is in, as most requests of its *endpoint* name it."""
    paths = [path for each in candidates if endpoint and (path := _normalized(each.key.path)).endswith(endpoint)]
    return Counter(paths).most_common(1)[0][0].removesuffix(endpoint) if paths else ""


def _normalized(path: str) -> str:
    """Return *path* without doubled slashes, `.` and `..` (RFC 3986, 5.2.4), and a slash at its end."""
    return normpath(_SLASHES.sub("/", path) or "/")


def _below(root: str, path: str) -> str:
    """Return the part of *path* below the folder *root*, or *path* itself if it lies outside."""
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def _side(candidate: Candidate, root: str, marks: PageMarks) -> _Side:
    key = dataclasses.replace(candidate.key, path=_below(root, _normalized(candidate.key.path)))
    lasting = (
        key.method,
        *map(key.field, marks.question),
        _lasting(key.query, candidate.rules),
        _lasting(key.form, candidate.rules),
        request_shape(candidate.interaction.request),
    )
    body = body_of(candidate.interaction.response, marks)
    return _Side(
        candidate=candidate,
        root=root,
        path=key.path,
        action=key.field("action") or "",
        outcome=_outcome(candidate.interaction.response, body),
        lasting=lasting,
        holds=_content(body),
        has_chats=isinstance(body.holds, ComparedPage) and bool(body.holds.chats),
    )


def _outcome(response: Response, body: Body) -> tuple[object, ...]:
    """Return the status, how the response ended, what kind of body it has, and what is last in a stream."""
    last = (body.holds.last, bool(body.holds.tail.strip())) if isinstance(body.holds, EventStream) else ()
    return (response.status, response.end, body.what, response.header("Content-Type"), last)


def _content(body: Body) -> object:
    """Return what two responses of the same kind have in common, values apart."""
    match body.holds:
        case EventStream() as stream:
            return (stream.order, stream.padding, stream.shapes())
        case Shape() as shape:
            return shape
        case ComparedPage() as page:
            return {name: list(element.attributes) for name, element in page.chats.items()}
        case text:
            return masked(text)


def _lasting(fields: RequestFields, rules: MatchRules) -> RequestFields:
    return tuple(sorted((name, value) for name, value in fields if not rules.volatile.has(name)))


def _pair(old: list[_Side], new: list[_Side], *, same_place: bool) -> list[tuple[int, int]]:
    paired: list[tuple[int, int]] = []
    free_old, free_new = dict(enumerate(old)), dict(enumerate(new))
    keys = [lambda side: (side.candidate.file, side.path, side.action)] if same_place else []
    for key in (*keys, lambda side: (side.path, side.action)):
        found = _nearest(free_old, free_new, key)
        paired += found
        for first, second in found:
            del free_old[first], free_new[second]
    return paired + _nearest(_pages(free_old), _pages(free_new), lambda _: ())


def _pages(sides: dict[int, _Side]) -> dict[int, _Side]:
    return {index: side for index, side in sides.items() if side.has_chats}


def _nearest(
    old: dict[int, _Side], new: dict[int, _Side], key: Callable[[_Side], tuple[str, ...]]
) -> list[tuple[int, int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, side in new.items():
        groups.setdefault(key(side), []).append(index)
    candidates = [
        (_distance(side, new[other]), index, other)
        for index, side in old.items()
        for other in groups.get(key(side), ())
    ]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, index, other in sorted(candidates):
        if index not in found and other not in taken:
            found[index] = other
            taken.add(other)
    return list(found.items())


def _distance(one: _Side, other: _Side) -> tuple[int, list[bool], int, list[bool], bool, int]:
    outcome = [mine != theirs for mine, theirs in zip(one.outcome, other.outcome, strict=True)]
    missed = [mine != theirs for mine, theirs in zip(one.lasting, other.lasting, strict=True)]
    return sum(outcome), outcome, sum(missed), missed, one.holds != other.holds, abs(one.order - other.order)


def _compare(before: _Side, after: _Side, judge: ResultWords | None, marks: PageMarks) -> ComparedPair:
    old, new = before.candidate.interaction, after.candidate.interaction
    found = changed("request", "path", before.path, after.path, note=True)
    found += compare_requests(old.request, new.request)
    found += compare_responses(_without_root(old.response, before.root), _without_root(new.response, after.root), marks)
    found += compare_cuts(old.response, new.response)
    if judge is not None:
        found += _judged(judge(old, before.recorded), judge(new, after.recorded))
    return ComparedPair(
        before=str(before.candidate), after=str(after.candidate), request=_request_line(before), findings=tuple(found)
    )


def _without_root(response: Response, root: str) -> Response:
    """Return *response* without the folder that the site is in: where a site is does not count as a difference."""
    if not root:
        return response
    there = re.compile("|".join(re.escape(each) + r"(?![\w-])" for each in (root, root.replace("/", r"\/"))))
    headers = tuple((name, there.sub("", value)) for name, value in response.headers)
    body = there.sub("", response.body.decode(errors="surrogateescape")).encode(errors="surrogateescape")
    return structs.replace(response, headers=headers, body=body, chunks=())


def _judged(before: str, after: str) -> Iterable[Finding]:
    if before != after:
        yield from changed("client", "the reference client", before or _NOTHING, after or _NOTHING)


def _candidate_line(side: _Side) -> str:
    return f"{side.candidate}: {_request_line(side)}"


def _request_line(side: _Side) -> str:
    return f"{side.candidate.key.method} {side.path} {side.action}".rstrip()
