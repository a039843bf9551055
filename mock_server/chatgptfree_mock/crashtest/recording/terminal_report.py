"""
The result for a terminal: the reference output, the client's results on variants, and two scores.

The worst comes first.  Equal verdicts within a family are one group, with one command that repeats one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatgptfree_mock.crashtest.grouping import clip
from chatgptfree_mock.crashtest.recording.grouping import by_verdict, summary
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.results import VariantCard, by_column
from chatgptfree_mock.crashtest.recording.verdict import VariantVerdict
from chatgptfree_mock.crashtest.results import Score
from chatgptfree_mock.crashtest.terminal_lines import (
    badness,
    closing_lines,
    lines_of_failures,
    notes,
    print_failure,
    print_line,
    stderr_rows,
)

_OUTPUT_SHOWN: Final = 200
_NAMES_SHOWN: Final = 4
_OTHERS_SHOWN: Final = 3
_VALUE_SHOWN: Final = 60
_FIGURES: Final = ("delivered", "reported")


def show_head(console: Console, recording: PlayedRecording, card: VariantCard) -> None:
    """Print the head: the answer, the message with other candidates for it, and the reference output."""
    _row(console, "answer", f"{card.answer} of {card.recording}")
    _row(console, "message", _message(recording, card))
    if card.reference_output:
        _row(console, "reference output", clip(card.reference_output.rstrip(), _OUTPUT_SHOWN))


def _message(recording: PlayedRecording, card: VariantCard) -> str:
    if not card.message_place:
        received = [
            clip(candidate.value, _VALUE_SHOWN) for candidate in recording.messages.from_responses[:_OTHERS_SHOWN]
        ]
        more = f"; {', '.join(received)} came from an earlier response" if received else ""
        return f"none was found in the requests; give one with --message{more}"
    others = [candidate for candidate in recording.messages.found if candidate.value != card.message]
    listed = [f"{clip(candidate.value, _VALUE_SHOWN)} ({candidate.place})" for candidate in others[:_OTHERS_SHOWN]]
    more = f"; not taken: {', '.join(listed)}" if listed else ""
    return f"{clip(card.message, _VALUE_SHOWN)} ({card.message_place}){more}"


def show(console: Console, card: VariantCard, remarks: Sequence[str] = (), *, verbose: bool = False) -> None:
    """Print the summary, every failure by family (or each, if *verbose*), a table and both figures."""
    for name, text in summary(card):
        _row(console, name, text)
    if verbose:
        for result in card.failures:
            rows = [("printed", clip(result.printed)), *stderr_rows(result), ("source", result.source)]
            print_failure(console, result, f" ({result.kind}, grade {result.grade})", rows)
    else:
        for groups in sorted(by_verdict(card.failures), key=lambda groups: badness(groups[0].verdict)):
            for line in lines_of_failures(groups):
                print_line(console, line)
    if by_column(card.results):
        console.print(_table(card))
    aside = [*map(Text, _aside(card, verbose=verbose)), *notes(card.results), *map(Text, [*card.remarks, *remarks])]
    for line in [*aside, *closing_lines(card)]:
        print_line(console, line)


def _row(console: Console, name: str, text: str) -> None:
    print_line(console, Text(f"{name:<20} {text}"))


def _table(card: VariantCard) -> Table:
    """Return both figures by family and grade, without the rows and columns in which nothing counts."""
    families = list(dict.fromkeys(result.group for result in card.results))
    rows = {family: by_column(one for one in card.results if one.group == family) for family in families}
    rows = {family: found for family, found in rows.items() if found}
    all_scores = by_column(card.results)
    table = Table(box=None, pad_edge=False)
    table.add_column("family")
    for at, grade in all_scores:
        table.add_column(f"{_FIGURES[at]},\ngrade {grade}", justify="right")
    for family, found in {**rows, "all": all_scores}.items():
        table.add_row(family, *(_cell(found.get(column)) for column in all_scores))
    return table


def _cell(score: Score | None) -> Text:
    if score is None:
        return Text("·", style="dim")
    return Text(f"{score.right} of {score.of}", style="" if score.right == score.of else "red")


def _aside(card: VariantCard, *, verbose: bool) -> list[str]:
    """Return lines for results that are in no score."""
    lines = [f"{one.variant}: {one.verdict}: {one.reason}; in no figure" for one in card.results if one.uncounted]
    for verdict in (VariantVerdict.WHOLE, VariantVerdict.UNDETECTABLE, VariantVerdict.NOT_OFFERED):
        named = [one.variant for one in card.results if one.verdict is verdict and not one.uncounted]
        lines += [f"{verdict}, in no figure: {_names(named, verbose)}"] if named else []
    recovered = [one.variant for one in card.results if one.verdict is VariantVerdict.RECOVERED]
    lines += [f"recovered after another request: {_names(recovered, verbose)}"] if recovered else []
    reasons: dict[str, list[str]] = {}
    for name, reason in card.left_out:
        reasons.setdefault(
            reason if not reason.startswith("byte for byte") else "the same bytes as another", []
        ).append(name)
    lines += [f"left out, {reason}: {_names(names, verbose)}" for reason, names in reasons.items()]
    return lines


def _names(names: Sequence[str], verbose: bool) -> str:
    shown = names if verbose else names[:_NAMES_SHOWN]
    more = len(names) - len(shown)
    return f"{len(names)}: {', '.join(shown)}" + (f" and {more} more (-v names them)" if more else "")
