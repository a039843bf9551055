"""The result of a crash test of scenarios as documents: HTML and Markdown for people, JUnit XML for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from chatgptfree_mock.crashtest import html_report
from chatgptfree_mock.crashtest import junit as xml
from chatgptfree_mock.crashtest import markdown as md
from chatgptfree_mock.crashtest.report_case import ReportCase, anchor, case_of, compared
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.scenarios.grouping import by_cause, expected
from chatgptfree_mock.crashtest.scenarios.regressions import TurningPoint
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import RULES, Verdict

_RELEASES_NAMED: Final = 3


def junit(card: Card) -> bytes:
    """Return the XML of *card*."""
    return xml.render(card)


def markdown(card: Card) -> bytes:
    """Return the summary of *card* as Markdown."""
    return md.render(card, by_cause(card.failures)).encode()


def html(card: Card, points: Sequence[TurningPoint], facts: RunFacts | None = None) -> bytes:
    """
    Return the report of *card*; the matrix scenarios x releases is drawn where more than one release was run.

    *points*: since when scenarios fail.  *facts*: of the run, None to leave them out.
    """
    releases = list(dict.fromkeys(result.plugin for result in card.results))
    given = [verdict for verdict in Verdict if card.counts[verdict] or verdict is Verdict.RIGHT]
    aside = by_cause(result for result in card.results if result.verdict is Verdict.NOT_APPLICABLE)
    return html_report.render(
        card,
        by_cause(card.failures),
        _cases,
        facts=facts,
        about=[("Releases", _release_range(releases))],
        counts=[(verdict, card.counts[verdict]) for verdict in Verdict],
        group_name="layer",
        columns=given,
        table=_layers(card, given),
        sums=[card.counts[verdict] for verdict in given],
        matrix=_matrix(card),
        points=points,
        lists=[
            ("Not applicable", [f"{group.cause}: {', '.join(group.names)}" for group in aside]),
            ("Right, with a note", [f"{_place(each)}: {each.note}" for each in card.results if each.note]),
            ("Without effect", [f"{_place(each)}: {'; '.join(each.unused)}" for each in card.results if each.unused]),
            ("How a client is judged", RULES),
        ],
    )


def _cases(results: Sequence[Result]) -> list[ReportCase]:
    """Return one case for all releases on which a scenario ends in the same way."""
    alike: dict[tuple[str, str, Verdict], list[Result]] = {}
    for result in results:
        alike.setdefault((result.scenario, result.chunks, result.verdict), []).append(result)
    return [_case(group) for group in alike.values()]


def _case(alike: Sequence[Result]) -> ReportCase:
    first = alike[0]
    releases = _release_range([result.plugin for result in alike])
    return replace(
        case_of(first),
        title=first.title,
        where=f"· {releases} · {first.chunks}",
        wanted=expected(first),
        parts=compared(first.expected, first.printed) if first.counts_against else (),
        anchors=[anchor(*result.key) for result in alike],
    )


def _release_range(releases: Sequence[str]) -> str:
    """Return *releases* in words: all of a few, else how many from which to which."""
    if len(releases) <= _RELEASES_NAMED:
        return ", ".join(releases)
    return f"{len(releases)} releases from {releases[0]} to {releases[-1]}"


def _place(result: Result) -> str:
    return f"{result.scenario} · {result.plugin} · {result.chunks}"


def _layers(card: Card, verdicts: Sequence[Verdict]) -> list[tuple[str, list[int]]]:
    """Return each layer with the number of its cases for each of *verdicts*."""
    layers = dict.fromkeys(result.group for result in card.results)
    parts = [(layer, Card(client="", results=[r for r in card.results if r.group == layer])) for layer in layers]
    return [(layer, [part.counts[verdict] for verdict in verdicts]) for layer, part in parts]


def _matrix(card: Card) -> dict[str, Any] | None:
    plugins = list(dict.fromkeys(result.plugin for result in card.results))
    rows: dict[str, dict[str, Result]] = {}
    for result in card.results:
        cells = rows.setdefault(result.scenario, {})
        worst = cells.get(result.plugin)
        if worst is None or not worst.counts_against:
            cells[result.plugin] = result
    if max((len(cells) for cells in rows.values()), default=0) < 2:
        return None
    return {"plugins": plugins, "rows": rows}
