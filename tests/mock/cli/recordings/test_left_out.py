"""Each command that reads a recording names what it leaves out of it, and goes on with the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock.cli import run

GOOD = """\
- request: {method: GET, uri: "http://a.example/", headers: {}, body: null}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: Hello}}
"""
COMMANDS = [
    ["tokens", "{file}"],
    ["tokens", "--json", "{file}"],
    ["diff", "{file}", "{file}"],
    ["diff", "{folder}", "{folder}"],
    ["export", "{file}"],
    ["lint", "{file}"],
    ["learn", "{file}", "--name", "92.0.0"],
    ["watch", "http://127.0.0.1:9/", "--against", "{file}", "--message", "hi"],
    ["crashtest", "--cassette", "{file}", "--", "cat", "{url}"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_what_is_left_out_is_named(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "tapes" / "a.yaml"
    file.parent.mkdir()
    file.write_text(f"interactions:\n{GOOD}- 5\n")
    run([word.format(file=file, folder=file.parent, url="{url}") for word in words])
    printed = capsys.readouterr()
    problem = "left out: an interaction must be a mapping, not `5` - at `$.interactions[1]`"
    assert problem in (printed.out if words[0] == "lint" else printed.err)
