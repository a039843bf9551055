"""Answers in lines: JSON lines as Ollama streams them, and other text whose end mark is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support import tapes

from chatgptfree_mock.cli import run

MARK = 'd:{"finishReason": "stop"}'
TEXT = tapes.exchange(
    "POST", "https://api.example.com/api/generate", f"0:Hello\n0: there\n0:!\n{MARK}\n", kind="text/plain"
)


def verdicts(folder: Path, exchange: dict[str, Any], client: str, *options: str) -> dict[str, str]:
    tape, card = tapes.write(folder / "tape.yaml", exchange), folder / "card.json"
    words = ["--cassette", str(tape), "--json", str(card), "--all", "--timeout", "60", *options]
    globs = ("cut/[!s]*", "status/2*", *(() if exchange is TEXT else ("events/*", "json/*")))
    chosen = [word for glob in globs for word in ("--variant", glob)]
    assert run(["crashtest", *words, *chosen, "--callable", f"tests.support.line_clients:{client}"]) in (0, 1)
    return {one["variant"]: one["verdict"] for one in json.loads(card.read_bytes())["results"]}


def test_a_careless_client_of_json_lines_loses_what_is_cut_behind_any_line(tmp_path: Path) -> None:
    found = verdicts(tmp_path, tapes.LINES, "careless_with_json")
    lost = (
        *(
            "cut/close-half",
            "cut/close-half-the-events",
            "cut/ended-half",
            "cut/ended-first-event",
            "cut/ended-no-body",
        ),
        *("json/cut-in-an-event", "events/error-object", "status/200-html", "status/200-empty", "status/204"),
    )
    assert {name: found[name] for name in lost} == dict.fromkeys(lost, "silent loss")
    assert [name for name, verdict in found.items() if verdict == "undetectable"] == ["cut/close-last-byte"]


def test_a_mark_that_is_cut_away_loses_no_text(tmp_path: Path) -> None:
    found = verdicts(tmp_path, tapes.LINES, "careless_with_json")
    assert {found[f"cut/close-{place}-the-mark"] for place in ("before", "inside")} == {"whole"}


def test_a_client_that_waits_for_the_end_of_the_last_line_fails_without_it(tmp_path: Path) -> None:
    found = verdicts(tmp_path, tapes.LINES, "dropping")
    assert found["json/lines-open-end"] == "crash"
    assert found["json/lines-crlf"] == "right"
    assert {verdict for name, verdict in found.items() if name.startswith(("cut/", "status/"))} <= {
        *("right", "undetectable", "whole")
    }


def test_the_spelling_of_each_line_is_varied(tmp_path: Path) -> None:
    found = verdicts(tmp_path, tapes.LINES, "dropping", "--grade", "1,2,3")
    assert {"json/keys-backwards", "json/wide-spaces", "json/ascii", "json/escaped-all"} <= set(found)
    assert not [name for name in found if name.startswith("events/") and name.partition("/")[2][:5] != "error"]


@pytest.mark.parametrize("cut", ["cut/close-25%", "cut/ended-first-event", "status/200-html", "status/204"])
def test_a_text_shows_its_end_where_the_mark_is_named(cut: str, tmp_path: Path) -> None:
    assert verdicts(tmp_path, TEXT, "careless_with_text", "--end-mark", "finishReason")[cut] == "silent loss"


def test_a_text_without_a_mark_shows_nothing(tmp_path: Path) -> None:
    found = verdicts(tmp_path, TEXT, "careless_with_text")
    shown = [name for name, verdict in found.items() if "close-" in name and verdict != "undetectable"]
    assert [name for name in shown if not name.startswith("cut/chunked-close")] == []
