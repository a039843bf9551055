"""What the mock prints of other programs does not act on the terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatgptfree_mock.cli import run
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.recorder.view import ConsoleView

EVIL = "\x1b]0;pwn\x07\x9b2J\u202e"


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "L"])))
def test_only_lines_and_tabs_are_left(text: str) -> None:
    shown = escape(text)
    shown.encode()
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown.replace("\n", "").replace("\t", ""))
    assert "\u202e" not in shown
    assert escape(shown) == shown


def test_the_recorder_shows_what_was_asked_escaped() -> None:
    out = io.StringIO()
    console = Console(file=out, width=200)
    view = ConsoleView(console)
    view.problem(f"left for {EVIL}[/red]")
    view.began(1, "GET", f"/{EVIL}[bold]")
    view.ended(1, f"200 {EVIL}, complete")
    console.print(view._table())
    assert "\\x1b]0;pwn\\x07\\x9b2J\\u202e[/red]" in out.getvalue()
    assert "[bold]" in out.getvalue()
    assert escape(out.getvalue()) == out.getvalue()


def test_a_complaint_shows_them_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(tmp_path / "\x1b[2J.yaml")]) == 2
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err
