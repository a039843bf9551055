"""A file of another tool is refused by its name, with what to do; what is a recording keeps its own errors."""

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.foreign_formats import foreign_format
from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.yaml.reading import read


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


def data(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


ASKED = {"method": "GET", "url": "https://a.example/"}
FILES: dict[str, bytes] = {
    "Postman": data(
        {
            "info": {"name": "API", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/"},
            "item": [{"request": ASKED, "response": []}],
        }
    ),
    "Insomnia": data({"_type": "export", "__export_source": "insomnia.desktop.app", "resources": [ASKED]}),
    "Insomnia, version 5": b"type: collection.insomnia.rest/5.0\nname: x\ncollection: []\n",
    "Bruno": b"meta {\n  name: ask\n}\n\nget {\n  url: https://a.example\n}\n",
    "requests for an editor": b"### ask\n@host = a.example\n\nGET https://a.example/x\nAccept: text/plain\n",
    "JMeter": b'<?xml version="1.0"?>\n<jmeterTestPlan version="1.2"><hashTree/></jmeterTestPlan>',
    "Karate": b"@slow\nFeature: chat\n\nScenario: ask\n",
    "OpenAPI": b"openapi: 3.1.0\ninfo:\n  title: x\n",
    "OpenAPI, in JSON": data({"swagger": "2.0", "paths": {}}),
    "WARC": b"WARC/1.0\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "mitmproxy": b"210:9:websocket;0:~8:response;180:6:reason;2:OK,}",
    "Charles": data([{"status": "COMPLETE", "method": "GET", "host": "a.example", "request": {"header": {}}}]),
    "Fiddler": zipped("raw/1_c.txt", "raw/1_s.txt"),
    "Playwright": zipped("trace.trace", "trace.network"),
    "packet capture": b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(16),
    "packet capture, new": b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a",
    "net log": data({"constants": {"logEventTypes": {}}, "events": []}),
    "Burp": b'<?xml version="1.0"?>\n<items burpVersion="2024"><item/></items>',
    "curl": b"== Info:   Trying 192.0.2.1:80...\n=> Send header, 70 bytes (0x46)\n0000: GET / HTTP/1.1\n",
    "curl, verbose": b"* Trying 192.0.2.1:80...\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n",
    "raw HTTP response": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhi",
    "raw HTTP request": b"POST /ask HTTP/1.1\r\nHost: a.example\r\n\r\nhi",
    "WireMock": data({"mappings": [{"request": ASKED, "response": {"status": 200}}]}),
    "WireMock, by its URL": data({"id": "a", "request": {"url": "/x", "method": "GET"}, "response": {"status": 200}}),
    "Insomnia, version 4": data({"_type": "export", "__export_format": 4, "resources": []}),
    "WireMock, alone": data({"request": {"method": "GET", "urlPath": "/x"}, "response": {"status": 200}}),
    "Mountebank": data({"imposters": [{"port": 4545, "stubs": []}]}),
    "Mockoon": data({"uuid": "1", "lastMigration": 28, "routes": []}),
    "Hoverfly": data({"data": {"pairs": []}, "meta": {"schemaVersion": "v5"}}),
    "Pact": data({"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"request": {"path": "/x"}}]}),
    "nock": data([{"scope": "https://a.example:443", "method": "GET", "path": "/x", "response": {"ok": True}}]),
    "library responses": b"responses:\n- response:\n    body: hi\n    url: https://a.example/x\n",
    "Talkback": b"{\n  meta: {\n    createdAt: '2026-01-01'\n  },\n  req: {}\n}\n",
    "yakbak": b"/** GET /x */\nmodule.exports = function (req, res) {\n  res.statusCode = 200;\n};\n",
    "JSON lines": b'{"a":1}\n{"b":2}\n',
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0a1b\nsize 12\n",
    "merge conflicts": b"<<<<<<< HEAD\ninteractions: []\n=======\nversion: 1\n>>>>>>> other\n",
    "HTML page": b"<!DOCTYPE html>\n<html><body>Not found</body></html>",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(8),
    "PDF": b"%PDF-1.7\n%\xe2\xe3",
    "event stream": b'data: {"a":1}\n\ndata: [DONE]\n\n',
}


@for_each("reader", [read, from_har])
@for_each("name", FILES)
def test_a_foreign_file_is_named_with_what_to_do(name: str, reader: Callable[[bytes], object]) -> None:
    with pytest.raises(CassetteError, match=rf"this is .*{re.escape(name.partition(',')[0])}.* \(.{{10,}}\)$"):
        reader(FILES[name])


@pytest.mark.parametrize("cassette", [b"version: 1\ninteractions: []\n", b'{"version": 1, "interactions": []}'])
def test_a_cassette_is_not_imported_but_used(cassette: bytes) -> None:
    with pytest.raises(CassetteError, match=r"this is a cassette .use it as it is"):
        from_har(cassette)


@pytest.mark.parametrize("body", ["schema.getpostman.com", '"urlPath": "/x"', '"lastMigration": 2', '"stubs": [] '])
def test_a_broken_recording_that_holds_a_foreign_file_keeps_its_error(body: str) -> None:
    cassette = (
        f"interactions:\n- request: {{method: GET, uri: x}}\n  response: {{body: {{string: '{body}'}}}}\n  odd: 1\n"
    )
    har = json.dumps({"log": {"entries": 1}, "x": body})
    with pytest.raises(CassetteError) as read_error:
        read(cassette.encode())
    with pytest.raises(CassetteError) as import_error:
        from_har(har.encode())
    assert "this is" not in f"{read_error.value} {import_error.value}"


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_an_error(content: bytes) -> None:
    assert foreign_format(content) is None or isinstance(foreign_format(content), tuple)
