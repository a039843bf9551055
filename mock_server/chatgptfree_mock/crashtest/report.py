"""
The result as one HTML file without outside assets: to be read on a phone, printed, or attached to a bug report.

Both crash tests fill the same templates with the same values.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

from chatgptfree_mock.crashtest.advice import advice
from chatgptfree_mock.crashtest.grouping import clip
from chatgptfree_mock.crashtest.report_case import (
    anchor,
    chunk_boxes,
    grades,
    linked,
    marks,
)
from chatgptfree_mock.crashtest.results import CaseResult, ScoreCard
from chatgptfree_mock.crashtest.terminal_lines import last_lines, timeline
from chatgptfree_mock.crashtest.text_difference import visible

QUIET: Final = ("right", "recovered", "whole", "undetectable", "not offered", "not applicable")
"""Verdicts whose cases are hidden at first, where others fail."""
_MARKS: Final = {
    "right": "✓",
    "wrong": "✗",
    "silent loss": "–",
    "disguised error": "?",
    "crash": "!",
    "hang": "…",
    "storm": "≫",
    "never asked": "∅",
    "not intercepted": "∅",
    "not applicable": "·",
}
"""Marks that distinguish verdicts on paper without colours."""
_PACKAGE: Final = "chatgptfree_mock.crashtest"


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
        mark=lambda verdict: _MARKS[str(verdict)],
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
