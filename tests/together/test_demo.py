"""The demo: six recordings of a real site, the reference client, and what came of it."""

from __future__ import annotations

import json

import pytest

from chatgptfree_mock import cli
from chatgptfree_mock.cli import demo


def test_all_stories_come_out_right_and_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--pace", "x20"]) == 0
    shown = capsys.readouterr().out
    assert "6 of 6 right" in shown
    assert "\x1b" not in shown
    assert shown.count("✓ right") == len(demo.CASES) == 6


@pytest.mark.parametrize("chunks", ["bytes", "utf8"])
def test_all_stories_come_out_right_however_they_are_cut(chunks: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--pace", "instant", "--chunks", chunks, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [case["right"] for case in printed] == [True] * 6
    assert [case["error"] for case in printed] == [None, None, None, "upstream", "interrupted", None]
    assert [len(case["exchanges"]) for case in printed] == [2, 2, 4, 2, 2, 2]


def test_findings_are_printed_and_set_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = demo.DemoCase(title="Expects an error where there is none", recording="msg_ok_b", error="upstream")
    monkeypatch.setattr(demo, "CASES", (wrong,))
    assert cli.run(["demo", "--pace", "instant"]) == 1
    shown = capsys.readouterr().out
    assert "✗ wrong" in shown
    assert "0 of 1 right" in shown


def test_a_word_that_does_not_exist_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--pace", "fast"]) == 2
    assert "fast" in capsys.readouterr().err


@pytest.mark.parametrize(("chunks", "warned"), [("utf8", False), ("crlf", True)])
def test_a_word_is_warned_of_if_no_answer_has_a_use_for_it(
    chunks: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["demo", "--pace", "instant", "--chunks", chunks, "--json"]) == 0
    warning = "warning: `chunks=crlf` did not act: the answer has no CR before LF\n"
    assert capsys.readouterr().err == (warning if warned else "")
