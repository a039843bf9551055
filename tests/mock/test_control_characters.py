"""What the mock prints of other programs does not act on the terminal."""

from __future__ import annotations

import ast
import io
import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatgptfree_mock.cli import demo, run
from chatgptfree_mock.control_characters import escape, escaped_json, quoted
from chatgptfree_mock.journal import Exchange
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
    view.problem(f"left for {EVIL}[/red]:smile:")
    view.began(1, "GET", f"/{EVIL}[bold]:smile:")
    view.ended(1, f"200 {EVIL}, complete")
    console.print(view.table())
    assert "\\x1b]0;pwn\\x07\\x9b2J\\u202e[/red]" in out.getvalue()
    assert "[bold]" in out.getvalue()
    assert out.getvalue().count(":smile:") == 2
    assert escape(out.getvalue()) == out.getvalue()


def test_a_complaint_shows_them_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(tmp_path / "\x1b[2J.yaml")]) == 2
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_escaped_json_is_the_same_value_and_safe(value: object) -> None:
    written = escaped_json(value)
    assert json.loads(written) == value
    assert escape(written) == written


def test_json_stays_readable() -> None:
    assert escaped_json({"a": "ä漢😀\u202e\x9b"}) == '{"a": "ä漢😀\\u202e\\u009b"}'


SCENARIO = """\
title: "Evil \\e]0;pwn\\a \\x9b2J\\u202e"
cases: [x.1]
site: {model: {reply: "Hi \\e[2J"}}
expect: {text: "Hi \\e[2J"}
# raw: \u202e
"""


@pytest.mark.parametrize("arguments", [["mine/evil"], ["mine/*"], ["mine/evil", "--json"]], ids=" ".join)
def test_scenarios_are_listed_and_shown_escaped(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("evil", "other"):
        (tmp_path / "mine" / f"{name}.yaml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(["scenarios", *arguments, "--scenarios", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "pwn" in printed
    assert escape(printed) == printed


def test_a_scenario_in_a_pipe_is_the_file_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "evil.yaml").write_text(SCENARIO, encoding="utf-8")
    assert run(["scenarios", "mine/evil", "--scenarios", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith(SCENARIO)


def test_what_an_import_leaves_out_is_named_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = {
        "request": {"method": "GET", "url": "http://a.test/", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "text/html"}],
            "content": {"mimeType": "text/html", "text": "hi"},
        },
        "startedDateTime": "2026-11-27T00:00:00Z",
        "time": 1,
    }
    evil = {**good, "request": {"method": "GET", "url": f"ftp://a.test/{EVIL}", "headers": []}, "response": None}
    har = tmp_path / "a.har"
    har.write_text(json.dumps({"log": {"version": "1.2", "entries": [good, evil]}}), encoding="utf-8")
    assert run(["import", str(har), "--out", str(tmp_path / "a.yaml")]) == 0
    printed = capsys.readouterr()
    assert "pwn" in printed.err
    assert escape(printed.out + printed.err) == printed.out + printed.err


def test_the_demo_shows_what_the_wire_and_the_client_gave_escaped() -> None:
    out = io.StringIO()
    exchange = Exchange(
        number=1,
        site="s",
        at=0.0,
        method="GET",
        target=f"/{EVIL}[bold]",
        headers=(),
        body=b"",
        body_size=0,
        status=200,
        response_headers=(("Content-Type", f"text/{EVIL}"),),
        chunks=((1.0, 2), (2.0, 3)),
    )
    outcome = demo.DemoOutcome(
        case=demo.CASES[0], text=EVIL, error="upstream", message=EVIL, exchanges=[exchange], expected=f"{EVIL}[/red]"
    )
    demo.show_outcome(Console(file=out, width=200, highlight=False), 1, outcome)
    assert "[bold]" in out.getvalue()
    assert "[/red]" in out.getvalue()
    assert escape(out.getvalue()) == out.getvalue()


NEWER = "".join(map(chr, (0x1FACE, 0x1FAE8, 0x1C80 + 9, 0x10D40)))
"""Of Unicode 15 and 16: some of them are unknown to each Python from 3.11 to 3.13."""


def test_characters_newer_than_python_are_quoted_as_they_are() -> None:
    assert quoted(f"Les élans {NEWER}") == f"'Les élans {NEWER}'"
    assert quoted("a\x1b\u202e\ud800\U000e0002\uffff\ue000") == repr("a\x1b\u202e\ud800\U000e0002\uffff\ue000")


@given(st.text())
def test_quoted_text_is_read_back_and_differs_from_repr_in_unassigned_characters_only(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    known = "".join(char for char in text if unicodedata.category(char) != "Cn")
    assert quoted(known) == repr(known)
