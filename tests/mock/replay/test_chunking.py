"""Where the bytes are cut; the law: cuts never change them."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.replay.chunking import CHUNK_WORDS, Chunking, draws, event_ends

WORDS = ["as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf", "at:3,9,400", "every:4", "random:11"]
BODY = st.one_of(
    st.binary(max_size=300),
    st.text(alphabet=st.sampled_from("a\r\n:é日👋 "), max_size=120).map(str.encode),
)


def pieces(word: str, body: bytes, recorded: list[int] | None = None) -> list[bytes]:
    sizes = Chunking.parse(word).sizes(body, [len(body)] if recorded is None else recorded)
    return [body[start:end] for start, end in pairwise([0, *accumulate(sizes)])]


@given(body=BODY, word=st.sampled_from(WORDS), cuts=st.lists(st.integers(1, 300)))
def test_the_pieces_joined_are_the_body(body: bytes, word: str, cuts: list[int]) -> None:
    edges = [0, *sorted({cut for cut in cuts if cut < len(body)}), len(body)]
    cut = pieces(word, body, [end - start for start, end in pairwise(edges)])
    assert b"".join(cut) == body
    assert all(cut)


def test_every_word_is_held_to_the_law() -> None:
    assert {word.split(":")[0] for word in WORDS} == {word.split(":")[0] for word in CHUNK_WORDS}


STREAM = "data: é\r\n\r\ndata: 👋\n\nrest".encode()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("whole", [STREAM], id="whole"),
        pytest.param("events", ["data: é\r\n\r\n", "data: 👋\n\n", "rest"], id="behind each blank line"),
        pytest.param("lines", ["data: é\r\n", "\r\n", "data: 👋\n", "\n", "rest"], id="behind each line"),
        pytest.param(
            "utf8", [b"data: \xc3", b"\xa9\r\n\r\ndata: \xf0", b"\x9f\x91\x8b\n\nrest"], id="inside characters"
        ),
        pytest.param("crlf", ["data: é\r", "\n\r", "\ndata: 👋\n\nrest"], id="between CR and LF"),
        pytest.param("at:4,6", ["data", ": ", "é\r\n\r\ndata: 👋\n\nrest"], id="at offsets"),
        pytest.param("every:20", [STREAM[:20], STREAM[20:]], id="every so many bytes"),
    ],
)
def test_each_word_cuts_at_its_places(word: str, expected: list[str | bytes]) -> None:
    assert pieces(word, STREAM) == [each.encode() if isinstance(each, str) else each for each in expected]


def test_bytes_are_cut_one_by_one() -> None:
    assert Chunking.parse("bytes").sizes(STREAM) == [1] * len(STREAM)


def test_cuts_inside_characters_come_on_top_of_the_recorded_ones() -> None:
    assert pieces("utf8", "aaé".encode(), [1, 3]) == [b"a", b"a\xc3", b"\xa9"]


def test_random_cuts_depend_on_the_seed_alone() -> None:
    body = bytes(5000)
    assert pieces("random:1", body) == pieces("random:1", body)
    assert pieces("random:1", body) != pieces("random:2", body)


def test_the_draws_are_the_same_on_every_machine() -> None:
    drawn = draws(7)
    assert [next(drawn) for _ in range(3)] == [(4, 32558), (230, 29210), (207, 52085)]


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        pytest.param(b"a\n\nb\n\n", [3, 6], id="LF"),
        pytest.param(b"a\r\rb\r\r", [3, 6], id="CR"),
        pytest.param(b"a\r\n\r\nb\r\n\n", [5, 9], id="CRLF and mixed"),
        pytest.param(b"a\r\n", [], id="one CRLF is one line end"),
    ],
)
def test_events_end_behind_a_blank_line(body: bytes, ends: list[int]) -> None:
    assert event_ends(body) == ends
