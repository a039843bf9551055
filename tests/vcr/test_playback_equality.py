"""The same recording, played by vcrpy in process and by the mock over a socket: equal in every byte."""

from __future__ import annotations

import gzip
import json
import string
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
import pytest_recording.plugin
import vcr  # type: ignore[import-untyped]  # has no types
import yaml
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.playback import Question, in_process, over_a_socket

ORIGIN = "http://api.example"
EVENTS = 'data: {"n":"é 👋"}\n\ndata: [DONE]\n\n'.encode() * 9
JSON = json.dumps({"text": "é" * 200}).encode()
PICTURE = bytes(range(256)) * 4


def interaction(
    path: str,
    content: object,
    response_headers: Mapping[str, object] | None = None,
    *,
    code: int = 200,
    message: str = "OK",
    **request: Any,
) -> dict[str, Any]:
    """Return an interaction as vcrpy has it; *request*: keys of its request, *response_headers*: of its response."""
    return {
        "request": {"method": "GET", "uri": ORIGIN + path, "headers": {}, "body": None} | request,
        "response": {
            "status": {"code": code, "message": message},
            "headers": dict(response_headers or {}),
            "body": {"string": content},
        },
    }


def written(folder: Path, interactions: list[dict[str, Any]], suffix: str = ".yaml") -> Path:
    """Write a cassette as vcrpy's own serializers do."""
    data = {"version": 1, "interactions": interactions}
    file = folder / f"tape{suffix}"
    text = yaml.dump(data) if suffix == ".yaml" else json.dumps(data, indent=4) + "\n"
    file.write_text(text, "utf-8")
    return file


def questions(interactions: list[dict[str, Any]]) -> list[Question]:
    found = []
    for each in interactions:
        request = each["request"]
        body = request["body"].encode() if isinstance(request["body"], str) else request["body"]
        headers = tuple((name, value) for name, values in request["headers"].items() for value in values)
        found.append(Question(request["method"], request["uri"], body, headers))
    return found


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def members(data: bytes) -> bytes:
    return gzip.compress(data[:100]) + gzip.compress(data[100:]) + gzip.compress(b"")


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip of several members": ("gzip", members),
    "gzip under its old name": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without zlib's header": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "gzip, then br": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
}
WRONG = {"gzip": "br", "x-gzip": "deflate", "deflate": "gzip", "br": "gzip", "zstd": "gzip", "gzip, br": "zstd"}
TEXTS = {"text/event-stream": EVENTS, "application/json": JSON}


def packed_interactions(name: str) -> list[tuple[dict[str, Any], bytes]]:
    """Return interactions whose bodies are packed in the way *name*, with the text of each."""
    coding, pack = PACKED[name]
    found = []
    for number, (kind, text) in enumerate(TEXTS.items()):
        stored = pack(text)
        headers = {"Content-Type": [kind], "Content-Length": [str(len(stored))]}
        written = {
            "right": {"Content-Encoding": [coding]},
            "wrong": {"content-encoding": [WRONG[coding]]},
            "missing": {},
        }
        if name == "deflate without zlib's header":
            del written["missing"], written["wrong"]  # nothing in the bytes shows it
        found += [(interaction(f"/{number}/{what}", stored, headers | more), text) for what, more in written.items()]
        found.append((interaction(f"/{number}/not", text, headers | written["right"]), text))
    return found


@pytest.mark.parametrize("name", PACKED)
def test_packed_bodies_are_the_same_bytes_and_the_text_to_clients_that_do_not_unpack(name: str, tmp_path: Path) -> None:
    tape = packed_interactions(name)
    interactions = [each for each, _ in tape]
    file = written(tmp_path, interactions)
    assert over_a_socket(file, questions(interactions)) == in_process(file, questions(interactions))
    plain = over_a_socket(file, questions(interactions), accepted="identity")
    assert [each.body for each in plain] == [text for _, text in tape]


FORMS: dict[str, dict[str, Any]] = {
    "text": interaction("/", "Grüße\n\n 👋\u2028", {"Content-Type": ["text/plain; charset=utf-8"]}),
    "text with every line end": interaction("/", "a\r\nb\rc\n\n  d \x85e\u2029", {"Content-Type": ["text/plain"]}),
    "control characters": interaction("/", "a\0b\x7f\x1b[31m", {"Content-Type": ["text/plain"]}),
    "a byte order mark": interaction("/", "\ufeff{}", {"Content-Type": ["application/json"]}),
    "events": interaction("/", EVENTS.decode(), {"Content-Type": ["text/event-stream"]}),
    "nothing": interaction("/", ""),
    "no content": interaction("/", "", code=204, message="No Content"),
    "not modified": interaction("/", "", {"ETag": ['"a"'], "Content-Length": ["77"]}, code=304),
    "a status that no table has": interaction("/", "no", code=999, message="Request denied"),
    "no reason": interaction("/", "ok", message=""),
    "cookies": interaction("/", "ok", {"Set-Cookie": ["a=1; Path=/", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]}),
    "headers as vcrpy wrote them for httpx": interaction("/", "ok", {"x-a": ["1"], "X-B": [""], "x-c": ["é"]}),
    "a wrong length": interaction("/", "four", {"Content-Length": ["3"]}),
    "a length that is none": interaction("/", "four", {"Content-Length": ["abc"]}),
    "two framings": interaction("/", "four", {"Content-Length": ["9"], "Transfer-Encoding": ["chunked"]}),
    "a closed connection": interaction("/", "four", {"Connection": ["close"]}),
    "a query": interaction("/q?a=1&b=%C3%A9&a=2&c&d=", "found"),
    "odd addresses": interaction("//a//b;c=d/../%2F?x=%26", "found"),
    "a question in JSON": interaction(
        "/", "yes", method="POST", body='{"a": [1, null, "é"]}', headers={"Content-Type": ["application/json"]}
    ),
    "a form": interaction("/", "answer", method="PUT", body="a=1&b=%C3%A9"),
    "a question in bytes": interaction("/", "answer", method="PATCH", body=bytes(range(256))),
    "another method": interaction("/", "answer", method="PROPFIND"),
    "HEAD": interaction("/", "", {"Content-Length": ["77"], "Content-Type": ["text/html"]}, method="HEAD"),
}
BYTES: dict[str, dict[str, Any]] = {
    "a picture": interaction("/", PICTURE, {"Content-Type": ["image/png"]}),
    "Latin-1": interaction("/", b"caf\xe9", {"Content-Type": ["text/plain; charset=iso-8859-1"]}),
    "UTF-16": interaction("/", "grün".encode("utf-16"), {"Content-Type": ["text/plain; charset=utf-16"]}),
    "an archive": interaction("/", gzip.compress(JSON), {"Content-Type": ["application/gzip"]}),
    "a packed picture": interaction("/", gzip.compress(PICTURE), {"Content-Encoding": ["gzip"]}),
    "gzip that breaks off": interaction("/", gzip.compress(EVENTS)[:-9], {"Content-Encoding": ["gzip"]}),
}


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("form", FORMS)
def test_a_cassette_of_vcrpy_is_played_as_by_vcrpy(form: str, suffix: str, tmp_path: Path) -> None:
    item = FORMS[form]
    if suffix == ".json" and isinstance(item["request"]["body"], bytes):
        item = {**item, "request": item["request"] | {"body": "text"}}  # JSON has no bytes
    file = written(tmp_path, [item], suffix)
    assert over_a_socket(file, questions([item])) == in_process(file, questions([item]))


@pytest.mark.parametrize("form", BYTES)
def test_bytes_in_a_cassette_of_vcrpy_are_played_as_by_vcrpy(form: str, tmp_path: Path) -> None:
    file = written(tmp_path, [BYTES[form]])
    assert over_a_socket(file, questions([BYTES[form]])) == in_process(file, questions([BYTES[form]]))


TOKENS = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=12).map("X-{}".format)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).map(str.strip)
HEADERS = st.lists(
    st.tuples(TOKENS, st.lists(VALUES, min_size=1, max_size=3)), max_size=3, unique_by=lambda pair: pair[0].lower()
).map(dict)
"""Without names that differ in case only: vcrpy multiplies the values of such for `http.client`."""
KINDS = st.sampled_from(
    ["text/plain", "text/event-stream", "application/json", "application/octet-stream", "image/png"]
)
CODINGS = st.sampled_from(["", "gzip", "deflate", "br", "zstd", "identity", "gzip, gzip", "compress"])
PACKERS = st.sampled_from([bytes, bytes, gzip.compress, zlib.compress, brotli.compress, zstandard.compress, members])


@st.composite
def tapes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Build recordings whose headers need not fit their bodies."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        text = draw(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode(errors="ignore")))
        headers = draw(HEADERS)
        headers["Content-Type"] = [draw(KINDS)]
        coding = draw(CODINGS)
        if coding:
            headers["Content-Encoding"] = [coding]
        if draw(st.booleans()):
            headers["Content-Length"] = [str(draw(st.integers(0, 400)))]
        body = draw(PACKERS)(text)
        code, reason = draw(st.sampled_from([200, 201, 206, 400, 404, 429, 503, 599])), draw(VALUES)
        made.append(interaction(f"/{number}", body, headers, code=code, message=reason))
    return made


@settings(max_examples=40, deadline=None)
@given(tape=tapes())
def test_any_recording_is_played_as_by_vcrpy(tape: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder), tape)
        assert over_a_socket(file, questions(tape)) == in_process(file, questions(tape))


class ParsedBodies:
    """A serializer of vcrpy that keeps JSON as data, under `parsed_body`, as several projects have one."""

    @staticmethod
    def deserialize(text: str) -> Any:
        data = yaml.safe_load(text)
        for each in data["interactions"]:
            request, response = each["request"], each["response"]
            if "parsed_body" in request:
                request["body"] = json.dumps(request.pop("parsed_body"))
            if "parsed_body" in response:
                response["body"] = {"string": json.dumps(response.pop("parsed_body"))}
        return data

    @staticmethod
    def serialize(data: Any) -> str:
        raise AssertionError("nothing is recorded here")


@pytest.fixture
def reads_parsed_bodies() -> vcr.VCR:
    player = vcr.VCR(record_mode="none", match_on=["method", "uri", "body"], serializer="parsed")
    player.register_serializer("parsed", ParsedBodies)
    return player


DATA = [
    pytest.param({"answer": "é 👋", "n": [1, 2.5, None, True, {"a": ""}], "empty": {}}, id="an object"),
    pytest.param([1, -2, 1e20, "2026-01-01", "yes", "0x10", "1_000", "12:30", "null", "~"], id="words like values"),
    pytest.param({"1": "a", "true": "b", "null": "c", "": "d", "é": "e"}, id="keys like values"),
    pytest.param("text", id="text"),
    pytest.param(None, id="null"),
    pytest.param([], id="an empty list"),
    pytest.param({"a": {"b": ["c\nd\re\u2028"] * 3}}, id="deep"),
]


@pytest.mark.parametrize("data", DATA)
def test_parsed_bodies_are_played_as_their_serializer_writes_them(
    data: object, reads_parsed_bodies: vcr.VCR, tmp_path: Path
) -> None:
    item = interaction("/", "", {"content-type": ["application/json"]}, method="POST")
    item["request"]["headers"] = {"Content-Type": ["application/json"]}
    del item["request"]["body"], item["response"]["body"]
    item["request"]["parsed_body"] = item["response"]["parsed_body"] = data
    other = {**item, "request": item["request"] | {"parsed_body": {"not": "this"}}}
    file = written(tmp_path, [other, item])
    questions = [Question("POST", f"{ORIGIN}/", json.dumps(data).encode(), (("Content-Type", "application/json"),))]
    assert over_a_socket(file, questions) == in_process(file, questions, reads_parsed_bodies)


RECORDED_TEST = """\
import urllib.request

import pytest


@pytest.mark.vcr
@pytest.mark.parametrize("path", ["/events", "/packed"])
def test_ask(path):
    request = urllib.request.Request("{url}" + path, headers={{"Accept-Encoding": "gzip"}})
    assert urllib.request.urlopen(request).read()
"""


class Origin(BaseHTTPRequestHandler):
    """Answers with events, as they are or packed."""

    def do_GET(self) -> None:
        packed = self.path == "/packed"
        body = gzip.compress(EVENTS) if packed else EVENTS
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Origin) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_files_of_pytest_recording_are_played_as_by_vcrpy(
    origin: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(test_it=RECORDED_TEST.format(url=origin))
    done = pytester.runpytest_inprocess("--record-mode=once", plugins=[pytest_recording.plugin])
    done.assert_outcomes(passed=2)
    files = sorted(pytester.path.rglob("cassettes/**/*.yaml"))
    assert len(files) == 2
    for file, path in zip(files, ("events", "packed"), strict=True):
        questions = [Question("GET", f"{origin}/{path}")]
        assert over_a_socket(file, questions) == in_process(file, questions)
