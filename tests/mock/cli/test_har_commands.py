"""`import` and `export` from the outside: files, messages, and that nothing is overwritten."""

import json
from pathlib import Path

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import End
from chatgptfree_mock.tape.saving import save_in_parts

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
    printed = capsys.readouterr()
    assert printed.out == "site.yaml: 1 interaction\n"
    assert "redacted cookies: 1 value in 1 place\nredacted nonces: 1 value in 1 place\n" in printed.err
    cassette = load(har.with_suffix(".yaml"))
    assert cassette.interactions[0].response.body == b"<p data-nonce='0000000001'>"
    assert cassette.recording["redacted"] == ["cookies: 1 value in 1 place", "nonces: 1 value in 1 place"]
    assert run(["lint", "--strict", "site.yaml"]) == 0


def test_a_rule_can_be_kept_and_a_wrong_one_is_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(har), "--keep", "nonces", "--out", "kept.yaml"]) == 0
    assert load("kept.yaml").interactions[0].response.body == b"<p data-nonce='fc6c7cf580'>"
    assert load("kept.yaml").recording["kept"] == ["nonces"]
    assert run(["import", str(har), "--keep", "nonce"]) == 2
    assert "no such redaction rule: `nonce`; did you mean `nonces`?" in capsys.readouterr().err


def test_nothing_is_overwritten_unless_asked(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("site.yaml").write_text("mine")
    assert run(["import", str(har)]) == 2
    assert capsys.readouterr().err.endswith("site.yaml: can't write: there is a file of this name already\n")
    assert Path("site.yaml").read_text() == "mine"
    assert run(["import", str(har), "--force"]) == 0


def test_a_har_without_content_is_refused_with_a_reason(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = har.read_text().replace('"text": "<p data-nonce=\'fc6c7cf580\'>"', '"comment": ""')
    har.write_text(text)
    assert run(["import", str(har)]) == 2
    printed = capsys.readouterr().err
    assert "left out, its body of 20 bytes is missing" in printed
    assert "nothing in it can be replayed" in printed
    assert not Path("site.yaml").exists()


def test_a_file_of_2_gigabytes_is_refused_with_the_limit_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with har.open("wb") as file:
        file.truncate(2 * 1024**3)
    assert run(["import", str(har)]) == 2
    assert "2,147,483,648 bytes are more than the limit of 268,435,456" in capsys.readouterr().err


def odd(har: Path, **entry: object) -> None:
    """Put an entry into the HAR, before the good one."""
    printed = json.loads(har.read_text())
    printed["log"]["entries"].insert(0, {"request": {"method": "GET", "url": "https://chatgptfree.ai/odd"}} | entry)
    har.write_text(json.dumps(printed))


def test_an_odd_entry_is_left_out_and_counts_only_strictly(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd(har, response=None)
    assert run(["import", str(har)]) == 0
    assert "entry #1, GET https://chatgptfree.ai/odd: left out, `response` is null\n" in capsys.readouterr().err
    assert run(["import", str(har), "--strict", "--force"]) == 1
    assert len(load("site.yaml").interactions) == 1


def test_images_styles_and_scripts_are_counted(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd(har, response={"status": 200, "content": {"size": 3, "text": "a{}", "mimeType": "text/css"}})
    assert run(["import", str(har)]) == 0
    assert "images, styles and scripts left out: 1 (--static keeps them)\n" in capsys.readouterr().err


def test_an_answer_that_broke_off_is_named(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {"size": 3, "text": "abc", "mimeType": "text/html"}
    odd(har, response={"status": 200, "content": content, "_error": "net::ERR_INCOMPLETE_CHUNKED_ENCODING"})
    assert run(["import", str(har)]) == 0
    line = "the browser reports net::ERR_INCOMPLETE_CHUNKED_ENCODING; its answer is kept as truncated\n"
    assert line in capsys.readouterr().err
    assert load("site.yaml").interactions[0].response.end is End.TRUNCATED


def test_half_a_body_gives_1(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd(har, response={"status": 200, "content": {"size": 240, "text": "a" * 120, "mimeType": "text/html"}})
    assert run(["import", str(har)]) == 1
    assert "https://chatgptfree.ai/odd: its body is cut: 120 of 240 bytes; " in capsys.readouterr().err
    assert load("site.yaml").interactions[0].response.end is End.TRUNCATED


def test_playwrights_attachments_are_found_beside_the_har(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd(har, response={"status": 200, "content": {"size": -1, "_file": "6f1e.html"}})
    assert run(["import", str(har)]) == 1
    assert "its body is in the file 6f1e.html, which is not beside the HAR" in capsys.readouterr().err
    Path("6f1e.html").write_bytes(b"<p>attached")
    assert run(["import", str(har), "--force"]) == 0
    assert load("site.yaml").interactions[0].response.body == b"<p>attached"


def test_json_is_written_where_the_name_asks_for_it(har: Path) -> None:
    assert run(["import", str(har), "--out", "site.json"]) == 0
    assert json.loads(Path("site.json").read_text())["version"] == 1
    assert run(["import", str(har), "--out", "site.yaml"]) == 0
    assert load("site.json").interactions == load("site.yaml").interactions


def test_what_one_cassette_cannot_hold_is_split_into_several(
    har: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        odd(har, response={"status": 200 + number, "content": {"size": 1500, "text": "a" * 1500}})
    odd(har, response={"status": 200, "content": {"size": 5000, "text": "b" * 5000}})
    monkeypatch.setattr(save_in_parts, "__kwdefaults__", {"limit": 5000, "overwrite": True})
    assert run(["import", str(har)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "site.yaml, site-2.yaml, site-3.yaml: 6 interactions\n"
    assert "left out, too large for a cassette: https://chatgptfree.ai/odd\n" in printed.err
    assert sum(len(load(name).interactions) for name in ("site.yaml", "site-2.yaml", "site-3.yaml")) == 6
    assert all(Path(name).stat().st_size <= 5000 for name in ("site.yaml", "site-2.yaml", "site-3.yaml"))
    Path("site.yaml").unlink()
    assert run(["import", str(har)]) == 2
    assert not Path("site.yaml").exists()


def test_a_recording_is_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(recorded_file("1.8.93", "up_half_s"))]) == 0
    assert json.loads(capsys.readouterr().out)["log"]["entries"][0]["response"]["status"] == 200
    out = tmp_path / "out.har"
    assert run(["export", str(recorded_file("1.8.93", "up_half_s")), "--out", str(out)]) == 0
    assert run(["export", str(recorded_file("1.8.93", "up_half_s")), "--out", str(out)]) == 2
    assert json.loads(out.read_text())["log"]["version"] == "1.2"


def test_a_recording_that_ships_is_exported_by_its_short_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "1.8.93/up_half_s"]) == 0
    by_name = capsys.readouterr().out
    assert run(["export", str(recorded_file("1.8.93", "up_half_s"))]) == 0
    assert capsys.readouterr().out == by_name
    assert run(["export", "1.8.93/up_hal_s"]) == 2
    assert "did you mean `1.8.93/up_half_s`?" in capsys.readouterr().err


def test_a_scenario_cannot_be_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "nonce/expired-403"]) == 2
    complaint = capsys.readouterr().err
    assert "nonce/expired-403 is a scenario, not a recording" in complaint
    assert "/s/nonce/expired-403/" in complaint


def test_an_empty_cassette_cannot_be_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("version: 1\ninteractions: []\n")
    out = tmp_path / "empty.har"
    assert run(["export", str(empty), "--out", str(out)]) == 2
    assert "empty.yaml: the cassette has no interactions; record one before you export it" in capsys.readouterr().err
    assert not out.exists()
