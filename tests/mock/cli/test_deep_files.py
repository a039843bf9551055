"""A file that is nested too deeply, or no table, is one sentence, whichever command reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgptfree_mock import cli

DEEP = "[" * 100_000 + "]" * 100_000
"""Deeper than any Python reads; how deep one reads differs by version."""


def har(request: str) -> str:
    response = '{"status":200,"headers":[],"content":{"text":"\\ud83d"}}'
    return f'{{"log":{{"entries":[{{"request":{request},"response":{response},"x":{DEEP}}}]}}}}'


FILES = {
    "root.har": '{"log":' * 100_000,
    "beside.har": f'{{"x":{DEEP},"log":{{"entries":[]}}}}',
    "entry.har": har('{"method":"GET","url":"http://a/","headers":[]}'),
    "odd.har": har("null"),
    "base.json": f'{{"schema":2,"client":"x","results":[],"x":{DEEP}}}',
    "latin.json": '{"schema":2,"client":"\udcff","results":[]}',
    "92.9.0.toml": f"base = {DEEP}\n",
    "site.yaml": f"plugin: {DEEP}\n",
}
CRASHTEST = ("crashtest", "--scenario", "text/blanks", "--baseline")


@pytest.mark.parametrize(
    ("file", "before", "behind"),
    [
        *((file, ("import",), ()) for file in FILES if file.endswith(".har")),
        *((file, ("diff",), (file,)) for file in FILES if file.endswith(".har")),
        ("base.json", CRASHTEST, ("--", "true", "{url}")),
        ("latin.json", CRASHTEST, ("--", "true", "{url}")),
        ("92.9.0.toml", ("releases", "--releases"), ()),
        ("site.yaml", ("serve", "--port", "0", "--site"), ("--", "true")),
    ],
)
def test_a_file_that_is_too_deep_is_refused_by_name(
    file: str,
    before: tuple[str, ...],
    behind: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_text(FILES[file], encoding="utf-8", errors="surrogateescape")
    assert cli.run([*before, file, *behind]) == cli.BAD_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert file in line
    assert any(words in line for words in ("nested too deeply", "levels of nesting", "UTF-8", "utf-8"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[tool.chatgptfree_mock]\nx = {DEEP}\n", "not TOML: nested too deeply"),
        (f"[tool.chatgptfree_mock]\nx = 1{'0' * 5000}\n", "not TOML: "),
        ("[tool]\nchatgptfree_mock = 5\n", "`tool.chatgptfree_mock` is not a table"),
    ],
)
@pytest.mark.parametrize("command", [("serve", "--port", "0", "--", "true"), ("lint", "x.yaml")])
def test_a_project_that_cannot_be_read_is_named(
    command: tuple[str, ...],
    text: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "x.yaml").write_text("version: 1\ninteractions: []\n")
    assert cli.run(list(command)) != 0
    seen = "".join(capsys.readouterr())
    assert "pyproject.toml" in seen
    assert words in seen


def test_a_tool_that_is_no_table_has_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("tool = 5\n")
    (tmp_path / "x.yaml").write_text("version: 1\ninteractions: []\n")
    assert cli.run(["lint", "x.yaml"]) == 0
