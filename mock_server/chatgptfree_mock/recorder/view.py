"""The view of a recording: a live table on a terminal, only notices elsewhere."""

from __future__ import annotations

from typing import Self

import msgspec
from rich.console import Console, ConsoleRenderable, RichCast
from rich.live import Live
from rich.table import Table
from rich.text import Text

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.recorder.captured_response import CapturedResponse

_ROWS = 18


class _ConsoleRow(msgspec.Struct):
    request: str
    captured: CapturedResponse | None = None
    what: str = ""


class ConsoleView:
    """Shows the last exchanges on *console* as they happen, if that is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[int, _ConsoleRow] = {}
        self._live = Live(
            console=console, get_renderable=self.table, refresh_per_second=8, transient=True, redirect_stdout=False
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def began(self, number: int, method: str, target: str) -> None:
        """Show that an exchange has begun."""
        self._rows[number] = _ConsoleRow(f"{method} {target}")
        while len(self._rows) > _ROWS:
            del self._rows[min(self._rows)]

    def receiving(self, number: int, captured: CapturedResponse) -> None:
        """Show *captured* from now on as it grows."""
        if number in self._rows:
            self._rows[number].captured = captured

    def ended(self, number: int, what: str) -> None:
        """Show how an exchange has ended."""
        if number in self._rows:
            self._rows[number].what = what

    def problem(self, text: str) -> None:
        """Print a notice."""
        self._console.print(Text.assemble(("!", "bold red"), " ", escape(text)), soft_wrap=True)

    def table(self) -> ConsoleRenderable | RichCast:
        """Return the table of the last exchanges: request, state, size and time of each."""
        table = Table(box=None, pad_edge=False, expand=True)
        for name, justify in (("#", "right"), ("request", "left"), ("bytes", "right"), ("chunks", "right")):
            table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True, overflow="ellipsis")
        table.add_column("state", no_wrap=True)
        for number, row in self._rows.items():
            captured = row.captured
            size, chunks = (str(len(captured.body)), str(len(captured.chunks))) if captured else ("", "")
            state = row.what or ("silent" if captured and captured.stalled else "running")
            colour = "green" if "complete" in state else "yellow" if not row.what else "red"
            # Texts, not markup: rich would make emoji of codes such as `:smile:` in an address.
            table.add_row(str(number), Text(escape(row.request)), size, chunks, Text(escape(state), colour))
        return table
