"""`import` and `export` from the outside: what is written, what is said, and that nothing is overwritten."""

import json
from pathlib import Path

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import load, recorded

HAR = {
    "log": {
        "creator": {"name": "Firefox", "version": "140"},
        "entries": [
            {
                "startedDateTime": "2026-11-23T00:37:31.500Z",
                "time": 5,
                "request": {"method": "GET", "url": "https://chatgptfree.ai/?key=1", "headers": []},
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "headers": [{"name": "Set-Cookie", "value": "a=secretvalue; Path=/"}],
                    "content": {"size": 20, "mimeType": "text/html", "text": "<p data-nonce='fc6c7cf580'>"},
                },
            }
        ],
    }
}


@pytest.fixture
def har(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.har").write_text(json.dumps(HAR))
    return tmp_path / "site.har"


def test_a_har_becomes_a_redacted_cassette(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(har)]) == 0
    told = capsys.readouterr()
    assert told.out == "site.yaml: 1 interactions\n"
    assert "redacted cookies: 1 value in 1 place\nredacted nonces: 1 value in 1 place\n" in told.err
    cassette = load(har.with_suffix(".yaml"))
    assert cassette.interactions[0].response.body == b"<p data-nonce='0000000001'>"
    assert cassette.recording["redacted"] == ["cookies: 1 value in 1 place", "nonces: 1 value in 1 place"]
    assert run(["lint", "--strict", "site.yaml"]) == 0


def test_a_rule_can_be_kept_and_a_wrong_one_is_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(har), "--keep", "nonces", "--out", "kept.yaml"]) == 0
    assert load("kept.yaml").interactions[0].response.body == b"<p data-nonce='fc6c7cf580'>"
    assert load("kept.yaml").recording["kept"] == ["nonces"]
    assert run(["import", str(har), "--keep", "nonce"]) == 2
    assert "no redaction rule `nonce` (rules: cookies, " in capsys.readouterr().err


def test_nothing_is_overwritten_unless_asked(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("site.yaml").write_text("mine")
    assert run(["import", str(har)]) == 2
    assert capsys.readouterr().err.endswith("site.yaml: can't write: there is a file of this name already\n")
    assert Path("site.yaml").read_text() == "mine"
    assert run(["import", str(har), "--force"]) == 0


def test_a_har_without_content_is_refused_and_says_why(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = har.read_text().replace('"text": "<p data-nonce=\'fc6c7cf580\'>"', '"comment": ""')
    har.write_text(text)
    assert run(["import", str(har)]) == 2
    told = capsys.readouterr().err
    assert "left out, its body of 20 bytes is missing" in told
    assert "nothing in it can be replayed" in told
    assert not Path("site.yaml").exists()


def test_a_file_of_2_gigabytes_is_refused_with_the_limit_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with har.open("wb") as file:
        file.truncate(2 * 1024**3)
    assert run(["import", str(har)]) == 2
    assert "2,147,483,648 bytes are more than the limit of 268,435,456" in capsys.readouterr().err


def test_a_recording_is_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(recorded("1.8.93", "up_half_s"))]) == 0
    assert json.loads(capsys.readouterr().out)["log"]["entries"][0]["response"]["status"] == 200
    out = tmp_path / "out.har"
    assert run(["export", str(recorded("1.8.93", "up_half_s")), "--out", str(out)]) == 0
    assert run(["export", str(recorded("1.8.93", "up_half_s")), "--out", str(out)]) == 2
    assert json.loads(out.read_text())["log"]["version"] == "1.2"
