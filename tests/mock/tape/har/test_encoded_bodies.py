"""Bodies that a HAR holds encoded: Polly.JS's lists of chunks, base64, bytes as text; and HARs in a callback."""

import base64
import contextlib
import gzip
import json
import zlib
from collections.abc import Sequence
from typing import Any

import brotli
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.hars import entry, har, one
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.redaction import redact
from chatgptfree_mock.tape.yaml.reading import read
from chatgptfree_mock.tape.yaml.writing import write

TEXT = '{"answer": "é", "api_key": "k3Jx9vQ2mZ7pLw5Rt8Yb"}'.encode()
GZIP = gzip.compress(TEXT)


def encoded(text: str, coding: str = "gzip", **content: Any) -> bytes:
    headers = [{"name": "Content-Encoding", "value": coding}] if coding else []
    whole = {"size": 30, "mimeType": "application/json", "text": text} | content
    return har(entry(whole, response={"headers": headers}))


def chunked(chunks: Sequence[str]) -> str:
    return json.dumps(list(chunks), separators=(",", ":"))


FORMS = [
    pytest.param(
        encoded(chunked([base64.b64encode(part).decode() for part in (GZIP[:9], GZIP[9:])]), encoding="base64"),
        id="Polly, base64",
    ),
    pytest.param(encoded(chunked([GZIP.hex()]), _isBinary=True), id="Polly 5, hexadecimal"),
    pytest.param(encoded(chunked([GZIP[:20].hex(), GZIP[20:].hex()])), id="Polly 1, hexadecimal"),
    pytest.param(encoded(chunked([zlib.compress(TEXT).hex()]), "deflate"), id="Polly, deflate"),
    pytest.param(encoded(chunked([brotli.compress(TEXT).hex()]), "br"), id="Polly, br"),
    pytest.param(encoded(base64.b64encode(GZIP).decode(), encoding="base64"), id="base64"),
    pytest.param(encoded(base64.b64encode(GZIP).decode(), "", encoding="base64"), id="base64, no header"),
    pytest.param(encoded(GZIP.decode("latin-1")), id="bytes as Latin-1"),
]


@pytest.mark.parametrize("data", FORMS)
def test_an_encoded_body_is_seen_as_text(data: bytes) -> None:
    interaction = one(data)
    assert interaction.response.body == TEXT
    assert interaction.response.codings
    (again,) = read(write(from_har(data).cassette).encode()).interactions
    assert again.response.body == TEXT


@pytest.mark.parametrize("data", FORMS)
def test_a_secret_in_an_encoded_body_is_redacted(data: bytes) -> None:
    body = redact(from_har(data).cassette).interactions[0].response.body
    assert json.loads(body) == {"answer": "é", "api_key": "00000000000000000001"}


WORDS = [
    pytest.param('["deadbeef"]', id="words in hexadecimal"),
    pytest.param('["1f8b", "08"]', id="a beginning of gzip"),
    pytest.param('["a", 1]', id="not only text"),
    pytest.param('["a"', id="not JSON"),
    pytest.param('["", "x"]', id="no hexadecimal"),
    pytest.param('["030000"]', id="an empty raw deflate stream and one more byte"),
]


@for_each("text", WORDS)
@for_each("coding", ["", "gzip", "br", "deflate"])
def test_json_that_only_looks_like_chunks_stays(text: str, coding: str) -> None:
    assert one(encoded(text, coding, size=len(text))).response.body == text.encode()


@given(words=st.lists(st.text(alphabet="0123456789abcdef", max_size=8)), coding=st.sampled_from(["gzip", "deflate"]))
def test_lists_of_words_stay(words: list[str], coding: str) -> None:
    text = json.dumps(words, separators=(",", ":"))
    assume(not is_encoded("".join(words)))  # some words are such bytes: `4b0400` is the deflated letter a
    assert one(encoded(text, coding, size=len(text))).response.body == text.encode()


def test_an_empty_body_in_gzip_is_encoded() -> None:
    packed = gzip.compress(b"", mtime=0)
    assert one(encoded(chunked([packed.hex()]))).response.body == b""


def is_encoded(digits: str) -> bool:
    """Return whether hexadecimal *digits* are gzip, zlib or raw deflate of something, and nothing else."""
    for bits in (31, 15, -15):
        decoder = zlib.decompressobj(bits)
        with contextlib.suppress(ValueError, zlib.error):
            if decoder.decompress(bytes.fromhex(digits)) and decoder.eof and not decoder.unused_data:
                return True
    return False


def test_headers_with_several_values_are_several_lines() -> None:
    headers = [{"name": "X", "value": ["a", "b"]}, {"name": "Set-Cookie", "value": ["a=1", "b=2"]}, {"name": "Y"}]
    interaction = one(har(entry(request={"headers": headers}, response={"headers": headers})))
    expected = (("X", "a"), ("X", "b"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Y", ""))
    assert interaction.request.headers == interaction.response.headers == expected


PLAIN = har(entry({"size": 2, "text": "ok"}))
CALLBACKS = [
    pytest.param(b"onInputData(%b);\n", id="a callback"),
    pytest.param(b"  cb.a$1 ( %b )", id="a dotted name"),
    pytest.param(b"/**/_x(%b) ; \n", id="a comment before it"),
    pytest.param(b"\xef\xbb\xbfcallback(\n%b\n)\n", id="a byte order mark"),
]


@pytest.mark.parametrize("form", CALLBACKS)
def test_a_har_in_a_callback_is_read(form: bytes) -> None:
    assert from_har(form % PLAIN) == from_har(PLAIN)
    assert from_har(gzip.compress(form % PLAIN)) == from_har(PLAIN)
