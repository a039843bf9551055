"""
The lines that the terminal reports of both crash tests have: one look for scenarios and for variants.

Failures are shown as their verdict, how many there are for which reason, then their names, then a command that repeats
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, TypeVar

from rich.console import Console
from rich.text import Text

from chatgptfree_mock.control_characters import escape, is_harmless
from chatgptfree_mock.crashtest.grouping import Group, listed
from chatgptfree_mock.crashtest.results import CaseExchange, CaseResult, ScoreCard

R = TypeVar("R", bound=CaseResult)
_COLOURS: Final = {
    "right": "green",
    "silent loss": "bold red",
    "disguised error": "bold red",
    "never asked": "bold red",
    "not intercepted": "bold red",
    "wrong": "red",
    "crash": "magenta",
    "hang": "yellow",
    "storm": "yellow",
    "not applicable": "dim",
}
"""The colours of verdicts, also those on variants, of which the worst come first after `right`."""
_CAUSES_SHOWN: Final = 3
_CHUNKS_SHOWN: Final = 12
_LINES_SHOWN: Final = 6
_LINE_SHOWN: Final = 200


def colour_of(verdict: StrEnum) -> str:
    """Return the colour of a *verdict* on a scenario or a variant."""
    return _COLOURS.get(verdict.value, "")


def badness(verdict: StrEnum) -> int:
    """Return a number that is the lower the worse the *verdict* of a failure is."""
    return list(_COLOURS).index(verdict.value)


def timeline(exchange: CaseExchange) -> str:
    """Return a line for one exchange: the sizes of its chunks, and how it ended."""
    sizes = [str(size) for size in exchange.chunks[:_CHUNKS_SHOWN]]
    if (more := len(exchange.chunks) - _CHUNKS_SHOWN) > 0:
        sizes.append(f"… {more} more")
    return f"{' | '.join(sizes) or 'nothing'} ({sum(exchange.chunks)} bytes), {exchange.ended}"


def last_lines(stderr: str) -> list[str]:
    """Return the last lines of a client's *stderr*, without control characters."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    cut = [line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}…" for line in lines[-_LINES_SHOWN:]]
    return ["".join(c if is_harmless(c) else "\N{REPLACEMENT CHARACTER}" for c in line) for line in cut]


def print_line(console: Console, line: Text) -> None:
    """Print *line* without wrapping it, control characters made visible."""
    shown = escape(line.plain)
    console.print(line if shown == line.plain else Text(shown), soft_wrap=True)


def clean(text: str) -> str:
    """Return *text* shortened to one line."""
    line = " ".join(text.split())
    shown = line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)


def lines_of_failures(groups: Sequence[Group[R]], detail: str = "") -> list[Text]:
    """Return the lines of *groups* of failures with one verdict; *detail* is printed after their names."""
    verdict = f"{groups[0].verdict}: "
    causes = [f"{len(group.results)} × {clean(group.cause)}" for group in groups[:_CAUSES_SHOWN]]
    if more := groups[_CAUSES_SHOWN:]:
        causes.append(f"{sum(len(group.results) for group in more)} more for other reasons (-v shows each)")
    head = Text.assemble((verdict, colour_of(groups[0].verdict)), causes[0])
    others = [Text(" " * len(verdict) + cause) for cause in causes[1:]]
    names = list(dict.fromkeys(name for group in groups for name in group.names))
    again = groups[0].again if groups[0].again.isprintable() else clean(groups[0].again)
    return [head, *others, Text(f"    {listed(names)}{detail}"), Text(f"    again: {again}")]


def print_failure(console: Console, result: CaseResult, where: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print a failed *result*, *where* it was, *rows* of a name and a text each, and the command to repeat it."""
    line = Text()
    line.append(f"{result.verdict}: ", style=colour_of(result.verdict))
    line.append(result.name, style="bold")
    line.append(where)
    print_line(console, line)
    for name, value in [("", result.reason), *rows, ("again", result.again)]:
        print_line(console, Text(f"    {name:<10} {value}"))
    console.print()


def stderr_rows(result: CaseResult) -> list[tuple[str, str]]:
    """Return the last lines of stderr as rows of `print_failure`."""
    return [("stderr" if not place else "", line) for place, line in enumerate(last_lines(result.stderr))]


def notes(results: Sequence[CaseResult]) -> list[Text]:
    """Return a line that names the *results* with a note, if any."""
    names = [result.name for result in results if result.note]
    shown = listed(list(dict.fromkeys(names)))
    return (
        [Text(f"note: reported with a traceback or by a signal: {len(names)} of the errors: {shown}")] if names else []
    )


def closing_lines(card: ScoreCard[R]) -> list[Text]:
    """Return the last lines: how much of an interrupted run was done, and both scores."""
    ran = [Text(f"interrupted: {card.unfinished}", style="yellow")] if card.unfinished else []
    return [*ran, *(Text(str(score), style="green" if score.right == score.of else "red") for score in card.scores)]
