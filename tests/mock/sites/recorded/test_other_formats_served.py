"""Recordings of other tools, over a socket: what a reader of a few lines makes of the file is what a client gets."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.playback import Played, Question, over_a_socket

TEXT = 'data: {"n":"é 👋"}\n\ndata: [DONE]\n\n'
GZIP = gzip.compress(TEXT.encode())
PICTURE = bytes(range(256))


class Expected(NamedTuple):
    """One exchange, as a file has it."""

    question: Question
    status: int
    reason: str
    body: bytes


class Loader(yaml.SafeLoader):
    """Reads Ruby's objects as mappings, and its symbols as text."""


def plain(loader: Loader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    value = loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None
    return base64.b64decode(str(value)) if node.tag == "!binary" else value


Loader.add_multi_constructor("!", plain)


def octets(value: str | bytes | None, charset: str = "utf-8") -> bytes:
    return value if isinstance(value, bytes) else (value or "").encode(charset)


def enveloped(body: Any) -> bytes:
    """Read a body of betamax and Ruby VCR."""
    if not isinstance(body, dict):
        return octets(body)
    if body.get("base64_string"):
        return base64.b64decode(body["base64_string"])
    names = {"ASCII-8BIT": "utf-8", "US-ASCII": "ascii"}
    return octets(body["string"], names.get(body["encoding"]) or body["encoding"])


def ruby(data: Any) -> Iterator[Expected]:
    """Read betamax, Ruby VCR 2 to 6, and 1, which is a list."""
    for each in data["http_interactions"] if isinstance(data, dict) else data:
        request, response = each["request"], each["response"]
        method = str(request["method"]).removeprefix(":").upper()
        question = Question(method, request["uri"].replace(":80/", "/"), enveloped(request["body"]) or None)
        yield Expected(question, response["status"]["code"], response["status"]["message"], enveloped(response["body"]))


def cassetter(data: Any) -> Iterator[Expected]:
    readers: dict[str, Callable[[Any], bytes]] = {
        "json": lambda content: json.dumps(content).encode(),
        "text": str.encode,
        "binary": bytes.fromhex,
        "none": lambda _: b"",
    }
    for each in data["interactions"]:
        request, response = each["request"], each["response"]
        sent, body = (readers[part["body"]["type"]](part["body"].get("content")) for part in (request, response))
        yield Expected(Question(request["method"], request["uri"], sent or None), response["status"], "", body)


def go_vcr(data: Any) -> Iterator[Expected]:
    for each in data["interactions"]:
        request, response = each["request"], each["response"]
        question = Question(request["method"], request["url"], octets(request["body"]) or None)
        yield Expected(question, response["code"], response["status"][4:], octets(response["body"]))


def listed(data: Any) -> Iterator[Expected]:
    """Read php-vcr and EasyVCR."""
    for each in data:
        request, status = each["request"], each["response"]["status"]
        question = Question(request["method"], request.get("url") or request["uri"], octets(request["body"]) or None)
        yield Expected(question, int(status["code"]), status["message"], octets(each["response"]["body"]))


def har(data: Any) -> Iterator[Expected]:
    for each in data["log"]["entries"]:
        request, response = each["request"], each["response"]
        text = response["content"]["text"]
        body = base64.b64decode(text) if response["content"].get("encoding") == "base64" else text.encode()
        posted = request.get("postData", {}).get("text")
        question = Question(request["method"], request["url"], posted and posted.encode())
        yield Expected(question, response["status"], response["statusText"], body)


def betamax(encoding: str | None, body: dict[str, str], **headers: list[str]) -> str:
    request = {"method": "POST", "uri": "https://a.example/x?y=1", "body": {"encoding": "utf-8", "string": "q"}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"encoding": encoding} | body}
    return json.dumps({"http_interactions": [{"request": request | {"headers": {}}, "response": response}]})


RUBY_1 = """\
---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :post
    uri: http://a.example:80/x
    body: q=1
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 404
      message: Not Found
    headers:
      content-type:
      - text/plain
      content-length:
      - "6"
    body: |
      Hällo
    http_version: "1.1"
"""
RUBY_2 = """\
---
http_interactions:
- request:
    method: get
    uri: https://a.example/
    body: {{encoding: US-ASCII, string: ''}}
    headers:
      Accept:
      - ! '*/*'
  response:
    status: {{code: 200, message: OK}}
    headers:
      Content-Type:
      - text/plain
    body: {body}
    http_version: {version}
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR {release}
"""
BASE64 = base64.b64encode(PICTURE).decode()
RUBY = [
    ("2.0.0", "'1.1'", "{encoding: UTF-8, string: Hällo}"),
    ("2.9.3", "", "! 'Hällo'"),
    ("3.0.3", "'1.1'", "{encoding: ISO-8859-1, string: Hällo}"),
    ("4.0.0", "", "{encoding: ASCII-8BIT, string: !binary SMOkbGxv}"),
    ("5.1.0", "null", '{encoding: UTF-8, string: "{\\"a\\": 1}\\n"}'),
    ("6.2.0", "null", f"{{encoding: ASCII-8BIT, base64_string: {BASE64}}}"),
    ("6.3.1", "null", f"{{encoding: ASCII-8BIT, base64_string: {base64.b64encode(GZIP).decode()}}}"),
]


def cassetters(kind: str, content: object) -> str:
    request = {
        "method": "POST",
        "uri": "https://a.example/x",
        "headers": {},
        "body": {"type": kind, "content": content},
    }
    response = {"status": 201, "headers": {"x-a": ["1"]}, "body": {"type": kind, "content": content}}
    return yaml.dump({"version": 1, "interactions": [{"request": request, "response": response}]})


def go_vcrs(body: str | bytes, release: int) -> str:
    more = {} if release == 1 else {"proto": "HTTP/1.1", "content_length": 3, "transfer_encoding": [], "trailer": {}}
    request = {"method": "POST", "url": "https://a.example/x", "headers": {}, "form": {"q": ["1"]}, "body": "q=1"}
    response = {"status": "404 Not Found", "code": 404, "duration": "1ms", "headers": {"X-A": ["1"]}, "body": body}
    interaction = {"id": 0, "request": request | more, "response": response | more | {"uncompressed": True}}
    return yaml.dump({"version": release, "interactions": [interaction]})


def lists(**request: str) -> str:
    status = {"http_version": "1.1", "code": "200", "message": "OK"}
    asked = {"method": "POST", "headers": {"Host": "a.example"}, "body": "q"} | request
    return json.dumps([{"request": asked, "response": {"status": status, "headers": {"X-A": "1"}, "body": TEXT}}])


def hars(content: dict[str, Any], **headers: str) -> str:
    request = {
        "method": "POST",
        "url": "https://a.example/x",
        "headers": [],
        "postData": {"text": "q", "mimeType": "a/b"},
    }
    response = {
        "status": 200,
        "statusText": "OK",
        "headers": [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()],
        "content": content,
    }
    entry = {"startedDateTime": "2026-11-27T00:00:00Z", "time": 1, "request": request, "response": response}
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "a", "version": "1"}, "entries": [entry]}})


FILES = [
    pytest.param(ruby, "a.json", betamax("utf-8", {"string": TEXT}), id="betamax, text"),
    pytest.param(ruby, "a.json", betamax("ISO-8859-1", {"string": "é"}), id="betamax, Latin-1"),
    pytest.param(ruby, "a.json", betamax("utf-8", {"base64_string": BASE64}), id="betamax, bytes"),
    pytest.param(
        ruby,
        "a.json",
        betamax(None, {"base64_string": base64.encodebytes(GZIP).decode()}, Content_Encoding=["gzip"]),
        id="betamax, packed",
    ),
    pytest.param(ruby, "a.yml", RUBY_1, id="Ruby VCR 1"),
    *[
        pytest.param(ruby, "a.yml", RUBY_2.format(release=name, version=version, body=body), id=f"Ruby VCR {name}")
        for name, version, body in RUBY
    ],
    pytest.param(cassetter, "a.yaml", cassetters("json", {"a": [1, None, "é"]}), id="cassetter, JSON"),
    pytest.param(cassetter, "a.yaml", cassetters("text", TEXT), id="cassetter, text"),
    pytest.param(cassetter, "a.yaml", cassetters("binary", PICTURE.hex()), id="cassetter, bytes"),
    pytest.param(cassetter, "a.yaml", cassetters("none", None), id="cassetter, none"),
    pytest.param(go_vcr, "a.yaml", go_vcrs(TEXT, 1), id="go-vcr 1"),
    pytest.param(go_vcr, "a.yaml", go_vcrs(PICTURE, 2), id="go-vcr 2, bytes"),
    pytest.param(go_vcr, "a.yaml", go_vcrs(GZIP, 2), id="go-vcr 2, packed"),
    pytest.param(listed, "a.json", lists(url="https://a.example/x"), id="php-vcr"),
    pytest.param(listed, "a.yml", lists(uri="https://a.example/x"), id="EasyVCR"),
    pytest.param(har, "a.har", hars({"size": len(TEXT.encode()), "text": TEXT}), id="HAR, text"),
    pytest.param(har, "a.har", hars({"size": 256, "text": BASE64, "encoding": "base64"}), id="HAR, bytes"),
    pytest.param(
        har,
        "a.har",
        hars(
            {"size": len(GZIP), "text": base64.b64encode(GZIP).decode(), "encoding": "base64"},
            Content_Encoding="gzip",
        ),
        id="HAR, packed",
    ),
    pytest.param(
        har, "a.har", hars({"size": 2, "text": "ok"}, Content_Encoding="br", Content_Length="7"), id="HAR, unpacked"
    ),
]  # fmt: skip


def read_here(reader: Callable[[Any], Iterator[Expected]], text: str) -> list[Expected]:
    data = json.loads(text) if text[0] in "[{" else yaml.load(text, Loader)
    return list(reader(data))


@pytest.mark.parametrize(("reader", "name", "text"), FILES)
def test_a_recording_of_another_tool_is_served_as_its_file_has_it(
    reader: Callable[[Any], Iterator[Expected]], name: str, text: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    (expected,) = read_here(reader, text)
    (served,) = over_a_socket(file, [expected.question])
    assert (served.status, served.reason, served.body) == (expected.status, expected.reason, expected.body)
    (plain,) = over_a_socket(file, [expected.question], accepted="identity")
    assert plain.body == (TEXT.encode() if expected.body == GZIP else expected.body)


@settings(max_examples=15, deadline=None)
@given(bodies=st.lists(st.text(st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=6), of_go=st.booleans())
def test_any_text_of_go_vcr_and_betamax_is_served(
    bodies: list[str], of_go: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tapes")
    found: list[Expected] = []
    for number, body in enumerate(bodies):
        text = go_vcrs(body, 1) if of_go else betamax("utf-8", {"string": body})
        text = text.replace("a.example/x", f"a.example/{number}")
        (folder / f"{number}.yaml").write_text(text, "utf-8")
        found += read_here(go_vcr if of_go else ruby, text)
    assert [each.body for each in found] == [body.encode() for body in bodies]
    assert over_a_socket(folder, [each.question for each in found]) == [
        Played(each.status, each.reason, (("x-a", "1"),) if of_go else (), each.body) for each in found
    ]
