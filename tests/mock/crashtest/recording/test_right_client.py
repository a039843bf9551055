"""A client that is right by construction gets everything right: the crash test raises no false alarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support import tapes
from tests.support.time_limits import short_patience_at_stalls

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import recorded_file

TAPES = {
    "ask_completions": (tapes.COMPLETION,),
    "ask_claude": (tapes.CLAUDE,),
    "ask_json": (tapes.JSON_ANSWER,),
    "ask_lines": (tapes.LINES,),
    "ask_page": (tapes.PAGE, tapes.PAGE_ANSWER),
}
SHIPPED = {"ask_generation_2": recorded_file("2.3.93", "stream_ok")}


@pytest.mark.parametrize("client", [*TAPES, *SHIPPED])
def test_it_gets_all_variants_right(client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short_patience_at_stalls(monkeypatch)
    tape = SHIPPED.get(client) or tapes.write(tmp_path / "tape.yaml", *TAPES[client])
    card = tmp_path / "card.json"
    base = ["--base", "/v1"] if client == "ask_completions" else []
    words = ["--cassette", str(tape), "--all", "--grade", "1,2,3", "-n", "8", "--json", str(card), *base]
    assert run(["crashtest", *words, "--callable", f"tests.support.right_client:{client}"]) == 0
    found = json.loads(card.read_bytes())
    wrong = {one["variant"]: one["reason"] for one in found["results"] if one["verdict"] not in ("right", "recovered")}
    uncounted = ("whole", "undetectable", "not offered")
    assert not [one for one in found["results"] if one["variant"] in wrong and one["verdict"] not in uncounted], wrong
    scores = found["scores"].values()
    assert all(score["right"] == score["of"] > 40 for score in scores)
