"""Whatever vcrpy has written or accepts is loaded: bodies, headers and releases of all kinds."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import pytest
import vcr  # type: ignore[import-untyped]  # has no types
from tests.support.many_cases import for_each
from vcr.serialize import deserialize  # type: ignore[import-untyped]  # has no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Interaction, Response
from chatgptfree_mock.tape.saving import save
from chatgptfree_mock.tape.yaml.reading import read

BODIES = {
    "/text": "data: Héllo 👋\n\n\n".encode(),
    "/crlf": b"event: a\r\ndata: 1\r\n\r\n",
    "/binary": bytes(range(256)),
    "/empty": b"",
    "/yes": b"yes",
    "/number": b"1:30",
}


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = BODIES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.path = "/text"
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


async def record(server: str, path: Path, serializer: str) -> None:
    recorder = vcr.VCR(record_mode="all", serializer=serializer)
    with recorder.use_cassette(str(path)):
        async with aiohttp.ClientSession() as session:
            for address in BODIES:
                if serializer == "json" and address == "/binary":
                    continue  # vcrpy can't write it as JSON
                async with session.get(server + address) as response:
                    await response.read()
            async with session.post(server, json={"message": "Hällo", "list": [1, None]}) as response:
                await response.read()
            async with session.post(server, data=b"message=H%C3%A4llo") as response:
                await response.read()


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_what_vcrpy_records_is_loaded(server: str, serializer: str, tmp_path: Path) -> None:
    path = tmp_path / f"theirs.{serializer}"
    asyncio.run(record(server, path, serializer))
    cassette = load(path)
    for interaction in cassette.interactions:
        address = interaction.request.uri.removeprefix(server)
        assert interaction.response.body == BODIES.get(address, BODIES["/text"])
        assert [value for name, value in interaction.response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    *_, by_json, by_form = cassette.interactions
    assert json.loads(by_json.request.body or b"") == {"message": "Hällo", "list": [1, None]}
    assert by_form.request.body == b"message=H%C3%A4llo"
    save(tmp_path / "ours.yaml", cassette)
    assert load(tmp_path / "ours.yaml").interactions == cassette.interactions


def cassette_yaml(
    response: str, request: str = "{method: GET, uri: 'http://a/', headers: {}, body: null}", more: str = ""
) -> str:
    return f"interactions:\n- request: {request}\n  response: {response}\n{more}\n"


OK = "{status: {code: 200, message: OK}, headers: {}, body: {string: x}}"
ACCEPTED = [
    pytest.param(cassette_yaml(OK), id="no version"),
    pytest.param(cassette_yaml(OK, more="version: 2"), id="a version of the future"),
    pytest.param(cassette_yaml(OK, more="x-other: {a: [1]}"), id="a foreign key"),
    pytest.param(cassette_yaml(OK, more="metadata: {recorded: yesterday}"), id="metadata"),
    pytest.param(
        cassette_yaml("{status: {code: 200, message: null}, headers: {A: b}, body: {string: ''}}"), id="text header"
    ),
    pytest.param(cassette_yaml("{status: {code: 200, message: OK}, headers: {}, body: {}}"), id="no string"),
    pytest.param(
        cassette_yaml("{status: {code: 200, message: OK}, headers: {}, body: {string: null}}"), id="string is null"
    ),
    pytest.param(
        cassette_yaml("{status_code: 200, headers: {a: b}, http_version: HTTP/1.1, content: x}"),
        id="httpx of older releases",
    ),
    pytest.param(
        cassette_yaml(OK, request="{method: GET, uri: 'http://a/', headers: {A: [b, c]}, body: x}"), id="text body"
    ),
    pytest.param(
        cassette_yaml(OK, request="{method: POST, uri: 'http://a/', headers: {}, body: !!binary 'eA=='}"),
        id="body in base64",
    ),
    pytest.param(
        cassette_yaml(OK, request="{method: POST, uri: 'http://a/', headers: {}, body: {a: [1, true, null]}}"),
        id="JSON body",
    ),
    pytest.param(
        cassette_yaml(
            OK,
            request="{method: POST, uri: 'http://a/', headers: {}, body: "
            "!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary 'eA==', 0, null]}}",
        ),
        id="a body that was a file",
    ),
    pytest.param(
        cassette_yaml(
            OK,
            request="{method: POST, uri: 'http://a/', headers: {}, body: "
            "!!python/object/apply:builtins.iter {args: [[!!binary 'eA==']], state: 0}}",
        ),
        id="a body that was an iterator",
    ),
    pytest.param(
        cassette_yaml(OK, request="{method: !!python/unicode 'GET', uri: 'http://a/', headers: {}, body: null}"),
        id="text of Python 2",
    ),
    pytest.param(
        "a: &h {A: [b]}\ninteractions:\n- request: {method: GET, uri: 'http://a/', headers: *h, body: null}\n"
        "  response: {status: {code: 200, message: OK}, headers: {<<: *h, C: [d]}, body: {string: x}}\n",
        id="aliases and merge keys",
    ),
]


@for_each("text", ACCEPTED)
def test_what_vcrpy_accepts_is_not_refused(text: str) -> None:
    requests, responses, *_ = deserialize(text, yamlserializer)
    (interaction,) = read(text.encode()).interactions
    (request,), (response,) = requests, responses
    assert (interaction.request.method, interaction.request.uri) == (request.method, request.uri)
    body = response["body"].get("string") if "body" in response else response["content"].encode()
    assert interaction.response.body == (body or b"")


def test_bodies_that_vcrpy_keeps_as_objects_become_bytes() -> None:
    bodies = {case.id: read(str(case.values[0]).encode()).interactions[0].request.body for case in ACCEPTED}
    assert bodies["a body that was a file"] == b"x"
    assert bodies["a body that was an iterator"] == b"x"
    assert bodies["JSON body"] == b'{"a": [1, true, null]}'


def test_a_plain_cassette_is_one_chunk_at_once() -> None:
    (interaction,) = read(cassette_yaml(OK).encode()).interactions
    assert interaction == Interaction(
        request=interaction.request, response=Response(status=200, reason="OK", body=b"x", chunks=())
    )
