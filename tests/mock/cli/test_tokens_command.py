"""`tokens` from the outside: the table, JSON, what is stored, and that vcrpy and lint read past it."""

import json
from pathlib import Path

import pytest
from vcr.persisters.filesystem import FilesystemPersister  # type: ignore[import-untyped]  # has no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.cli import run
from chatgptfree_mock.tape.files import load

TAPE = """\
# a person's comment
version: 1
x-recording: {upstream: https://chat.invalid, recorded_at: '2026-11-25T20:00:00Z', kept: [nonces]}
interactions:
- request: {method: GET, uri: 'https://chat.invalid/', headers: {}, body: null}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [text/html]}
    body: {string: '<div data-nonce="fc6c7cf580">'}
- request:
    method: POST
    uri: https://chat.invalid/ask
    headers: {Content-Type: [application/x-www-form-urlencoded]}
    body: _wpnonce=fc6c7cf580&message=hi
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [text/plain]}
    body: {string: hello}
"""


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    file = tmp_path / "tape.yaml"
    file.write_text(TAPE)
    return file


def test_the_table_names_each_token_and_why(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tokens", str(tape)]) == 0
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == ["NAME", "CLASS", "SHAPE", "FROM", "BACK", "LIVES", "REFUSED", "WHY"]
    assert line.startswith("_wpnonce  token  10 hex  #1 body  #2 form:_wpnonce  -      -        ")
    assert tape.read_text() == TAPE


def test_json_is_one_document(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tokens", "--json", str(tape)]) == 0
    (token,) = json.loads(capsys.readouterr().out)["tokens"]
    assert (token["name"], token["class"], token["from"]) == ("_wpnonce", "token", {"interaction": 0, "part": "body"})


def test_what_is_stored_is_read_and_nothing_else_changes(tape: Path) -> None:
    assert run(["tokens", "--write", str(tape)]) == 0
    first = tape.read_text()
    block, rest = first.split("version: 1", 1)
    assert block.startswith("# a person's comment\nx-tokens:")
    assert TAPE.endswith(f"version: 1{rest}")
    assert [each["name"] for each in load(tape).tokens] == ["_wpnonce"]
    assert run(["tokens", "--write", str(tape)]) == 0
    assert load(tape).tokens == load(tape).tokens
    assert tape.read_text().count("x-tokens") == 1


def test_a_block_that_differs_is_named(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["tokens", "--write", str(tape)])
    assert "acts by that" not in capsys.readouterr().err
    tape.write_text(tape.read_text().replace("class: token", "class: client"))
    for option in ([], ["--json"]):
        assert run(["tokens", *option, str(tape)]) == 0
        assert capsys.readouterr().err == (
            f"{tape}: `_wpnonce` is of the class `client` in x-tokens, and a replay acts by that\n"
        )


def test_vcrpy_reads_past_the_block(tape: Path) -> None:
    run(["tokens", "--write", str(tape)])
    requests, responses = FilesystemPersister.load_cassette(str(tape), yamlserializer)
    assert [request.method for request in requests] == ["GET", "POST"]
    assert responses[1]["body"] == {"string": b"hello"}


def test_lint_checks_the_block_and_fix_keeps_it(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape.write_text(TAPE.replace("Content-Type: [text/plain]", "Content-Type: [text/plain], Content-Length: ['9']"))
    run(["tokens", "--write", str(tape)])
    run(["lint", "--fix", str(tape)])
    assert "Content-Length: ['5']" in tape.read_text()
    assert [each["name"] for each in load(tape).tokens] == ["_wpnonce"]
    tape.write_text(tape.read_text().replace("interaction: 1", "interaction: 7"))
    capsys.readouterr()
    assert run(["lint", str(tape)]) == 1
    assert "there is no interaction 7" in capsys.readouterr().out


def test_a_har_cannot_hold_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.har"
    file.write_text("{}")
    assert run(["tokens", "--write", str(file)]) == 2
    assert "make a cassette of it with `chatgptfree-mock import`" in capsys.readouterr().err


def test_import_finds_them_before_it_redacts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def entry(method: str, url: str, text: str, body: str = "") -> dict[str, object]:
        kind = "application/x-www-form-urlencoded"
        posted = {"postData": {"mimeType": kind, "text": body}} if body else {}
        headers = [{"name": "Content-Type", "value": kind}] if body else []
        return {
            "startedDateTime": "2026-11-23T00:37:31.500Z",
            "time": 5,
            "request": {"method": method, "url": url, "headers": headers, **posted},
            "response": {
                "status": 200,
                "statusText": "OK",
                "headers": [],
                "content": {"size": len(text), "mimeType": "text/html", "text": text},
            },
        }

    page = entry("GET", "https://chat.invalid/", '<p data-nonce="fc6c7cf580">')
    ask = entry("POST", "https://chat.invalid/ask", "hello", "_wpnonce=fc6c7cf580&message=hi")
    har, out = tmp_path / "site.har", tmp_path / "site.yaml"
    har.write_text(json.dumps({"log": {"creator": {"name": "Firefox", "version": "140"}, "entries": [page, ask]}}))
    assert run(["import", str(har), "--out", str(out)]) == 0
    assert "fc6c7cf580" not in out.read_text()
    (token,) = load(out).tokens
    assert (token["name"], token["from"]["interaction"], token["back"]) == (
        "_wpnonce",
        0,
        [{"interaction": 1, "place": "form:_wpnonce"}],
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "class: token",
            "class: tokken",
            "unknown value 'tokken' - at `$.x-tokens[0].class` (did you mean `token`?",
        ),
        ("alphabet: hex", "alphabet: hexx", "(did you mean `hex`?"),
        ("length: 10", "lenght: 10", "unknown key `lenght` - at `$.x-tokens[0].shape` (did you mean `length`?"),
        ("length: 10", "length: 1", "it cannot be minted: of its shape, 1 hex, there are only 16 values"),
        ("'form:_wpnonce'", "'form:nonce'", "request 1 has no place `form:nonce` (its places: form:_wpnonce"),
        ("part: body", "part: header:x-nonce", "response 0 has no part `header:x-nonce`"),
        ('data-nonce="fc6c7cf580"', 'data-nonce="0123456789"', "the body of response 0 does not hold its value"),
    ],
)
def test_lint_names_what_cannot_act(
    old: str, new: str, words: str, tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["tokens", "--write", str(tape)])
    text = tape.read_text()
    assert old in text
    tape.write_text(text.replace(old, new, 1))
    capsys.readouterr()
    assert run(["lint", str(tape)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "x-tokens" in line]
    assert len(lines) == 1
    assert words in lines[0]


def test_lint_names_each_entry_that_cannot_act(tape: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["tokens", "--write", str(tape)])
    entry = tape.read_text().partition("x-tokens:\n")[2].partition("version: 1")[0]
    broken = entry.replace("form:_wpnonce", "form:other")
    tape.write_text(tape.read_text().replace(entry, entry + broken + broken))
    capsys.readouterr()
    assert run(["lint", str(tape)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "cannot act" in line]
    assert [f"`$.x-tokens[{number}]`" in line for number, line in enumerate(lines, 1)] == [True, True]


def test_a_shape_is_that_of_the_block_where_redaction_left_another(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tape.write_text(TAPE.replace("fc6c7cf580", "fc6c7cf580aa"))
    assert run(["tokens", "--write", str(tape)]) == 0
    tape.write_text(tape.read_text().replace("fc6c7cf580aa", "000000000001"))
    capsys.readouterr()
    assert run(["tokens", str(tape)]) == 0
    assert " 12 hex " in capsys.readouterr().out


@pytest.mark.parametrize(("refused", "shown"), [({"status": 410}, "by 410"), ({"interaction": 2}, "by #3")])
def test_what_the_block_declares_is_shown(
    tape: Path, capsys: pytest.CaptureFixture[str], refused: dict[str, int], shown: str
) -> None:
    more = f"lives: 90, refused: {json.dumps(refused)}"
    entry = "{name: _wpnonce, class: token, shape: {alphabet: hex, length: 10}, from: {interaction: 0, part: body}"
    block = f"x-tokens:\n- {entry}, back: [{{interaction: 1, place: 'form:_wpnonce'}}], {more}}}\n"
    again = TAPE.partition("interactions:\n")[2]
    tape.write_text(f"{block}{TAPE}{again}")  # so that there is an interaction 2
    assert run(["tokens", str(tape)]) == 0
    assert f"  90 s   {shown}" in capsys.readouterr().out
    assert run(["tokens", "--json", str(tape)]) == 0
    (token,) = json.loads(capsys.readouterr().out)["tokens"]
    assert token["lives"] == 90
    assert token["refused"].items() >= refused.items()


def test_a_file_that_is_missing_is_named_with_what_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tokens", "nix"]) == 2
    found = capsys.readouterr().err
    assert "nix: no such cassette (give a file, or the short name of a recording" in found
    assert "pattern" not in found
