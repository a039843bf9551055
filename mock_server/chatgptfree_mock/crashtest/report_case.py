"""One case in the HTML report: the same for scenarios and for variants of a recording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.crashtest.results import CaseExchange, CaseResult
from chatgptfree_mock.crashtest.text_difference import TextPart, differences, shortened

_NO_ANCHOR: Final = re.compile(r"\s+")


class ReportCase(msgspec.Struct, frozen=True, kw_only=True):
    """
    A case, or several with the same result.

    *name*: the scenario or the variant, and *group* its layer or family.  *where*: releases and chunks, in words.
    *grade*: of a variant, empty for a scenario.  *fails*: it counts against the client.  *wanted*: what was expected,
    in words.  *parts*: the printed text compared with the expected one, empty if they are alike.  *again*: the command
    that shows it again.  *anchors*: what links to it end with; see `linked`.
    """

    name: str
    group: str
    verdict: str
    title: str
    reason: str
    fails: bool
    where: str = ""
    grade: str = ""
    wanted: str = ""
    parts: Sequence[TextPart] = ()
    printed: str = ""
    stderr: str = ""
    exchanges: Sequence[CaseExchange] = ()
    source: str = ""
    note: str = ""
    again: str = ""
    anchors: Sequence[str] = ()


class CaseGroup(msgspec.Struct, frozen=True, kw_only=True):
    """*cases* with one *verdict* and one *cause*, and the number of *results* that they represent."""

    verdict: str
    cause: str
    results: int
    cases: Sequence[ReportCase]


class ByteMark(msgspec.Struct, frozen=True, kw_only=True):
    """A *place* on the line of an answer's bytes, in percent, with a *label*."""

    place: float
    label: str


def compared(wanted: str, got: str) -> list[TextPart]:
    """
    Return the differences of *got* from *wanted*; empty if there are none.

    One line end at the end of *got*, as programs print it, does not count.
    """
    for end in ("", "\n", "\r\n"):
        if got == wanted + end:
            return []
    if not wanted.endswith("\n"):
        got = got.removesuffix("\r\n" if got.endswith("\r\n") else "\n")
    return shortened(differences(wanted, got))


def case_of(result: CaseResult) -> ReportCase:
    """Return the case in the report for a *result*, without the parts that depend on its kind."""
    return ReportCase(
        name=result.name,
        group=result.group,
        verdict=str(result.verdict),
        title=result.reason,
        reason=result.reason,
        fails=result.counts_against,
        printed=result.printed,
        stderr=result.stderr,
        exchanges=result.exchanges,
        note=result.note,
        again=result.again,
    )


def anchor(*words: str) -> str:
    """Return the name of a place in the report: *words* joined, without white space (HTML 3.2.6.1)."""
    return _NO_ANCHOR.sub("-", "/".join(words))


def length(exchange: CaseExchange) -> int:
    """Return how many bytes the line of *exchange* is long: those that went out, or up to the last fault."""
    return max(sum(exchange.chunks), *(offset for _, offset in exchange.faults), 1)


def chunk_boxes(exchange: CaseExchange) -> list[tuple[float, float, int]]:
    """Return where each chunk begins on the line and how wide it is, in percent, and its size in bytes."""
    whole, at = length(exchange), 0
    boxes: list[tuple[float, float, int]] = []
    for size in exchange.chunks:
        boxes.append((100 * at / whole, 100 * size / whole, size))
        at += size
    return boxes


def marks(exchange: CaseExchange) -> list[ByteMark]:
    """Return marks where faults were applied, and where an answer ended early."""
    whole = length(exchange)
    found = [
        ByteMark(place=100 * max(offset, 0) / whole, label=f"{name} at byte {offset}" if offset >= 0 else name)
        for name, offset in exchange.faults
    ]
    if exchange.ended != "complete":
        found.append(
            ByteMark(place=100 * sum(exchange.chunks) / whole, label=f"{exchange.ended} at byte {sum(exchange.chunks)}")
        )
    return found


def linked(cases: Iterable[ReportCase], taken: set[str]) -> list[ReportCase]:
    """
    Return *cases* with anchors that no other has; the name of several leads to the first of them.

    *taken*: the anchors that are in use, to which theirs are added.
    """
    found = []
    for case in cases:
        free = [name for name in dict.fromkeys([anchor(case.name), *case.anchors]) if name not in taken]
        taken.update(free)
        found.append(replace(case, anchors=free))
    return found


def grades(cases: Iterable[ReportCase]) -> list[str]:
    """Return all grades of *cases*, in order."""
    return sorted({case.grade for case in cases} - {""})
