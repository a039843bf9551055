"""The event-stream decoder: each rule of the standard, and the law that cuts never matter."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree import ServerSentEvent, decode_events
from chatgptfree.core.protocol.event_stream import EventStreamDecoder
from chatgptfree.errors import TooLargeError


def event(data: str, event: str = "message", id: str = "", retry: int | None = None) -> ServerSentEvent:  # noqa: A002 - the field's name
    return ServerSentEvent(event=event, data=data, id=id, retry=retry)


RULES = [
    pytest.param(b"data: a\n\n", [event("a")], id="a blank line ends an event"),
    pytest.param(b"data: a\n", [], id="an unfinished last event is dropped"),
    pytest.param(b"data: a\n\ndata: b", [event("a")], id="also if only its line is unfinished"),
    pytest.param(
        b"data: a\r\rdata: b\r\n\r\ndata: c\n\n", [event("a"), event("b"), event("c")], id="any line end ends a line"
    ),
    pytest.param(b"data: a\r\n\ndata: b\n\r\n", [event("a"), event("b")], id="line ends may be mixed"),
    pytest.param(b"data: a\r\ndata: b\n\n", [event("a\nb")], id="CR and LF are one line end"),
    pytest.param(b"data: a\ndata: b\n\n", [event("a\nb")], id="lines of data are joined by LF"),
    pytest.param(b"data\ndata\n\n", [event("\n")], id="a field without colon has an empty value"),
    pytest.param(b"data\n\n", [event("")], id="empty data is data"),
    pytest.param(b"data:a\n\n", [event("a")], id="the space after the colon may be missing"),
    pytest.param(b"data:  a \n\n", [event(" a ")], id="only one space is taken off"),
    pytest.param(b"data:\ta\n\n", [event("\ta")], id="a tab is no space"),
    pytest.param(b": hello\ndata: a\n: more\n\n", [event("a")], id="comments are left out"),
    pytest.param(
        b"event: x\n\ndata: a\n\n", [event("a")], id="an event without data is none, and its name is forgotten"
    ),
    pytest.param(
        b"event: x\ndata: a\n\ndata: b\n\n", [event("a", "x"), event("b")], id="a name holds for its event only"
    ),
    pytest.param(b"event: x\nevent\ndata: a\n\n", [event("a")], id="the last name counts, also an empty one"),
    pytest.param(b"id: 1\ndata: a\n\ndata: b\n\n", [event("a", id="1"), event("b", id="1")], id="an id lasts"),
    pytest.param(b"id: 1\n\ndata: a\n\n", [event("a", id="1")], id="also that of an event without data"),
    pytest.param(
        b"id: 1\ndata: a\n\nid\ndata: b\n\n", [event("a", id="1"), event("b")], id="an empty id takes it back"
    ),
    pytest.param(b"id: 1\nid: 2\0\ndata: a\n\n", [event("a", id="1")], id="an id with NUL is left out"),
    pytest.param(
        b"retry: 10\ndata: a\n\ndata: b\n\n", [event("a", retry=10), event("b")], id="retry holds for its event"
    ),
    *(
        pytest.param(b"retry: %b\ndata: a\n\n" % value, [event("a")], id=f"retry {value!r} is no number")
        for value in (b"-1", b"+1", b"1_0", b" 1", b"1.0", b"", "١".encode(), b"9" * 5000)
    ),
    pytest.param(b"\xef\xbb\xbfdata: a\n\n", [event("a")], id="one byte order mark is left out"),
    pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", [], id="a second one is part of the field's name"),
    pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [event("a")], id="only at the very beginning"),
    pytest.param(b"data: \xef\xbb\xbfa\n\n", [event("\ufeffa")], id="within data it is a character"),
    pytest.param(b"data: \xff\xf0\x9f\x91\n\n", [event("\ufffd\ufffd")], id="bytes that are no UTF-8 become U+FFFD"),
    pytest.param(
        "data: 👋\u2028\x85\x0b\x0c\n\n".encode(), [event("👋\u2028\x85\x0b\x0c")], id="nothing else ends a line"
    ),
    pytest.param(b"data : a\nDATA: b\n data: c\n\n", [], id="field names are exact"),
    pytest.param(b"data: a:b: c\n\n", [event("a:b: c")], id="only the first colon parts"),
    pytest.param(b"foo: a\ndata: b\nbar\n\n", [event("b")], id="unknown fields are left out"),
    pytest.param(b"\n\n\n\ndata: a\n\n\n\n", [event("a")], id="blank lines alone are nothing"),
    pytest.param(b"data: [DONE]\n\n", [event("[DONE]")], id="the decoder knows no end mark"),
    pytest.param(b"", [], id="an empty stream has no events"),
]


@for_each(("body", "expected"), RULES)
def test_rule(body: bytes, expected: list[ServerSentEvent]) -> None:
    assert list(decode_events([body])) == expected
    assert list(decode_events(body[n : n + 1] for n in range(len(body)))) == expected


def test_an_event_is_made_with_names_alone() -> None:
    with pytest.raises(TypeError):
        ServerSentEvent("message", "a")  # type: ignore[call-arg]  # that is the test


def by_the_standard(body: bytes) -> list[ServerSentEvent]:
    """Interpret a whole stream by the steps of the standard, without regard to speed."""
    events, data, name, last_id, retry = [], [], "", "", None  # type: ignore[var-annotated]  # filled below
    for line in re.split("\r\n|\n|\r", body.decode(errors="replace").removeprefix("\ufeff"))[:-1]:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                events.append(event("\n".join(data), name or "message", last_id, retry))
            data, name, retry = [], "", None
        elif field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            last_id = value
        elif field == "retry" and re.fullmatch("[0-9]{1,18}", value):
            retry = int(value)
    return events


LINE_ENDS = [b"\r", b"\n", b"\r\n", b"\n\n"]
FIELDS = [b"data:", b"data: x", b"data", b"event: e", b"id: 1", b"id", b": c", b"retry: 5"]
BYTES = [b"\xef\xbb\xbf", "👋".encode(), b"\xe4\xb8", b" ", b":", b"\0", b"\xe2\x80\xa8"]
PIECES = st.sampled_from([*LINE_ENDS, *FIELDS, *BYTES])
STREAMS = st.lists(PIECES | st.binary(max_size=3), max_size=30).map(b"".join)
CUTS = st.lists(st.integers(0, 120), max_size=12)


def cut(body: bytes, places: list[int]) -> Iterator[bytes]:
    for start, end in pairwise(sorted({0, len(body), *(place for place in places if place < len(body))})):
        yield body[start:end]


@given(body=STREAMS, places=CUTS)
def test_any_stream_is_read_by_the_standard_wherever_it_is_cut(body: bytes, places: list[int]) -> None:
    expected = by_the_standard(body)
    assert list(decode_events(cut(body, places))) == expected
    assert list(decode_events(body[n : n + 1] for n in range(len(body)))) == expected


@given(body=STREAMS, places=CUTS, limit=st.integers(1, 30))
def test_where_the_limit_strikes_does_not_depend_on_the_cuts(body: bytes, places: list[int], limit: int) -> None:
    whole, cut_up = EventStreamDecoder(limit=limit), EventStreamDecoder(limit=limit)
    assert whole.feed(body) == [event for piece in cut(body, places) for event in cut_up.feed(piece)]
    assert whole.overflow == cut_up.overflow
    if not whole.overflow:
        assert whole.unfinished == cut_up.unfinished


def test_an_event_is_out_before_the_next_chunk_is_pulled() -> None:
    pulled = []

    def chunks() -> Iterator[bytes]:
        for chunk in (b"data: a\n", b"\r", b"\ndata: b\n\n"):
            pulled.append(chunk)
            yield chunk

    events = decode_events(chunks())
    assert next(events) == event("a")
    assert pulled == [b"data: a\n", b"\r"]
    assert next(events) == event("b")


def test_an_unfinished_event_can_be_seen() -> None:
    decoder = EventStreamDecoder()
    decoder.feed(b"data: a\n\ndata: b\n: comment\ndata: c")
    assert decoder.unfinished == b"data: b\ndata: c"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"data: " + b"x" * 100, id="a line without end"),
        pytest.param(b"data: x\n" * 20, id="an event without end"),
        pytest.param(b"data: " + b"x" * 100 + b"\n\n", id="a whole event"),
        pytest.param(b":" + b" " * 100, id="a comment without end"),
    ],
)
def test_too_much_is_an_error_after_the_events_before_it(body: bytes) -> None:
    events = decode_events([b"data: a\n\n" + body], limit=64)
    assert next(events) == event("a")
    with pytest.raises(TooLargeError, match="64 bytes"):
        next(events)


def test_comments_take_no_room() -> None:
    decoder = EventStreamDecoder(limit=64)
    for _ in range(1000):
        assert decoder.feed(b": keep-alive\n") == []
    assert decoder.feed(b"data: a\n\n") == [event("a")]


def test_a_line_that_comes_byte_by_byte_takes_room_in_proportion_to_its_bytes() -> None:
    size = 150_000
    decoder = EventStreamDecoder()
    tracemalloc.start()
    try:
        decoder.feed(b"data: ")
        for _ in range(size):
            decoder.feed(b"x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * size + 850_000
    assert decoder.unfinished == b"data: " + b"x" * size
    assert decoder.feed(b"\n\n") == [event("x" * size)]


def test_an_empty_piece_of_a_line_is_none() -> None:
    decoder = EventStreamDecoder(limit=64)
    pieces = [b"data: a\n:", b"", b" comment" * 5, b"", b"\n", b"", b"\n"]
    assert [event for piece in pieces for event in decoder.feed(piece)] == [event("a")]


def test_the_fields_of_an_event_are_named() -> None:
    with pytest.raises(TypeError):
        ServerSentEvent("message", "data")  # type: ignore[call-arg]
