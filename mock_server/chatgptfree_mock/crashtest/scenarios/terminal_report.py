"""
The result for a terminal: two scores, a table by layer, and the reasons of failures.

At most `MOST_LINES` lines, the most frequent reasons first; with -v, every failure with a command to repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatgptfree_mock.crashtest.grouping import Group, clip, listed
from chatgptfree_mock.crashtest.scenarios.grouping import by_cause, by_summary, expected
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict
from chatgptfree_mock.crashtest.terminal_lines import (
    clean,
    closing_lines,
    colour_of,
    lines_of_failures,
    notes,
    print_failure,
    print_line,
    stderr_rows,
    timeline,
)

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.scenarios.regressions import TurningPoint

MOST_LINES = 40
"""The largest number of lines printed without -v."""

_LINES_OF_A_GROUP = 3
_POINTS_SHOWN = 5
_ASIDE_SHOWN = 4
_TEXT_SHOWN = 60
_LAYERS_SHOWN = 10


def show(
    console: Console, card: Card, points: Sequence[TurningPoint], remarks: Sequence[str] = (), *, verbose: bool = False
) -> None:
    """Print *card*: failures by reason (or each, if *verbose*), since when they fail, the table, the scores."""
    tail = _tail(card, remarks)
    if verbose:
        _each(console, card)
        body = [Text(str(point)) for point in points]
    else:
        # A table has a head of two lines, and the sum.
        table = min(len(_layers(card.results)), _LAYERS_SHOWN + 1) + 3
        recent = _points(points, _POINTS_SHOWN)
        body = _groups(by_cause(card.failures), MOST_LINES - table - len(tail) - len(recent)) + recent
    for line in body:
        print_line(console, line)
    console.print(_table(card, None if verbose else _LAYERS_SHOWN))
    for line in tail:
        print_line(console, line)


def _groups(groups: Sequence[Group[Result]], room: int) -> list[Text]:
    """Return the lines of as many *groups* as fit, and the number of other groups."""
    shown = groups if _LINES_OF_A_GROUP * len(groups) <= room else groups[: max((room - 1) // _LINES_OF_A_GROUP, 1)]
    lines = [line for group in shown for line in lines_of_failures([group], _expectation(group))]
    if more := len(groups) - len(shown):
        lines.append(Text(f"… and {more} more reasons (-v shows every failure)"))
    return lines


def _expectation(group: Group[Result]) -> str:
    wanted = list(dict.fromkeys(expected(result, _TEXT_SHOWN) for result in group.results))
    others = f" (and {len(wanted) - 1} more)" if len(wanted) > 1 else ""
    first = group.results[0]
    printed = f"; printed: {clip(first.printed, _TEXT_SHOWN)}" if first.verdict is Verdict.WRONG else ""
    return f"{printed}; expected: {wanted[0]}{others}"


def _points(points: Sequence[TurningPoint], room: int) -> list[Text]:
    """Return since which release scenarios fail, one line per group; for a group of one with the changes."""
    summaries = by_summary(points)
    lines = [
        Text(clean(str(group[0])) if len(group) == 1 else f"{summary}: {listed([point.scenario for point in group])}")
        for summary, group in summaries[:room]
    ]
    if (more := len(summaries) - room) > 0:
        lines.append(Text(f"… and {more} more regressions (-v shows them)"))
    return lines


def _each(console: Console, card: Card) -> None:
    shown: set[tuple[str, str, Verdict]] = set()
    for result in card.failures:
        # Over many releases the same failure repeats; the first one is enough.
        again = (result.scenario, result.chunks, result.verdict)
        if again not in shown:
            _failure(console, result)
        shown.add(again)
    for result in card.results:
        if result.note:
            print_line(
                console, Text(f"note: {result.scenario} on {result.plugin}, {result.chunks}: {clean(result.note)}")
            )


def _failure(console: Console, result: Result) -> None:
    rows = [("expected:", expected(result)), ("printed", clip(result.printed)), *stderr_rows(result)]
    for sent in result.exchanges:
        rows.append(("request", sent.request))
        rows.append(("  response", f"{sent.response}: {timeline(sent)}"))
        rows.extend(("  why", why) for why in sent.why)
    print_failure(console, result, f" on {result.plugin}, {result.chunks}: {result.title}", rows)


def _tail(card: Card, remarks: Sequence[str]) -> list[Text]:
    lines = [Text(clean(remark)) for remark in remarks]
    aside = by_cause(result for result in card.results if result.verdict is Verdict.NOT_APPLICABLE)
    lines += [Text(f"not applicable: {clean(group.cause)}: {listed(group.names)}") for group in aside[:_ASIDE_SHOWN]]
    if (more := len(aside) - _ASIDE_SHOWN) > 0:
        lines.append(Text(f"not applicable: {more} more reasons"))
    lines += notes(card.results)
    if unused := [result for result in card.results if result.unused]:
        names = listed(list(dict.fromkeys(result.scenario for result in unused)))
        words = "without effect, a setting, a fault or a static response"
        lines.append(Text(f"{words}: {len(unused)} of the cases: {names}"))
    return lines + closing_lines(card)


def _table(card: Card, most: int | None) -> Table:
    # Without lines, and with a break in each head, all verdicts fit into 80 columns.
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column("layer")
    # A verdict that no case got needs no column, except the first, so that there is always one.
    verdicts = [verdict for verdict in Verdict if card.counts[verdict] or verdict is Verdict.RIGHT]
    for verdict in verdicts:
        table.add_column(str(verdict).replace(" ", "\n"), justify="right")
    layers = _layers(card.results)
    shown = layers if most is None else layers[:most]
    parts = {layer: [result for result in card.results if result.group == layer] for layer in shown}
    if rest := [result for result in card.results if result.group not in parts]:
        parts[f"{len(layers) - len(shown)} more"] = rest
    for layer, results in parts.items():
        counts = Card(client=card.client, results=results).counts
        table.add_row(layer, *(_cell(verdict, counts[verdict]) for verdict in verdicts))
    table.add_row("all", *(_cell(verdict, card.counts[verdict]) for verdict in verdicts))
    return table


def _cell(verdict: Verdict, count: int) -> Text:
    return Text(str(count), style=colour_of(verdict)) if count else Text("·", style="dim")


def _layers(results: Iterable[Result]) -> list[str]:
    present = {result.group for result in results}
    from chatgptfree_mock.scenario.model import LAYERS  # the report on a recording has none, and uses this module

    return [*(layer for layer in LAYERS if layer in present), *sorted(present - set(LAYERS))]
