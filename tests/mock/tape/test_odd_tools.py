"""Recordings in the forms of further tools go the whole way: loaded, checked, played, imported, exported."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chatgptfree_mock.cli import run
from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.tape.files import load_recording

URL = "https://a.example/chat"
OK = {"size": 2, "mimeType": "text/plain", "text": "ok"}
EVENTS = 'data: {"t":"Hi"}\n\ndata: [DONE]\n\n'


def entry(
    url: str = URL, *, method: str = "GET", status: int = 200, content: Any = None, **more: Any
) -> dict[str, Any]:
    headers = more.pop("headers", [])
    request = {"method": method, "url": url, "headers": [], **more.pop("request", {})}
    response = {"status": status, "statusText": "", "headers": headers, "content": content or {"size": 0}}
    return {"startedDateTime": "2026-01-02T03:04:05.678+02:00", "request": request, "response": response, **more}


def har(tool: str, *entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": tool, "version": "1"}, "entries": entries}})


def header(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


HARS: dict[str, tuple[str, list[bytes]]] = {
    "Firefox, decoded under br": (
        har("Firefox", entry(headers=[header("content-encoding", "br")], content={"size": 30, "text": EVENTS})),
        [EVENTS.encode()],
    ),
    "Safari, a stream without text": (
        har("WebKit", entry(content={"size": 33, "mimeType": "text/event-stream"}), entry(content=OK)),
        [b"ok"],
    ),
    "Charles, text in base64": (
        har("Charles", entry(content={"size": 2, "text": base64.b64encode(b"ok").decode(), "encoding": "base64"})),
        [b"ok"],
    ),
    "Proxyman, gzip in base64": (
        har(
            "Proxyman",
            entry(
                headers=[header("Content-Encoding", "gzip")],
                content={"size": 22, "text": base64.b64encode(gzip.compress(b"ok")).decode(), "encoding": "base64"},
            ),
        ),
        [b"ok"],
    ),
    "Fiddler, a byte order mark": (har("Fiddler", entry(content={"size": 5, "text": "\ufeffok"})), [b"\xef\xbb\xbfok"]),
    "mitmproxy, a tunnel": (har("mitmproxy", entry("a.example:443", method="CONNECT"), entry(content=OK)), [b"ok"]),
    "HTTP Toolkit, aborted": (har("HTTP Toolkit", entry(status=0, _aborted=True), entry(content=OK)), [b"ok"]),
    "Polly": (har("Polly.JS", entry(content=OK, _id="abc", _order=0)), [b"ok"]),
    "Insomnia, never sent": (har("Insomnia", entry(method="POST", status=0), entry(content=OK)), [b"ok"]),
    "numbers as text": (har("newman", entry(content={**OK, "size": "2", "mimeType": None}, time="12")), [b"ok"]),
    "pseudo headers": (har("chrome-har", entry(headers=[header(":status", "200")], content=OK)), [b"ok"]),
}
EXCHANGE = {"method": "GET", "uri": URL, "body": {"string": ""}, "headers": {}}
ANSWER = {"status": {"code": 200, "message": "OK"}, "headers": {"A": ["b"]}, "body": {"string": "ok"}}
CASSETTES: dict[str, tuple[str, str]] = {
    "go-vcr 2": (
        ".yaml",
        (
            "version: 2\ninteractions:\n- id: 0\n  request: {proto: HTTP/1.1, content_length: 0,"
            " host: a.example, body: '',"
            f" form: {{}}, headers: {{}}, url: '{URL}', method: GET}}\n  response: {{proto: HTTP/2.0,"
            " uncompressed: true,"
            " body: ok, headers: {A: [b]}, status: 200 OK, code: 200, duration: 123.4ms}\n"
        ),
    ),
    "ExVCR": (
        ".json",
        json.dumps(
            [
                {
                    "request": {"body": "", "headers": [], "method": "get", "options": [], "url": URL},
                    "response": {
                        "binary": False,
                        "body": "ok",
                        "headers": {"A": "b"},
                        "status_code": 200,
                        "type": "ok",
                    },
                }
            ]
        ),
    ),
    "rvcr": (
        ".json",
        json.dumps({"http_interactions": [{"request": EXCHANGE, "response": ANSWER}], "recorded_with": "rVCR 0.1.5"}),
    ),
    "OkReplay": (
        ".yaml",
        (
            f"!tape\nname: x\ninteractions:\n- recorded: 2026-01-01T00:00:00.000Z\n  request: "
            f"{{method: GET, uri: '{URL}',"
            " headers: {}}\n  response: {status: 200, headers: {A: b}, body: ok}\n"
        ),
    ),
    "merged mappings": (
        ".yaml",
        (
            f"interactions:\n- request: &r {{body: null, headers: {{}}, method: GET, uri: '{URL}'}}\n"
            "  response: &a {body:"
            " {string: ok}, headers: {}, status: {code: 200, message: null}}\n- {request: *r, response: {<<: *a}}\n"
        ),
    ),
}


def played(path: Path) -> list[bytes]:
    """Return what a client gets that asks the recorded questions in their order."""
    cassette = load_recording(path)
    player = CassettePlayer([cassette])
    requests = [each.request for each in cassette.interactions]
    return [player.play(each, "http://127.0.0.1:1").response.body for each in requests]


@pytest.mark.parametrize("tool", HARS)
def test_a_har_goes_the_whole_way(tool: str, tmp_path: Path) -> None:
    text, bodies = HARS[tool]
    file, cassette = tmp_path / "a.har", tmp_path / "a.yaml"
    file.write_text(text)
    assert played(file) == bodies
    assert run(["lint", "--max-age", "99999", str(file)]) == 0
    missing = "without text" in tool
    assert run(["import", str(file), "--out", str(cassette)]) == int(missing)
    assert played(cassette) == bodies
    left_out = json.loads(text)["log"]["entries"][len(bodies) :]
    assert len(load_recording(file).left_out) == len(left_out)


@pytest.mark.parametrize("tool", CASSETTES)
def test_a_cassette_goes_the_whole_way(tool: str, tmp_path: Path) -> None:
    suffix, text = CASSETTES[tool]
    file, exported = tmp_path / f"a{suffix}", tmp_path / "a.har"
    file.write_text(text)
    bodies = played(file)
    assert set(bodies) == {b"ok"}
    assert run(["lint", str(file)]) == 0
    assert run(["export", str(file), "--out", str(exported)]) == 0
    assert played(exported) == bodies


def test_a_format_that_is_not_read_is_refused_by_its_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "easyvcr.json"
    file.write_text(json.dumps([{"Request": {"Uri": URL}, "Response": {"Body": "ok"}, "Duration": 12}]))
    assert run(["lint", str(file)]) == 1
    assert "keys Request, Response, Duration" in capsys.readouterr().out
