"""The result as Markdown: for the summary page of a CI job, or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from chatgptfree_mock.crashtest.grouping import Group, listed
from chatgptfree_mock.crashtest.results import CaseResult, Score, ScoreCard

R = TypeVar("R", bound=CaseResult)
_SPECIAL: Final = re.compile(r"([\\`*_\[\]#|~<>&])")
"""Characters with a meaning inside a paragraph (GitHub Flavored Markdown, sections 2.4 and 6)."""


def render(
    card: ScoreCard[R], failures: Sequence[Group[R]], *, other_scores: Sequence[Score] = (), problem: str = ""
) -> str:
    """
    Return Markdown with both scores of *card*, and its *failures* in the order given.

    *other_scores*: after them.  *problem*: why there is no judgement, if so.  No text of the client or the site can act
    as markup.
    """
    note = problem or (f"Interrupted: {card.unfinished}." if card.unfinished else "")
    lines = ["## Crash test", "", _code(card.client), ""]
    lines += [_escaped(note), ""] if note else []
    lines += ["| | right | of |", "|---|--:|--:|"]
    lines += [f"| {score.name} | {score.right} | {score.of} |" for score in (*card.scores, *other_scores)]
    lines += ["", "### What counts against it" if failures else "Nothing counts against it.", ""]
    for failure in failures:
        lines += [
            f"- **{failure.verdict}**: {_escaped(failure.cause)}  ",
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
