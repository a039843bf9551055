"""
The result as one HTML file without outside assets: to be read on a phone, printed, or attached to a bug report.

Both crash tests fill the same templates with the same values.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chatgptfree_mock.crashtest.advice import advice
from chatgptfree_mock.crashtest.grouping import Group, clip
from chatgptfree_mock.crashtest.report_case import CaseGroup, ReportCase, anchor, chunk_boxes, grades, linked, marks
from chatgptfree_mock.crashtest.results import CaseResult, ScoreCard
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.crashtest.terminal_lines import last_lines, timeline
from chatgptfree_mock.crashtest.text_difference import visible

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

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
R = TypeVar("R", bound=CaseResult)
_PACKAGE: Final = "chatgptfree_mock.crashtest"


def render(
    card: ScoreCard[R],
    groups: Sequence[Group[R]],
    cases_of: Callable[[Sequence[R]], list[ReportCase]],
    *,
    facts: RunFacts | None,
    about: Sequence[tuple[str, str]],
    problem: str = "",
    **values: Any,
) -> bytes:
    """
    Return the report of *card* with the one script that its policy allows (CSP Level 3, 2.3.1).

    *groups*: its failures.  *cases_of*: makes the cases of results.  *facts*: of the run, None to leave them out.
    *about*: more names and texts at the top.  *problem*: why there is no judgement, if so.  *values*: what the
    two crash tests make in different ways, by the names in the templates.
    """
    script = (files(_PACKAGE) / "report.js").read_text(encoding="utf-8")
    taken: set[str] = set()
    failing = [_case_group(group, linked(cases_of(group.results), taken)) for group in groups]
    others = linked(cases_of([result for result in card.results if not result.counts_against]), taken)
    cases = [*(case for group in failing for case in group.cases), *others]
    text = _template().render(
        card=card,
        alerts=[
            *([f"Not judged: {problem}"] if problem else []),
            *([f"Interrupted: {card.unfinished}."] if card.unfinished else []),
        ],
        about=[*([] if facts is None else facts.rows()), *about],
        scores=card.scores,
        script=_our_own(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        failing=failing,
        others=others,
        grades=grades(cases),
        group_names=list(dict.fromkeys(case.group for case in cases)),
        quiet=QUIET,
        **values,
    )
    return text.encode()


def _case_group(group: Group[R], cases: Sequence[ReportCase]) -> CaseGroup:
    return CaseGroup(verdict=str(group.verdict), cause=group.cause, results=len(group.results), cases=cases)


def _our_own(script: str) -> Markup:
    """Return a *script* of this package as text that needs no escaping."""
    from markupsafe import Markup

    return Markup(script)  # noqa: S704 - not a user's


def _code(text: str) -> Markup:
    """Return *text*, escaped, with what it has in backticks as code."""
    from markupsafe import Markup

    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text)))  # noqa: S704 - it is escaped


def _template() -> Template:
    """Return the template of the report with all that it calls."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # slow to import

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
        code=_code,
        timeline=timeline,
        last_lines=last_lines,
        visible=visible,
        boxes=chunk_boxes,
        marks=marks,
        anchor=anchor,
        slug=lambda verdict: str(verdict).replace(" ", "-"),
        mark=lambda verdict: _MARKS[str(verdict)],
    )
    return environment.get_template("report.html.j2")
