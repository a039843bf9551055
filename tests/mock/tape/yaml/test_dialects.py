"""Files of go-vcr, php-vcr, EasyVCR and ExVCR are read and repaired in their own form; what cannot be read is named."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.file_text import FileText
from chatgptfree_mock.tape.lint import repair
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.yaml.reading import read

GO_1 = """\
---
version: 1
interactions:
- request:
    body: a=1
    form: {a: ["1"]}
    headers:
      Accept:
      - '*/*'
    url: https://api.example/x?api_key=k3Jx9vQ2mZ7pLw5Rt8Yb
    method: POST
  response:
    body: |
      {"b": 2}
    headers:
      Content-Type: [application/json]
    status: 404 Not Found
    code: 404
    duration: ""
"""
GO_2 = """\
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        proto_major: 1
        proto_minor: 1
        content_length: 0
        transfer_encoding: []
        trailer: {}
        host: api.example
        remote_addr: ""
        request_uri: ""
        body: ""
        form: {}
        headers: {}
        url: https://api.example/x
        method: GET
      response:
        proto: HTTP/2.0
        proto_major: 2
        proto_minor: 0
        transfer_encoding: []
        trailer: {}
        content_length: -1
        uncompressed: true
        body: !!binary AP+A
        headers: {}
        status: 200 OK
        code: 200
        duration: 123.4ms
"""


def one(text: str, file: str = "a.yaml") -> Interaction:
    (interaction,) = read(text.encode(), file=file).interactions
    return interaction


def test_go_vcrs_first_format_is_read() -> None:
    interaction = one(GO_1)
    request, response = interaction.request, interaction.response
    assert (request.method, request.uri) == ("POST", "https://api.example/x?api_key=k3Jx9vQ2mZ7pLw5Rt8Yb")
    assert (request.headers, request.body) == ((("Accept", "*/*"),), b"a=1")
    assert (response.status, response.reason, response.body) == (404, "Not Found", b'{"b": 2}\n')
    assert response.headers == (("Content-Type", "application/json"),)


def test_go_vcrs_second_format_is_read() -> None:
    interaction = one(GO_2)
    assert (interaction.request.uri, interaction.request.body) == ("https://api.example/x", b"")
    assert (interaction.response.status, interaction.response.body) == (200, b"\x00\xff\x80")


def test_a_file_of_go_vcr_is_mended_in_its_own_form() -> None:
    text = repair(GO_1.encode(), file="a.yaml", now=datetime(2026, 11, 27, tzinfo=UTC)).text
    assert text is not None
    before, after = yaml.safe_load(GO_1), yaml.safe_load(text)
    assert after["interactions"][0]["request"].pop("url") == "https://api.example/x?api_key=00000000000000000001"
    del before["interactions"][0]["request"]["url"], after["x-recording"]
    assert after == before


def test_nothing_is_added_to_a_file_of_go_vcr() -> None:
    with pytest.raises(CassetteError, match="nothing can be added to it: it is a cassette of go-vcr"):
        FileText.of(GO_1.encode(), file="a.yaml")


def listed(request: dict[str, Any], response: dict[str, Any]) -> str:
    parts = {"method": "get", "headers": {}} | request
    return json.dumps([{"request": parts, "response": {"headers": {}} | response}])


PHP: dict[str, Any] = {"status": {"http_version": "1.1", "code": "200", "message": "OK"}}
LISTS = [
    pytest.param({"url": "http://a/x"}, PHP | {"body": "hi"}, (200, "OK", b"hi"), id="php-vcr"),
    pytest.param(
        {"url": "http://a/x"},
        PHP | {"headers": {"Content-Transfer-Encoding": "binary"}, "body": "AP+A"},
        (200, "OK", b"\x00\xff\x80"),
        id="php-vcr, bytes",
    ),
    pytest.param(
        {"url": "http://a/x"},
        PHP | {"headers": {"Content-Type": "application/x-gzip"}, "body": "AP\n+A"},
        (200, "OK", b"\x00\xff\x80"),
        id="php-vcr, an archive",
    ),
    pytest.param(
        {"uri": "http://a/x", "body": ""},
        {"http_version": "1.1", "status": {"code": 201, "message": "Created"}, "body": "hi"},
        (201, "Created", b"hi"),
        id="EasyVCR",
    ),
    pytest.param(
        {"url": "http://a/x", "options": [], "request_body": ""},
        {"binary": False, "status_code": 200, "type": "ok", "body": "hi"},
        (200, "", b"hi"),
        id="ExVCR",
    ),
    pytest.param(
        {"url": "http://a/x", "options": [], "request_body": ""},
        {"binary": False, "status_code": ["HTTP/1.1", 404, "Not Found"], "type": "ok", "body": "hi"},
        (404, "Not Found", b"hi"),
        id="ExVCR of httpc",
    ),
]


@pytest.mark.parametrize(("request_", "response", "expected"), LISTS)
def test_lists_of_other_tools_are_read(
    request_: dict[str, Any], response: dict[str, Any], expected: tuple[int, str, bytes]
) -> None:
    text = listed(request_, response)
    for interaction in (one(text, "a.json"), one(text, "a.yaml")):
        assert (interaction.request.method, interaction.request.uri) == ("GET", "http://a/x")
        assert (interaction.response.status, interaction.response.reason, interaction.response.body) == expected


REFUSED = [
    pytest.param(
        listed({"url": "http://a/x"}, {"binary": True, "status_code": 200, "body": "g2wA"}),
        "the body is a term of Erlang (`binary`)",
        id="ExVCR, bytes",
    ),
    pytest.param(
        listed({"url": "http://a/x", "post_fields": {"a": "1"}}, PHP | {"body": "hi"}),
        "what was sent is in `post_fields`, not in `body`",
        id="php-vcr, a form",
    ),
    pytest.param(
        listed({"url": "http://a/x", "body": "", "request_body": "a=1"}, {"status_code": 200, "body": "hi"}),
        "what was sent is in `request_body`, not in `body`",
        id="ExVCR, a body elsewhere",
    ),
    pytest.param(
        listed({"url": "http://a/x"}, {"status_code": None, "type": "error", "body": "econnrefused"}),
        "a request that failed, without a response (econnrefused)",
        id="ExVCR, no response",
    ),
    pytest.param(listed({"host": "a", "path": "/x"}, PHP), "this is vcrpy's format 0", id="vcrpy's format 0"),
    pytest.param(listed({"url": "http://a/x"}, PHP), "no `body`", id="no body"),
    pytest.param("[]", "an empty list", id="empty"),
    pytest.param("[1]", "not a cassette: a list of entries", id="numbers"),
]


@pytest.mark.parametrize(("text", "problem"), REFUSED)
def test_what_a_list_has_elsewhere_is_named(text: str, problem: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(text.encode(), file="a.json")
    assert caught.value.problem == problem


def test_the_status_of_rs_vcr_is_read_and_kept() -> None:
    text = (
        "http_interactions:\n"
        "- request: {method: get, uri: 'http://a/x', body: {encoding: '', string: ''}, headers: {}}\n"
        "  response:\n    status: {status_code: 404, category: Client error, reason: Not Found}\n"
        "    headers: {status: HTTP/1.1 404}\n    body: {encoding: '', file: no, string: hi}\n"
        "recorded_with: vcr/0.5.4, webmockr/0.6.2\n"
    )
    response = one(text, "a.yml").response
    assert (response.status, response.reason, response.body) == (404, "Not Found", b"hi")


def test_a_form_of_go_vcr_without_a_body_is_named() -> None:
    with pytest.raises(CassetteError, match="what was sent is in `form`, not in `body`"):
        read(GO_1.replace("body: a=1", 'body: ""').encode())


def test_vcrpys_requests_stay_strict() -> None:
    text = "interactions:\n- request: {method: GET, url: 'http://a/'}\n  response: {status: {code: 200}, body: {}}\n"
    with pytest.raises(CassetteError, match="unknown key `url`"):
        read(text.encode())
