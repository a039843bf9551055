"""The result as one HTML file without outside assets: to be read on a phone, printed, or attached to a bug report."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chatgptfree_mock.crashtest.grouping import by_cause, clip, expected
from chatgptfree_mock.crashtest.regressions import TurningPoint
from chatgptfree_mock.crashtest.results import Card, Result
from chatgptfree_mock.crashtest.terminal_report import last_lines, timeline
from chatgptfree_mock.crashtest.verdict import RULES, Verdict

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
_SCRIPT = Markup(
    'addEventListener("beforeprint", () => '
    'document.querySelectorAll("details").forEach((one) => { one.open = true; }));'
)
"""The only script of the report; the policy allows it by its hash (CSP Level 3, 2.3.1), and no other."""


def render(card: Card, turns: Sequence[TurningPoint]) -> str:
    """Return the report of *card*; the matrix scenarios x releases is drawn where more than one release was run."""
    return fill(
        "report.html.j2",
        card=card,
        total=len(card.results),
        rules=RULES,
        scores=card.scores,
        counts=[(verdict, card.counts[verdict]) for verdict in Verdict],
        layers=_layers(card),
        matrix=_matrix(card),
        turns=turns,
        groups=[(group, _once(group.results)) for group in by_cause(card.failures)],
        aside=by_cause(result for result in card.results if result.verdict is Verdict.NOT_APPLICABLE),
        notes=[result for result in card.results if result.note],
        unused=[result for result in card.results if result.unused],
    )


def fill(template: str, **values: Any) -> str:
    """Return a *template* of this package filled with *values*, and with the one script that its policy allows."""
    environment = Environment(
        loader=PackageLoader("chatgptfree_mock.crashtest", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clip=clip,
        expected=expected,
        timeline=timeline,
        last_lines=last_lines,
        slug=lambda verdict: str(verdict).replace(" ", "-"),
        mark=_MARKS.__getitem__,
    )
    script_hash = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return environment.get_template(template).render(script=_SCRIPT, script_hash=script_hash, **values)


def _once(failures: Sequence[Result]) -> list[tuple[Result, int]]:
    """Return one failure for all releases on which a scenario ends in the same way, and how many those are."""
    groups: dict[tuple[str, str, Verdict], list[Result]] = {}
    for result in failures:
        groups.setdefault((result.scenario, result.chunks, result.verdict), []).append(result)
    return [(group[0], len(group)) for group in groups.values()]


def _layers(card: Card) -> list[tuple[str, list[int]]]:
    layers = dict.fromkeys(result.layer for result in card.results)
    parts = [(layer, Card(client="", results=[r for r in card.results if r.layer == layer])) for layer in layers]
    return [(layer, [part.counts[verdict] for verdict in Verdict]) for layer, part in parts]


def _matrix(card: Card) -> dict[str, Any] | None:
    plugins = list(dict.fromkeys(result.plugin for result in card.results))
    rows: dict[str, dict[str, Result]] = {}
    for result in card.results:
        cells = rows.setdefault(result.scenario, {})
        worst = cells.get(result.plugin)
        if worst is None or not worst.verdict.counts_against:
            cells[result.plugin] = result
    if max((len(cells) for cells in rows.values()), default=0) < 2:
        return None
    return {"plugins": plugins, "rows": rows}
