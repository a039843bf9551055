"""`chatgptfree-mock lint` from the outside: exit codes, what goes to stdout, and what is written."""

import json
from pathlib import Path

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import cassette_files

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
    printed = capsys.readouterr()
    assert printed.out.startswith(
        f"{folder / 'bad.yaml'}: error: the chunks cover 2 bytes of 5 - at `$.interactions[0]"
    )
    assert printed.err == "2 cassettes: 1 error, 1 warning\n"


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
    printed = json.loads(capsys.readouterr().out)
    assert printed["files"] == 2
    assert [finding["check"] for finding in printed["findings"]] == ["chunks", "left-out"]


def test_fix_mends_and_shows_the_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--fix", str(folder)]) == 0
    assert "+    x-stream: {chunks: [[1, 5]]}" in capsys.readouterr().out
    assert (folder / "good.yaml").read_text() == GOOD
    assert run(["lint", "--strict", str(folder / "bad.yaml"), str(folder / "good.yaml")]) == 0


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("missing.yaml", ": no such file or directory"),
        ("empty", ": no cassette in this folder"),
        ("other", "/package.json: left out: no `interactions`"),
    ],
)
def test_a_wrong_path_gives_2(folder: Path, name: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "empty").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "package.json").write_text("{}")
    assert run(["lint", str(folder / name)]) == 2
    assert capsys.readouterr().err.startswith(f"chatgptfree-mock: {folder / name}{complaint}")


def test_a_file_that_cannot_be_read_is_a_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(2 * 1024**3)
    assert run(["lint", str(folder)]) == 1
    printed = capsys.readouterr()
    assert f"{folder / 'huge.yaml'}: error: 2,147,483,648 bytes are more than the limit" in printed.out
    assert printed.err.startswith("3 cassettes: 2 errors")


RUBY = """---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: http://rb.example:80/
    body:
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      content-type:
      - text/html
    body: the key ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789
    http_version: "1.1"
"""
PHP = """-
    request: {method: GET, url: 'http://php.example/', headers: {Host: php.example}}
    response: {status: {http_version: '1.1', code: '200', message: OK}, headers: {}, body: Hello}
"""
HAR_ENTRY = {
    "startedDateTime": "2026-11-23T00:37:31.500Z",
    "time": 5,
    "request": {"method": "GET", "url": "https://a.example/", "headers": []},
    "response": {
        "status": 200,
        "headers": [],
        "content": {"mimeType": "text/plain", "text": "the key ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"},
    },
}


@pytest.fixture
def mixed(folder: Path) -> Path:
    (folder / "bad.yaml").unlink()
    (folder / "below").mkdir()
    (folder / "below" / "ruby.yml").write_text(RUBY)
    (folder / "php.yml").write_text(PHP)
    (folder / "package.json").write_text("{}")
    (folder / "site.har").write_text(json.dumps({"log": {"entries": [{}, HAR_ENTRY]}}))
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "bad.yaml").write_text(BAD)
    return folder


def test_every_file_of_a_folder_is_checked_or_listed(mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is replayed from a folder holds no secret that only a look at the single file finds."""
    run(["lint", "--json", str(mixed)])
    printed = json.loads(capsys.readouterr().out)
    named = {Path(each["file"]).name: each["check"] for each in printed["findings"] if each["check"] != "origin"}
    assert named == {
        "package.json": "left-out",
        "ruby.yml": "secrets",
        "scenario.yaml": "left-out",
        "site.har": "secrets",
    }
    assert {file.name for file in cassette_files(mixed, hars=True)} == {*named, "good.yaml", "php.yml"}
    assert printed["files"] == 4


def test_what_is_left_out_of_a_folder_is_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").unlink()
    assert run(["lint", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert printed == f"{folder / 'scenario.yaml'}: warning: left out: no `interactions` - at `$` [left-out]\n"
    assert run(["lint", "--strict", str(folder)]) == 1


def test_a_broken_cassette_in_a_folder_and_a_named_file_are_errors(folder: Path) -> None:
    assert run(["lint", str(folder), str(folder / "scenario.yaml")]) == 1
    (folder / "bad.yaml").write_text("interactions: [")
    assert run(["lint", str(folder)]) == 1


def test_a_pattern_means_the_files_that_it_matches(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(folder / "g*.yaml")]) == 0
    assert capsys.readouterr().err == "1 cassette: clean\n"


@pytest.mark.parametrize("options", [[], ["--fix"]])
def test_a_har_is_checked_and_not_written(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    har = tmp_path / "site.har"
    har.write_text(json.dumps({"log": {"entries": [HAR_ENTRY | {"response": {"status": 0}}, HAR_ENTRY]}}))
    before = har.read_bytes()
    assert run(["lint", *options, "--max-age", "36500", str(har)]) == 1
    left_out, secret = capsys.readouterr().out.splitlines()
    assert left_out == f"{har}: warning: left out: no answer - at `$.log.entries[0]` [left-out]"
    assert secret.startswith(
        f"{har}: error: holds what looks like a secret: keys - at `$.log.entries[1].response.body`"
    )
    assert "import" in secret
    assert har.read_bytes() == before


def test_what_is_not_a_har_is_an_error_if_it_is_named(folder: Path) -> None:
    (folder / "bad.yaml").unlink()
    (folder / "a.har").write_text("[")
    assert run(["lint", str(folder)]) == 0
    assert run(["lint", str(folder / "a.har")]) == 1


def test_scenarios_in_a_folder_are_counted_and_no_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "scenario.yaml").write_text("title: A test\nsite: {plugin: 1.8.93}\nexpect: {text: Hi}\n")
    (folder / "bad.yaml").unlink()
    assert run(["lint", "--strict", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 scenario skipped; `chatgptfree-mock scenarios" in err
    (folder / "good.yaml").unlink()
    assert run(["lint", str(folder)]) == 2
    assert "there are only scenarios, and no cassette" in capsys.readouterr().err
