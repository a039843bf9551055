"""A HAR is one by its content too: under the name `.json`, alone or in a folder, and nothing else is taken for one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.many_cases import for_each

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import gather, is_har, load_recording
from chatgptfree_mock.tape.har.file import begins_har

ENTRY = {
    "startedDateTime": "2026-01-01T00:00:00.000Z",
    "request": {"method": "GET", "url": "https://a.example/p", "headers": []},
    "response": {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "text/plain"}],
        "content": {"mimeType": "text/plain", "size": 5, "text": "Hello"},
    },
}
HAR = {"log": {"version": "1.2", "entries": [ENTRY]}}
COMMENTED = {"comment": "made by hand", "version": 1.2, **HAR}
CASSETTE = {"version": 1, "interactions": []}


@for_each("data", [HAR, COMMENTED])
@for_each("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
@for_each("indent", [None, 2])
def test_it_is_found_in_each_encoding(data: object, encoding: str, indent: int | None) -> None:
    assert begins_har(json.dumps(data, indent=indent).encode(encoding))


@pytest.mark.parametrize(
    "text",
    [json.dumps(CASSETTE), '{"log": []}', '{"log": "a"}', '{"a": {"log": {}}}', '[{"log": {}}]', "", "log: {}", "\0\0"],
)
def test_nothing_else_is_one(text: str) -> None:
    assert not begins_har(text.encode())


def test_it_is_played_and_checked_in_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.json"
    file.write_text(json.dumps(HAR))
    (tmp_path / "other.json").write_text('{"a": 1}')
    found = gather([tmp_path])
    assert [each.path for each in found.cassettes] == [str(file)]
    assert [each.file for each in found.left_out] == [str(tmp_path / "other.json")]
    assert load_recording(file).interactions[0].response.body == b"Hello"
    assert is_har(file)
    assert run(["lint", "--max-age", "36500", str(tmp_path)]) == 0
    assert "1 cassette" in capsys.readouterr().err
    assert run(["tokens", "--write", str(file)]) == 2
    assert "a HAR has no place for tokens" in capsys.readouterr().err
