"""The result for a terminal: a table by layer, and for every failure what a person needs to see it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.crashtest.history import Turn
from chatgptfree_mock.crashtest.results import Card, Result, Sent
from chatgptfree_mock.crashtest.verdict import Verdict
from chatgptfree_mock.scenario.model import LAYERS

_COLOURS = {
    Verdict.RIGHT: "green",
    Verdict.WRONG: "red",
    Verdict.SILENT_LOSS: "bold red",
    Verdict.DISGUISED_ERROR: "bold red",
    Verdict.CRASH: "magenta",
    Verdict.HANG: "yellow",
    Verdict.STORM: "yellow",
}
_PIECES_SHOWN = 12
_TEXT_SHOWN = 400
_LINES_SHOWN = 6
_LINE_SHOWN = 200


def show(console: Console, card: Card) -> None:
    """Print the failures of *card*, each once, and the table."""
    shown: set[tuple[str, str, Verdict]] = set()
    for result in card.failures:
        # Over many releases the same failure comes again and again; the first tells it all.
        again = (result.scenario, result.chunks, result.verdict)
        if again not in shown:
            _failure(console, result)
        shown.add(again)
    console.print(_table(card))
    console.print(_sentence(card))


def show_turns(console: Console, turns: Sequence[Turn]) -> None:
    """Print since which release each scenario fails."""
    for turn in turns:
        console.print(Text(escape(str(turn)), style="red" if turn.since else ""), soft_wrap=True)


def timeline(sent: Sent) -> str:
    """Return the pieces of one exchange in a line: their sizes, and how it ended."""
    sizes = [str(size) for size in sent.chunks[:_PIECES_SHOWN]]
    if (more := len(sent.chunks) - _PIECES_SHOWN) > 0:
        sizes.append(f"… {more} more")
    return f"{' | '.join(sizes) or 'nothing'} ({sum(sent.chunks)} bytes), {sent.ended}"


def clip(text: str) -> str:
    """Return *text* short enough for a person, line ends and all made visible."""
    shown = text if len(text) <= _TEXT_SHOWN else f"{text[:_TEXT_SHOWN]}… ({len(text)} characters)"
    return repr(shown)


def last_lines(stderr: str) -> list[str]:
    """Return the end of what a client said on *stderr*, where the reason stands, without control characters."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    cut = [line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}…" for line in lines[-_LINES_SHOWN:]]
    return ["".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) for line in cut]


def _failure(console: Console, result: Result) -> None:
    line = Text()
    line.append(f"{result.verdict}: ", style=_COLOURS[result.verdict])
    line.append(f"{result.scenario}", style="bold")
    line.append(f" on {result.plugin}, {result.chunks}: {result.title}")
    console.print(line, soft_wrap=True)
    rows = [("", result.reason), ("expected", clip(result.expected)), ("printed", clip(result.printed))]
    rows.extend(("stderr" if not place else "", line) for place, line in enumerate(last_lines(result.stderr)))
    for sent in result.exchanges:
        rows.append(("asked", sent.asked))
        rows.append(("  sent", f"{sent.answered}: {timeline(sent)}"))
        rows.extend(("  why", why) for why in sent.why)
    rows.append(("again", result.reproduce))
    for name, value in rows:
        console.print(Text(escape(f"    {name:<9} {value}")), soft_wrap=True)
    console.print()


def _table(card: Card) -> Table:
    table = Table(title=None, show_edge=False, pad_edge=False)
    table.add_column("layer")
    for verdict in Verdict:
        table.add_column(str(verdict), justify="right")
    for layer in _layers(card.results):
        counts = Card(client=card.client, results=[r for r in card.results if r.layer == layer]).counts
        table.add_row(layer, *(_cell(verdict, counts[verdict]) for verdict in Verdict))
    table.add_section()
    table.add_row("all", *(_cell(verdict, card.counts[verdict]) for verdict in Verdict))
    return table


def _cell(verdict: Verdict, count: int) -> Text:
    return Text(str(count), style=_COLOURS[verdict]) if count else Text("·", style="dim")


def _layers(results: Iterable[Result]) -> list[str]:
    present = {result.layer for result in results}
    return [*(layer for layer in LAYERS if layer in present), *sorted(present - set(LAYERS))]


def _sentence(card: Card) -> Text:
    right, total = card.counts[Verdict.RIGHT], len(card.results)
    if right == total:
        return Text(f"all {total} right", style="green")
    lost = card.counts[Verdict.SILENT_LOSS] + card.counts[Verdict.DISGUISED_ERROR]
    return Text(f"{right} of {total} right; {lost} lost in silence or passed off as an answer", style="red")
