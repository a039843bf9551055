"""Cassettes of betamax, Ruby VCR, cassetter and with parsed JSON are read; a body in an unknown form is named."""

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import vcr  # type: ignore[import-untyped]  # has no types
import yaml
import zstandard
from tests.support.many_cases import for_each
from vcr.serialize import deserialize  # type: ignore[import-untyped]  # has no types
from vcr.serializers import jsonserializer, yamlserializer  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.lint import repair
from chatgptfree_mock.tape.model import Interaction
from chatgptfree_mock.tape.yaml.reading import read


def one(text: str, file: str = "a.yaml") -> Interaction:
    (interaction,) = read(text.encode(errors="surrogatepass"), file=file).interactions
    return interaction


def cassette_yaml(
    request: str = "body: null", response: str = "body: {string: ok}", status: str = "{code: 200}"
) -> str:
    return (
        f"interactions:\n- request: {{method: GET, uri: 'http://a/', headers: {{}}, {request}}}\n"
        f"  response: {{status: {status}, headers: {{}}, {response}}}\n"
    )


BODIES = [
    pytest.param("body: {string: text}", b"text", id="vcrpy"),
    pytest.param("body: {string: !!binary aGk=}", b"hi", id="vcrpy in base64"),
    pytest.param("body: {encoding: utf-8, base64_string: aGk=}", b"hi", id="betamax, exact bytes"),
    pytest.param("body: {encoding: utf-8, string: '', base64_string: aGk=}", b"hi", id="betamax, both"),
    pytest.param("body: {encoding: utf-8, string: old, base64_string: aGk=}", b"hi", id="betamax, base64 first"),
    pytest.param("body: {encoding: utf-8, string: text, base64_string: ''}", b"text", id="betamax, empty base64"),
    pytest.param("body: {base64_string: 'a\n  G k'}", b"hi", id="base64 in lines and without padding"),
    pytest.param("body: {base64_string: _-8}", b"\xff\xef", id="base64 for URLs"),
    pytest.param("body: {string: !!binary 'aG\n   k'}", b"hi", id="!!binary in lines and without padding"),
    pytest.param("body: {encoding: UTF-8, string: é}", "é".encode(), id="Ruby, UTF-8"),
    pytest.param("body: {encoding: ISO-8859-1, string: é}", b"\xe9", id="Ruby, Latin-1"),
    pytest.param("body: {encoding: ASCII-8BIT, string: !binary aGk=}", b"hi", id="Ruby, bytes"),
    pytest.param("body: {encoding: ASCII-8BIT, string: é}", "é".encode(), id="Ruby, text under the name of bytes"),
    pytest.param("body: {encoding: null, string: é}", "é".encode(), id="betamax without encoding"),
    pytest.param("body: text", b"text", id="text alone"),
    pytest.param("body: !!python/unicode 'text'", b"text", id="Python 2"),
    pytest.param("content: text", b"text", id="vcrpy's old httpx"),
    pytest.param("body: null, content: text", b"text", id="content beside an empty body"),
    pytest.param("parsed_body: {a: [1, null, é]}", b'{"a": [1, null, "\\u00e9"]}', id="parsed JSON"),
    pytest.param("parsed_body: [1.5, true]", b"[1.5, true]", id="a parsed list"),
    pytest.param("parsed_body: {null: 1, 2: a}", b'{"null": 1, "2": "a"}', id="parsed keys that are not text"),
    pytest.param("parsed_body: {a: .nan, b: -.inf}", b'{"a": NaN, "b": -Infinity}', id="parsed NaN"),
    pytest.param("body: {}", b"", id="vcrpy's aiohttp without a body"),
    pytest.param("body: null", b"", id="null"),
    pytest.param("body: {string: ''}", b"", id="empty"),
]


@for_each(("response", "body"), BODIES)
def test_a_response_has_the_bytes_of_its_file(response: str, body: bytes) -> None:
    assert one(cassette_yaml(response=response)).response.body == body


REQUESTS = [
    pytest.param("body: text", b"text", id="text"),
    pytest.param("body: null", None, id="none"),
    pytest.param("body: {a: 1}", b'{"a": 1}', id="JSON"),
    pytest.param("body: {type: text, content: a}", b'{"type": "text", "content": "a"}', id="JSON like cassetter's"),
    pytest.param("body: {string: a}", b'{"string": "a"}', id="JSON like betamax's"),
    pytest.param("body: {encoding: utf-8, string: a}", b"a", id="betamax"),
    pytest.param("body: {encoding: utf-8, string: ''}", None, id="betamax, none"),
    pytest.param("body: {encoding: utf-8, base64_string: aGk=}", b"hi", id="betamax, exact bytes"),
    pytest.param("parsed_body: {a: 1}", b'{"a": 1}', id="parsed JSON"),
    pytest.param("body: !!set {a: null, b: null}", b'["a", "b"]', id="a set"),
]


@for_each(("request_", "body"), REQUESTS)
def test_a_request_has_the_bytes_of_its_file(request_: str, body: bytes | None) -> None:
    assert one(cassette_yaml(request=request_)).request.body == body


CASSETTER = [
    pytest.param("{type: json, content: {a: 1}}", b'{"a": 1}', id="json"),
    pytest.param("{type: text, content: a}", b"a", id="text"),
    pytest.param("{type: binary, content: '00ff'}", b"\x00\xff", id="binary"),
    pytest.param("{type: binary, content: 00010203}", b"\x00\x01\x02\x03", id="binary that looks like a number"),
    pytest.param("{type: none}", None, id="none"),
]


@pytest.mark.parametrize(("expected", "body"), CASSETTER)
def test_cassetters_bodies_are_read(expected: str, body: bytes | None) -> None:
    interaction = one(cassette_yaml(f"body: {expected}", f"body: {expected}", status="201"))
    assert (interaction.response.status, interaction.response.body) == (201, body or b"")
    assert interaction.request.body == body


UNKNOWN = [
    pytest.param("body: {text: a, x: b}", "the body has no `string`, but `text`, `x`", id="keys of the body"),
    pytest.param("json: {a: 1}", "no `body`, but `json`", id="a key of the response"),
    pytest.param("x: 1", "no `body`, but `x`", id="any key of the response"),
    pytest.param("url: 'http://a/'", "no `body`", id="none at all"),
    pytest.param("body: {string: {a: 1}}", "must be text or !!binary, not a mapping", id="a mapping as text"),
    pytest.param("body: {base64_string: '!'}", "broken base64", id="broken base64"),
    pytest.param("body: [a]", "`body` must be a mapping, not a list", id="a list"),
    pytest.param("parsed_body: {a: !!binary aGk=}", "bytes have no place in JSON", id="bytes in JSON"),
]


@pytest.mark.parametrize(("response", "complaint"), UNKNOWN)
def test_a_body_in_an_unknown_form_is_named(response: str, complaint: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(cassette_yaml(response=response).encode())
    assert caught.value.problem.startswith(complaint)


def test_a_status_code_alone_may_have_a_reason() -> None:
    text = cassette_yaml(response="content: x, reason: Gone").replace("status: {code: 200}", "status_code: 410")
    assert (one(text).response.status, one(text).response.reason) == (410, "Gone")


COMPRESSED = [
    pytest.param(gzip.compress, id="gzip"),
    pytest.param(zlib.compress, id="zlib, as Ruby VCR has it"),
    pytest.param(zstandard.compress, id="zstd"),
]


@pytest.mark.parametrize("compress", COMPRESSED)
@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_a_compressed_file_is_named(compress: Callable[[bytes], bytes], file: str) -> None:
    with pytest.raises(CassetteError, match=r"a compressed file \(unpack it\)"):
        read(compress(cassette_yaml().encode()), file=file)


def test_a_second_document_is_named() -> None:
    with pytest.raises(CassetteError, match="not YAML: expected a single document in the stream, but found another"):
        read(f"---\n{cassette_yaml()}---\n{cassette_yaml()}".encode())


def test_a_response_that_has_no_body_needs_none() -> None:
    assert one(cassette_yaml(response="http_version: '1.1'", status="{code: 204}")).response.body == b""


RUBY_1 = """\
---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: http://example.com:80/a?b=http://c:80/
    body:
    headers:
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      content-type:
      - text/plain
    body: |
      Hello
    http_version: "1.1"
"""
RUBY_2 = """\
---
http_interactions:
- request:
    method: get
    uri: https://example.com/
    body:
      encoding: US-ASCII
      string: ''
    headers:
      Accept:
      - ! '*/*'
  response:
    status:
      code: 200
      message: !ruby/sym OK
    headers:
      Content-Type:
      - text/plain
    body:
      encoding: UTF-8
      string: Hello
    http_version: null
    adapter_metadata:
      effective_url: https://example.com/
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
recorded_with: VCR 6.0.0
"""


def test_the_cassettes_of_ruby_vcr_1_are_read() -> None:
    interaction = one(RUBY_1)
    assert (interaction.request.method, interaction.request.uri) == ("GET", "http://example.com/a?b=http://c:80/")
    assert interaction.response.body == b"Hello\n"
    assert interaction.response.headers == (("content-type", "text/plain"),)


def test_the_cassettes_of_ruby_vcr_2_to_6_are_read() -> None:
    interaction = one(RUBY_2)
    assert (interaction.request.method, interaction.request.body) == ("GET", None)
    assert interaction.request.headers == (("Accept", "*/*"),)
    assert (interaction.response.reason, interaction.response.body) == ("OK", b"Hello")


def test_interactions_of_other_protocols_are_listed() -> None:
    cassette = read(
        (cassette_yaml() + "ws_interactions: [{uri: 'ws://a'}]\ngrpc_interactions: []\n").encode(), file="a.yaml"
    )
    assert len(cassette.interactions) == 1
    assert [str(each) for each in cassette.left_out] == [
        "a.yaml: left out: 1 WebSocket interactions - at `$.ws_interactions`"
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param('{"log": {"entries": []}}', "this is a HAR", id="a HAR"),
        pytest.param(
            '[{"scope": "https://a", "method": "POST", "path": "/x", "status": 200, "response": {}}]',
            "this is a recording of nock",
            id="nock",
        ),
        pytest.param('[{"request": {}}]', "this is vcrpy's format 0", id="vcrpy's format 0"),
        pytest.param("[1]", "not a cassette: a list of entries", id="a list of numbers"),
        pytest.param("{", "not JSON: ", id="broken JSON"),
        pytest.param("[" * 100_000, "refused: ", id="nested without end"),
        pytest.param(
            '{"interactions": [{"request": {"method": "GET", "uri": "http://a/", "body": '
            + "[" * 450 + "]" * 450
            + '}, "response": {}}]}',
            "refused: nested too deeply",
            id="nested deeply",
        ),
    ],
)  # fmt: skip
def test_other_files_are_named(text: str, complaint: str) -> None:
    with pytest.raises(CassetteError) as caught:
        read(text.encode(), file="a.json")
    assert caught.value.problem.startswith(complaint)


ODD_JSON = [
    pytest.param('"a\\ud83d b"', b"a\xed\xa0\xbd b", id="half of a surrogate pair"),
    pytest.param('"a\\ud83d\\udc4b"', "a👋".encode(), id="a surrogate pair"),
]


def test_json_under_another_name_is_read_and_mended() -> None:
    text = json.dumps(yaml.safe_load(cassette_yaml("body: 'api_key=k3Jx9vQ2mZ7pLw5Rt8Yb'", "body: {string: '👋'}")))
    assert "\\ud83d\\udc4b" in text
    assert one(text, "a.yaml").response.body == "👋".encode()
    repaired = repair(text.encode(), file="a.yaml", now=datetime(2026, 11, 27, tzinfo=UTC)).text
    assert (
        json.loads(repaired or "")["interactions"]
        == json.loads(text.replace("k3Jx9vQ2mZ7pLw5Rt8Yb", "00000000000000000001"))["interactions"]
    )


@pytest.mark.parametrize(("string", "body"), ODD_JSON)
def test_json_is_read_as_vcrpy_reads_it(string: str, body: bytes) -> None:
    text = (
        '{"version": 1, "interactions": [{"request": {"method": "GET", "uri": "http://a/", "headers": {}, '
        '"body": {"n": NaN}}, "response": {"status": {"code": 200, "message": "OK"}, "headers": {}, '
        f'"body": {{"string": {string}}}}}}}]}}'
    )
    _, (response,) = deserialize(text, jsonserializer)
    theirs = response["body"]["string"]
    ours = one(text, "a.json")
    assert ours.response.body == body
    assert body == (theirs if isinstance(theirs, bytes) else theirs.encode(errors="surrogatepass"))
    assert ours.request.body == b'{"n": NaN}'


@pytest.mark.parametrize("tag", ["apply:multidict._multidict.istr", "new:multidict._multidict_py.istr", "new:str"])
@pytest.mark.parametrize("arguments", ["\n      - Accept", " {args: [Accept], state: {}}"])
def test_header_names_of_aiohttp_are_text(tag: str, arguments: str) -> None:
    text = (
        "interactions:\n- request:\n    method: GET\n    uri: http://a/\n    body: null\n    headers:\n"
        f"      ? !!python/object/{tag}{arguments}\n      : [a/b]\n"
        "      X: [!!set {c: null}]\n"
        "  response: {status: {code: 200, message: OK}, headers: {A: [[b, c], d]}, body: {string: ok}}\n"
    )
    interaction = one(text)
    assert interaction.request.headers == (("Accept", "a/b"), ("X", "c"))
    assert interaction.response.headers == (("A", "b"), ("A", "c"), ("A", "d"))


@pytest.mark.parametrize("method", ["post", "Post", ":post"])
def test_methods_are_written_in_capitals(method: str) -> None:
    text = cassette_yaml().replace("GET", f"'{method}'")
    assert one(text).request.method == "POST"
    assert one(cassette_yaml().replace("GET", "mkcol")).request.method == "mkcol"


def test_vcrpy_reads_a_lower_case_method_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(cassette_yaml().replace("GET", "get"))
    (request,), _ = deserialize((tmp_path / "a.yaml").read_text(), yamlserializer)
    assert request.method.upper() == load(tmp_path / "a.yaml").interactions[0].request.method
    with vcr.VCR(record_mode="none").use_cassette(str(tmp_path / "a.yaml")) as cassette:
        assert len(cassette) == 1


def test_a_parsed_body_is_json() -> None:
    body = one(cassette_yaml(response="parsed_body: {answer: the whole answer, n: 1}")).response.body
    assert json.loads(body) == {"answer": "the whole answer", "n": 1}
