"""`chatgptfree-mock lint` from the outside: exit codes, what goes to stdout, and what is written."""

import json
from pathlib import Path

import pytest

from chatgptfree_mock.cli import run

BAD = """\
version: 1
x-recording: {upstream: 'https://chatgptfree.ai'}
interactions:
- request: {method: GET, uri: 'https://chatgptfree.ai/', headers: {}, body: null}
  response:
    status: {code: 200, message: OK}
    headers: {}
    body: {string: Hello}
    x-stream: {chunks: [[1, 2]]}
"""
GOOD = BAD.replace("[[1, 2]]", "[[1, 5]]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "scenario.yaml").write_text("title: not a cassette\n")
    return tmp_path


def test_findings_go_to_stdout_and_give_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(folder)]) == 1
    told = capsys.readouterr()
    assert told.out.startswith(f"{folder / 'bad.yaml'}: error: the chunks cover 2 bytes of 5 - at `$.interactions[0]")
    assert told.err == "2 cassettes: 1 error, 0 warnings\n"


def test_a_clean_file_gives_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(folder / "good.yaml")]) == 0
    assert capsys.readouterr().out == ""


def test_strict_counts_warnings(folder: Path) -> None:
    (folder / "good.yaml").write_text(
        GOOD.replace("headers: {}\n    body", "headers: {Content-Length: ['9']}\n    body")
    )
    assert run(["lint", str(folder / "good.yaml")]) == 0
    assert run(["lint", "--strict", str(folder / "good.yaml")]) == 1


def test_json_is_one_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--json", str(folder)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == 2
    assert [finding["check"] for finding in told["findings"]] == ["chunks"]


def test_fix_mends_and_shows_the_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--fix", str(folder)]) == 0
    assert "+    x-stream: {chunks: [[1, 5]]}" in capsys.readouterr().out
    assert (folder / "good.yaml").read_text() == GOOD
    assert run(["lint", "--strict", str(folder)]) == 0


@pytest.mark.parametrize(
    ("name", "complaint"), [("missing.yaml", "no such file or directory"), ("empty", "no cassettes in this folder")]
)
def test_a_wrong_path_gives_2(folder: Path, name: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    assert run(["lint", str(folder / name)]) == 2
    assert capsys.readouterr().err == f"chatgptfree-mock: {folder / name}: {complaint}\n"


def test_a_file_that_cannot_be_read_is_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(2 * 1024**3)
    assert run(["lint", str(folder)]) == 1
    told = capsys.readouterr()
    assert f"{folder / 'huge.yaml'}: error: 2,147,483,648 bytes are more than the limit" in told.out
    assert told.err.startswith("3 cassettes: 2 errors")
