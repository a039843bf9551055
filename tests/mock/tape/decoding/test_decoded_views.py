"""Views of a text: each chain of codings is undone, and a decoded value leads back to its place in the source."""

from __future__ import annotations

import base64
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.decoding.base64_text import encoded_like, from_base64, text_in_base64
from chatgptfree_mock.tape.decoding.decodings import views
from chatgptfree_mock.tape.decoding.escapes import Decoding, escaped
from chatgptfree_mock.tape.decoding.located_views import located_views

CODINGS: tuple[Decoding, ...] = ("html", "json", "url")
CHAINS = st.lists(st.sampled_from(CODINGS), min_size=1, max_size=3)
VALUES = st.text("ab01/\"<&' é👋", min_size=1, max_size=8).map('K"{}"k'.format)
"""Values with a character that each coding escapes, and letters at their ends, so that a place is unmistakable."""


@given(VALUES, CHAINS)
def test_a_value_can_be_read_however_it_is_coded(value: str, chain: list[Decoding]) -> None:
    coded = reduce(escaped, chain, value)
    assert any(value in view for _, view in views(f"x={coded};"))


@given(VALUES, CHAINS)
def test_a_decoded_value_comes_from_where_it_was_coded(value: str, chain: list[Decoding]) -> None:
    coded = reduce(escaped, chain, value)
    text = f"x={coded};"
    view = next(view for view in located_views(text) if value in view.text)
    at = view.text.index(value)
    assert view.span(at, at + len(value)) == (2, 2 + len(coded))


def test_a_position_within_an_escape_has_no_source_and_a_span_takes_in_the_whole_escape() -> None:
    view = next(view for view in located_views(r"a\ud83d\ude00b👋") if view.chain)
    assert view.text == "a😀b👋"
    assert [view.source(at) for at in range(4)] == [0, 1, 13, 14]
    twice = next(view for view in located_views("x&acE;y") if view.chain)  # one escape for two characters
    assert twice.source(2) is None
    assert twice.span(2, 3) == (1, 6)


@pytest.mark.parametrize(
    "like",
    ["QUJD/+8=", "QUJD_-8=", "QUJD_-8", "QUJD\r\nREVG\r\nQQ==\r\n", r"QUJD\/+8=", "QUJD%2F%2B8%3D", "QUJD&#47;+8="],
    ids=["standard", "for addresses", "without padding", "in lines", "in JSON", "in an address", "in HTML"],
)
def test_base64_is_encoded_as_it_was_found(like: str) -> None:
    data = "Größe: 5 > 3?".encode()
    new = encoded_like(data, like)
    readings = {from_base64(view.text) for view in located_views(new)}
    assert data in readings
    assert encoded_like(data, new) == new


@given(st.binary(max_size=24))
def test_only_text_is_text_in_base64(data: bytes) -> None:
    try:
        is_text = bool(data.decode()) and not any(byte < 32 and byte not in b"\t\n\r" for byte in data)
    except UnicodeDecodeError:
        is_text = False
    assert text_in_base64(base64.b64encode(data).decode()) == (data if is_text else None)
