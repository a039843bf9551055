"""Literals found in one pass are found where a search for each of them finds it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.redaction.text.literals import BLOCK, Literals

LITERALS = [b"key", b"token", b"token ", b"ken", b"aa", b"--"]
PIECES = st.lists(st.sampled_from([*LITERALS, b"k", b"e", b"to", b" ", b"a", b"-", b"\xff"]), max_size=30)


def places(literal: bytes, data: bytes) -> list[int]:
    return [found.start() for found in re.finditer(b"(?=" + re.escape(literal) + b")", data)]


@given(PIECES.map(b"".join), st.integers(BLOCK - 60, BLOCK + 2))
def test_every_literal_is_found_where_a_search_for_it_finds_it(text: bytes, before: int) -> None:
    data = b"." * before + text + b"." * 20 + text
    assert Literals(LITERALS).find(data) == {literal: found for literal in LITERALS if (found := places(literal, data))}


@given(PIECES.map(b"".join))
def test_of_a_literal_that_is_only_present_the_first_place_is_kept(text: bytes) -> None:
    found = Literals(LITERALS[:2], LITERALS[2:]).find(text)
    assert found == {
        literal: all_of_it[:1] if literal in LITERALS[2:] else all_of_it
        for literal in LITERALS
        if (all_of_it := places(literal, text))
    }
