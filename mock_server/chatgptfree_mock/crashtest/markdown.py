"""The result as Markdown: for the summary page of a CI job, or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chatgptfree_mock.crashtest.grouping import by_cause, listed
from chatgptfree_mock.crashtest.results import Card, Score

_SPECIAL: Final = re.compile(r"([\\`*_\[\]#|~<>&])")
"""Characters with a meaning inside a paragraph (GitHub Flavored Markdown, sections 2.4 and 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Cases that failed alike: their *verdict*, *names* and *reason*, and a command that repeats one (*again*)."""

    verdict: str
    names: Sequence[str]
    reason: str
    again: str


def render(card: Card) -> str:
    """Return the summary of a crash test with scenarios."""
    failures = [
        FailureGroup(
            verdict=str(group.verdict), names=group.scenarios, reason=group.cause, again=group.results[0].reproduce
        )
        for group in by_cause(card.failures)
    ]
    ran = "" if card.planned is None else f"Interrupted: {len(card.results)} of {card.planned} cases were run."
    return summary(card.client, card.scores, failures, note=ran)


def summary(client: str, scores: Sequence[Score], failures: Sequence[FailureGroup], *, note: str = "") -> str:
    """
    Return Markdown with both *scores* and the *failures* of a *client*, in the order given.

    *note*: a paragraph before them; empty for none.  No text of the client or the site can act as markup.
    """
    lines = ["## Crash test", "", _code(client), ""]
    lines += [_escaped(note), ""] if note else []
    lines += ["| | right | of |", "|---|--:|--:|"]
    lines += [f"| {score.name} | {score.right} | {score.of} |" for score in scores]
    lines += ["", "### What counts against it" if failures else "Nothing counts against it.", ""]
    for failure in failures:
        lines += [
            f"- **{failure.verdict}**: {_escaped(failure.reason)}  ",
            f"  {listed([*map(_code, failure.names)])}",
            "",
        ]
        lines += [*_block(failure.again), ""]
    return "\n".join(lines).rstrip() + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Return *text* as a code span, whose fence is longer than any run of backticks in it (GFM, section 6.3)."""
    line = " ".join(text.split())
    fence = "`" * (_longest_run(line) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def _block(text: str) -> list[str]:
    fence = "`" * max(3, _longest_run(text) + 1)
    return [f"  {line}" for line in (f"{fence}sh", *text.splitlines(), fence)]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
