"""
The result as one HTML file without outside assets: to be read on a phone, printed, or attached to a bug report.

Both crash tests fill the same templates with the same values; `render` does it for scenarios.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

from chatgptfree_mock.crashtest.advice import advice
from chatgptfree_mock.crashtest.grouping import by_cause, clip, expected
from chatgptfree_mock.crashtest.regressions import TurningPoint
from chatgptfree_mock.crashtest.report_case import (
    CaseGroup,
    ReportCase,
    anchor,
    case_of,
    chunk_boxes,
    compared,
    grades,
    linked,
    marks,
)
from chatgptfree_mock.crashtest.results import Card, CaseResult, Result, ScoreCard
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.terminal_lines import last_lines, timeline
from chatgptfree_mock.crashtest.text_difference import visible
from chatgptfree_mock.crashtest.verdict import RULES, Verdict

QUIET: Final = ("right", "recovered", "whole", "undetectable", "not offered", "not applicable")
"""Verdicts whose cases are hidden at first, where others fail."""
_MARKS = {
    Verdict.RIGHT: "✓",
    Verdict.WRONG: "✗",
    Verdict.SILENT_LOSS: "–",
    Verdict.DISGUISED_ERROR: "?",
    Verdict.CRASH: "!",
    Verdict.HANG: "…",
    Verdict.STORM: "≫",
    Verdict.NEVER_ASKED: "∅",
    Verdict.NOT_INTERCEPTED: "∅",
    Verdict.NOT_APPLICABLE: "·",
}
"""Marks that distinguish verdicts on paper without colours."""
_PACKAGE: Final = "chatgptfree_mock.crashtest"
_RELEASES_NAMED: Final = 3


def render(card: Card, points: Sequence[TurningPoint], facts: RunFacts | None = None) -> str:
    """
    Return the report of *card*; the matrix scenarios x releases is drawn where more than one release was run.

    *points*: since when scenarios fail.  *facts*: of the run, None to leave them out.
    """
    releases = list(dict.fromkeys(result.plugin for result in card.results))
    given = [verdict for verdict in Verdict if card.counts[verdict] or verdict is Verdict.RIGHT]
    aside = by_cause(result for result in card.results if result.verdict is Verdict.NOT_APPLICABLE)
    return fill(
        card=card,
        alerts=alerts(card),
        about=[*([] if facts is None else facts.rows()), ("Releases", _named(releases))],
        scores=card.scores,
        counts=[(verdict, card.counts[verdict]) for verdict in Verdict],
        group_name="layer",
        columns=given,
        table=_layers(card, given),
        sums=[card.counts[verdict] for verdict in given],
        matrix=_matrix(card),
        points=points,
        failing=[
            CaseGroup(
                verdict=str(each.verdict), cause=each.cause, results=len(each.results), cases=_cases(each.results)
            )
            for each in by_cause(card.failures)
        ],
        others=_cases([result for result in card.results if not result.counts_against]),
        lists=[
            ("Not applicable", [f"{group.cause}: {', '.join(group.names)}" for group in aside]),
            ("Right, with a note", [f"{_place(each)}: {each.note}" for each in card.results if each.note]),
            ("Without effect", [f"{_place(each)}: {'; '.join(each.unused)}" for each in card.results if each.unused]),
            ("How a client is judged", RULES),
        ],
    )


def alerts(card: ScoreCard[CaseResult]) -> list[str]:
    """Return a line about a run that was interrupted."""
    return [f"Interrupted: {card.unfinished}."] if card.unfinished else []


def fill(**values: Any) -> str:
    """Return the report filled with *values*, and with the one script that its policy allows (CSP Level 3, 2.3.1)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # slow to import
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader(_PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["advice"] = advice
    environment.filters.update(
        clip=clip,
        timeline=timeline,
        last_lines=last_lines,
        visible=visible,
        boxes=chunk_boxes,
        marks=marks,
        anchor=anchor,
        slug=lambda verdict: str(verdict).replace(" ", "-"),
        mark=_MARKS.__getitem__,
    )
    script = Markup((files(_PACKAGE) / "report.js").read_text(encoding="utf-8"))  # noqa: S704 - our own file
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    taken: set[str] = set()
    failing = [replace(group, cases=linked(group.cases, taken)) for group in values.pop("failing")]
    others = linked(values.pop("others"), taken)
    cases = [*(case for group in failing for case in group.cases), *others]
    return environment.get_template("report.html.j2").render(
        script=script,
        script_hash=script_hash,
        failing=failing,
        others=others,
        grades=grades(cases),
        group_names=list(dict.fromkeys(case.group for case in cases)),
        quiet=QUIET,
        **values,
    )


def _cases(results: Sequence[Result]) -> list[ReportCase]:
    """Return one case for all releases on which a scenario ends in the same way."""
    alike: dict[tuple[str, str, Verdict], list[Result]] = {}
    for result in results:
        alike.setdefault((result.scenario, result.chunks, result.verdict), []).append(result)
    return [_case(group) for group in alike.values()]


def _case(alike: Sequence[Result]) -> ReportCase:
    first = alike[0]
    releases = _named([result.plugin for result in alike])
    return replace(
        case_of(first),
        title=first.title,
        where=f"· {releases} · {first.chunks}",
        wanted=expected(first),
        parts=compared(first.expected, first.printed) if first.counts_against else (),
        anchors=[anchor(*result.key) for result in alike],
    )


def _named(releases: Sequence[str]) -> str:
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
