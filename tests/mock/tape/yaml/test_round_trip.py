"""What is saved is what is loaded, byte for byte, whatever it is; and PyYAML's own loaders read the same."""

import base64
from itertools import pairwise
from pathlib import Path

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each
from tests.support.tricky_texts import BODIES, TRICKY

from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, End, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write, write_json

NAMES = st.text(alphabet="abcdXYZ-_0: #'\"é", max_size=600)
HEADERS = st.lists(st.tuples(NAMES, TRICKY), max_size=5).map(tuple)


@st.composite
def responses(draw: st.DrawFn) -> Response:
    body = draw(BODIES)
    cuts = sorted({cut for cut in draw(st.lists(st.integers(0, len(body)), max_size=6)) if 0 < cut < len(body)})
    borders = [0, *cuts, len(body)]
    chunks = tuple((number * 10, end - start) for number, (start, end) in enumerate(pairwise(borders)))
    raw = draw(st.none() | st.binary())
    return Response(
        status=draw(st.integers(100, 599)),
        reason=draw(TRICKY),
        headers=draw(HEADERS),
        body=body,
        chunks=chunks if draw(st.booleans()) else (),
        end=draw(st.sampled_from(End)),
        raw=raw,
        raw_chunks=((7, len(raw)),) if raw else (),
    )


def cassette_of(response: Response, body: bytes | None = None) -> Cassette:
    request = Request(method="POST", uri="https://chatgptfree.ai/wp-admin/admin-ajax.php", body=body)
    return Cassette(interactions=(Interaction(request=request, response=response),))


@given(response=responses(), body=st.none() | BODIES)
@example(response=Response(body=b"data: a\n\n" + b":" + b" " * 4096 + b"\n\n"), body=b"  \n x\n")
@example(response=Response(body=b"\n \n  a\n   "), body=b"\n\na\n")
def test_saving_and_loading_loses_nothing(response: Response, body: bytes | None) -> None:
    cassette = cassette_of(response, body)
    assert read(write(cassette).encode()) == cassette


@given(response=responses(), body=st.none() | BODIES)
@example(response=Response(body=b"\x1f\x8b\x08"), body=b"\xff")
def test_json_holds_the_same_as_yaml(response: Response, body: bytes | None) -> None:
    cassette = cassette_of(response, body)
    by_json = read(write_json(cassette).encode(), file="a.json").interactions
    assert by_json == read(write(cassette).encode()).interactions


@given(value=st.lists(st.sampled_from(["\xff", "é", "\udcff", "\udce9", "a"])).map("".join))
@example(value="\udcff")
def test_bytes_of_a_header_that_are_not_utf_8_are_stored_as_latin_1(value: str) -> None:
    sent = value.encode("utf-8", "surrogateescape")
    headers = (("X-Odd", value), ("A", "b"), ("X-Odd", value))
    cassette = Cassette(
        interactions=(
            Interaction(
                request=Request(method="GET", uri="https://a.example/", headers=headers),
                response=Response(headers=headers),
            ),
        )
    )
    stored = value if value.encode(errors="replace") == sent else sent.decode("latin-1")
    for written in (read(write(cassette).encode()), read(write_json(cassette).encode(), file="a.json")):
        (found,) = written.interactions
        assert dict(found.request.headers) == {"X-Odd": stored, "A": "b"}
        assert found.response.headers == (("X-Odd", stored), ("A", "b"), ("X-Odd", stored))


@given(body=BODIES)
def test_every_loader_of_pyyaml_reads_the_same_body(body: bytes) -> None:
    text = write(cassette_of(Response(body=body), body))
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        (taped_once,) = yaml.load(text, Loader=loader)["interactions"]
        for found in (taped_once["response"]["body"]["string"], taped_once["request"]["body"]):
            assert (found if isinstance(found, bytes) else found.encode()) == body


def test_headers_that_repeat_apart_keep_their_order(tmp_path: Path) -> None:
    headers = (("Set-Cookie", "a=1"), ("Date", "now"), ("Set-Cookie", "b=2"), ("set-cookie", "c=3"))
    save(tmp_path / "a.yaml", cassette_of(Response(headers=headers)))
    assert load(tmp_path / "a.yaml").interactions[0].response.headers == headers


def test_a_person_can_read_it() -> None:
    body = 'data: {"choices":[{"delta":{"content":"Hallo 👋"}}]}\n\ndata: [DONE]\n\n'.encode()
    response = Response(
        headers=(("Content-Type", "text/event-stream;charset=UTF-8"), ("Date", "Mon, 23 Nov 2026 00:37:31 GMT")),
        body=body,
        chunks=((49, 20), (129, len(body) - 20)),
    )
    assert write(cassette_of(response, b"_wpnonce=REDACTED&message=Hello")) == (
        "version: 1\n"
        "interactions:\n"
        "- request:\n"
        "    method: POST\n"
        "    uri: https://chatgptfree.ai/wp-admin/admin-ajax.php\n"
        "    headers: {}\n"
        "    body: _wpnonce=REDACTED&message=Hello\n"
        "  response:\n"
        "    status: {code: 200, message: OK}\n"
        "    headers:\n"
        "      Content-Type: [text/event-stream;charset=UTF-8]\n"
        "      Date: ['Mon, 23 Nov 2026 00:37:31 GMT']\n"
        "    body:\n"
        "      string: |+\n"
        '        data: {"choices":[{"delta":{"content":"Hallo 👋"}}]}\n'
        "\n"
        "        data: [DONE]\n"
        "\n"
        "    x-stream:\n"
        "      schema: 1\n"
        "      chunks: [[49, 20], [129, 50]]\n"
        "      end: complete\n"
    )


@for_each("word", ["no", "1:30", "2026-11-23", "null", "~", "=", "<<", "0x10", "1_000", "- a", "a: b", "a #b"])
def test_words_that_yaml_would_misread_stay_words(word: str) -> None:
    response = Response(reason=word, headers=(("X", word),), body=word.encode())
    text = write(cassette_of(response, word.encode()))
    assert read(text.encode()) == cassette_of(response, word.encode())
    assert yaml.safe_load(text)["interactions"][0]["response"]["body"]["string"] == word


def test_bytes_that_are_not_text_are_base64() -> None:
    text = write(cassette_of(Response(body=b"\xff\xfe")))
    assert base64.b64encode(b"\xff\xfe").decode() in text
