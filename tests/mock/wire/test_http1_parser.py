"""Reading answers off the wire: every border is kept, and how they are cut never matters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import End
from chatgptfree_mock.wire.http1_parser import Data, Garbage, Head, ResponseParser

HEAD = b"HTTP/1.1 200 OK\r\nX-a: 1\r\nx-A:  2 \r\nTransfer-Encoding: chunked\r\n\r\n"


def read(*pieces: bytes, method: str = "GET") -> tuple[Head | None, list[bytes], bytes, bool, End]:
    """Return the head, the chunks, the garbage, whether it is done, and how it would end now."""
    reader, head, chunks, garbage, part = ResponseParser(method), None, [], b"", b""
    for event in (event for piece in pieces for event in reader.feed(piece)):
        match event:
            case Head():
                head = event
            case Data():
                part += event.data
                if event.last:
                    chunks.append(part)
                    part = b""
            case Garbage():
                garbage += event.data
    return head, [*chunks, part] if part else chunks, garbage, reader.done, reader.broken_off()


ANSWERS = [
    pytest.param(HEAD + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", [b"abc", b"de"], b"", True, End.COMPLETE, id="chunks"),
    pytest.param(HEAD + b"3\r\nabc\r\n0\r\nX-t: 1\r\n\r\n", [b"abc"], b"", True, End.COMPLETE, id="trailers"),
    pytest.param(HEAD + b"3\r\nabc\r\n", [b"abc"], b"", False, End.TRUNCATED, id="no last chunk"),
    pytest.param(HEAD + b"3\r\nab", [b"ab"], b"", False, End.TRUNCATED, id="half a chunk"),
    pytest.param(HEAD + b"3\r\nabc\r\nzz\r\n", [b"abc"], b"zz\r\n", False, End.TRUNCATED, id="garbage for a size"),
    pytest.param(HEAD + b"3\r\nabcdef", [b"abc"], b"def", False, End.TRUNCATED, id="garbage behind a chunk"),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", [b"abc"], b"", True, End.COMPLETE, id="a length"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", [b"abc"], b"", False, End.TRUNCATED, id="too short"
    ),
    pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", [], b"", True, End.COMPLETE, id="a length of 0"),
    pytest.param(b"HTTP/1.0 200 OK\r\n\r\nabc", [b"abc"], b"", False, End.COMPLETE, id="to the end of the connection"),
    pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", [], b"", True, End.COMPLETE, id="no body"),
    pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"0\r\n\r\n", [], b"", True, End.COMPLETE, id="100 first"),
    pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", [b"a"], b"", True, End.COMPLETE, id="bare LF"),
    pytest.param(b"SSH-2.0-OpenSSH\r\n", [], b"SSH-2.0-OpenSSH\r\n", False, End.TRUNCATED, id="no HTTP at all"),
    pytest.param(b"", [], b"", False, End.TRUNCATED, id="nothing"),
]


@for_each(("wire", "chunks", "garbage", "done", "end"), ANSWERS)
def test_an_answer_is_read(wire: bytes, chunks: list[bytes], garbage: bytes, done: bool, end: End) -> None:
    assert read(wire)[1:] == (chunks, garbage, done, end)


@for_each(("wire", "chunks", "garbage", "done", "end"), ANSWERS)
def test_byte_by_byte_it_is_the_same(wire: bytes, chunks: list[bytes], garbage: bytes, done: bool, end: End) -> None:
    found = read(*(wire[at : at + 1] for at in range(len(wire))))
    assert (b"".join(found[1]), *found[2:]) == (b"".join(chunks), garbage, done, end)


def test_headers_keep_their_order_and_case_and_repeat() -> None:
    head = read(HEAD)[0]
    assert head is not None
    assert head.headers == (("X-a", "1"), ("x-A", "2"), ("Transfer-Encoding", "chunked"))
    assert (head.status, head.reason) == (200, "OK")


@pytest.mark.parametrize("fold", ["\r\n ", "\r\n\t ", "\n  "])
def test_a_value_on_several_lines_is_one(fold: str) -> None:
    head, *_ = read(f"HTTP/1.1 200 OK\r\nX-a: 1{fold}b: 2\r\nX-b:{fold}3\r\n\r\n".encode())
    assert head is not None
    assert head.headers == (("X-a", "1 b: 2"), ("X-b", "3"))


def test_an_answer_to_head_has_no_body() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method="HEAD")[3] is True


@given(pieces=st.lists(st.binary(min_size=1, max_size=20)), cuts=st.lists(st.integers(1, 400)))
def test_chunks_keep_their_borders_however_they_come(pieces: list[bytes], cuts: list[int]) -> None:
    wire = HEAD + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    edges = [0, *sorted({cut for cut in cuts if cut < len(wire)}), len(wire)]
    assert read(*(wire[start:end] for start, end in pairwise(edges)))[1:4] == (pieces, b"", True)


def test_a_piece_of_a_chunk_comes_out_at_once() -> None:
    reader = ResponseParser("GET")
    assert reader.feed(HEAD + b"ff\r\nab")[1:] == [Data(b"ab", last=False)]


@pytest.mark.parametrize("length", ["9" * 5000, "+5", "five"], ids=["5000 digits", "a sign", "a word"])
def test_a_length_that_is_not_one_leaves_the_body_to_the_end_of_the_connection(length: str) -> None:
    parser = ResponseParser("GET")
    head, data = parser.feed(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello".encode())
    assert isinstance(head, Head)
    assert data == Data(b"hello", last=True)
    assert parser.broken_off() is End.COMPLETE


def test_a_head_without_end_is_given_up() -> None:
    assert read(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000)[2].startswith(b"HTTP/1.1 200 OK\r\nx: y")
