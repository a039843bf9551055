"""An answer and a delivery become a schedule: what is sent, when, and how it ends."""

from __future__ import annotations

import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.many_cases import for_each

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.model import End, Headers, Response

CHUNKED: Headers = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
BODY = b"data: one\n\ndata: two\n\ndata: three\n\n"
STREAM = Response(headers=CHUNKED, body=BODY, chunks=((100, 11), (150, 11), (250, 13)))


def played(words: str, response: Response = STREAM) -> Schedule:
    return build_schedule(response, Delivery.from_words(words))


def timeline(schedule: Schedule) -> list[tuple[float, int]]:
    return list(zip(schedule.send_times, schedule.sizes, strict=True))


@for_each(
    ("words", "expected"),
    [
        pytest.param("", [(100, 11), (150, 11), (250, 13)], id="as recorded"),
        pytest.param("pace=instant", [(0, 11), (0, 11), (0, 13)], id="instant"),
        pytest.param("pace=x2", [(50, 11), (75, 11), (125, 13)], id="twice as fast"),
        pytest.param("pace=x0.5", [(200, 11), (300, 11), (500, 13)], id="half as fast"),
        pytest.param("pace=every:20ms", [(20, 11), (40, 11), (60, 13)], id="evenly"),
        pytest.param("chunks=whole", [(250, 35)], id="whole, when its last byte had come"),
        pytest.param("chunks=at:5,15", [(100, 5), (150, 10), (250, 20)], id="cut again, none before its last byte"),
        pytest.param("fault=delay-body=1s", [(1100, 11), (1150, 11), (1250, 13)], id="a late body"),
        pytest.param("fault=delay-headers=1s", [(1100, 11), (1150, 11), (1250, 13)], id="a late head and body"),
        pytest.param("fault=stall@event:1=5s", [(100, 11), (5150, 11), (5250, 13)], id="a stall that goes on"),
        pytest.param("fault=stall@5=1s", [(100, 5), (1100, 6), (1150, 11), (1250, 13)], id="a stall inside a chunk"),
        pytest.param("fault=drip@32=60ms", [(100, 11), (150, 11), (250, 10), (310, 1), (370, 1), (430, 1)], id="drip"),
    ],
)
def test_pieces_are_due(words: str, expected: list[tuple[float, int]]) -> None:
    schedule = played(words)
    assert timeline(schedule) == expected
    assert schedule.body == BODY
    assert (schedule.end, schedule.end_time) == (End.COMPLETE, expected[-1][0])


@for_each(
    ("words", "sent", "end", "due"),
    [
        pytest.param("fault=reset@50%", 17, End.RESET, 150, id="reset half-way, with the piece it belongs to"),
        pytest.param("fault=truncate@11", 11, End.TRUNCATED, 100, id="truncated behind a byte"),
        pytest.param("fault=end@chunk:2", 22, End.COMPLETE, 150, id="ended early but cleanly"),
        pytest.param("fault=stall@event:2", 22, End.STALLED, 150, id="stalled for good"),
        pytest.param("fault=stall@event:2=3s:reset", 22, End.RESET, 3150, id="stalled, then reset"),
        pytest.param("fault=stall@event:2=3s,reset@event:2", 22, End.RESET, 3150, id="the same as two faults"),
        pytest.param("fault=reset@160ms", 22, End.RESET, 160, id="reset at a time"),
        pytest.param("fault=reset@9s", 35, End.RESET, 9000, id="at a time after the last byte, in place of the end"),
        pytest.param("fault=reset@99999", 35, End.RESET, 250, id="behind more bytes than there are"),
        pytest.param("fault=reset@event:9", 35, End.RESET, 250, id="behind more events than there are"),
        pytest.param("fault=reset@0", 0, End.RESET, 100, id="behind the head alone"),
        pytest.param("fault=truncate@30,reset@20", 20, End.RESET, 150, id="the earlier of two"),
        pytest.param("fault=drop-final-chunk", 35, End.TRUNCATED, 250, id="all but the last chunk"),
        pytest.param("fault=stall@100%=2s", 35, End.COMPLETE, 2250, id="a late last chunk"),
        pytest.param("pace=instant fault=reset@300ms", 35, End.RESET, 300, id="a time that outlasts the pace"),
    ],
)
def test_the_answer_ends(words: str, sent: int, end: End, due: float) -> None:
    schedule = played(words)
    assert (len(schedule.body), schedule.end, schedule.end_time) == (sent, end, due)
    assert schedule.body == BODY[:sent]
    assert sum(schedule.sizes) == sent


@pytest.mark.parametrize("end", [End.TRUNCATED, End.RESET, End.STALLED])
def test_a_recorded_end_is_played_again(end: End) -> None:
    assert played("", Response(headers=CHUNKED, body=BODY, end=end)).end is end


@pytest.mark.parametrize(
    ("words", "due"),
    [
        pytest.param("", 5250, id="as recorded"),
        pytest.param("pace=x2", 2625, id="twice as fast"),
        pytest.param("pace=instant", 0, id="instant"),
        pytest.param("fault=stall@event:1=1s", 6250, id="behind what a fault delayed"),
        pytest.param("fault=truncate@chunk:3", 250, id="but not before a fault"),
    ],
)
def test_the_silence_before_a_recorded_end_is_kept(words: str, due: float) -> None:
    response = Response(headers=CHUNKED, body=BODY, chunks=STREAM.chunks, end=End.RESET, ended=5250)
    assert played(words, response).end_time == due


def test_a_recording_that_the_client_left_stays_open() -> None:
    assert played("", Response(headers=CHUNKED, body=BODY, end=End.CLIENT_CLOSED)).end is End.STALLED


@pytest.mark.parametrize("words", ["fault=reset@head", "fault=truncate@head", "fault=stall@head"])
def test_nothing_at_all_is_sent_before_the_head(words: str) -> None:
    schedule = played(words)
    assert schedule.head_time is None
    assert not schedule.sizes


def test_a_stall_before_the_head_delays_everything() -> None:
    schedule = played("fault=stall@head=1s")
    assert (schedule.head_time, schedule.send_times) == (1100, (1100, 1150, 1250))


def test_an_exchange_recorded_without_any_answer_gives_none() -> None:
    assert played("", Response(status=0, reason="", end=End.RESET)).head_time is None


def test_a_random_place_comes_from_the_seed() -> None:
    sent = {len(played(f"fault=reset@random seed={seed}").body) for seed in range(20)}
    assert len(sent) > 5
    assert played("fault=reset@random seed=3") == played("fault=reset@random seed=3")


def test_a_random_place_may_be_anywhere_in_a_long_answer() -> None:
    long = Response(headers=CHUNKED, body=BODY * 20_000)
    places = [sum(played(f"fault=truncate@random seed={seed}", long).sizes) for seed in range(40)]
    quarters = {4 * place // (len(long.body) + 1) for place in places}
    assert quarters == {0, 1, 2, 3}


@given(
    chunks=st.sampled_from(["as-recorded", "whole", "events", "bytes", "random:3"]),
    pace=st.sampled_from(["recorded", "instant", "x3", "every:7ms"]),
    faults=st.lists(st.sampled_from(["drip@9=1ms", "stall@5=9ms", "reset@20", "delay-body=4ms", "stall@33=2ms:end"])),
)
def test_however_combined_times_only_grow_and_bytes_stay(chunks: str, pace: str, faults: list[str]) -> None:
    schedule = build_schedule(STREAM, Delivery.parse(chunks=chunks, pace=pace, fault=faults))
    assert list(schedule.send_times) == sorted(schedule.send_times)
    assert schedule.end_time >= max(schedule.send_times, default=0)
    assert BODY.startswith(schedule.body)
    assert sum(schedule.sizes) == len(schedule.body)


GZIPPED = zlib.compress(BODY, wbits=31)


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    cuts=st.sets(st.integers(1, 7)),
    words=st.sampled_from(["", "fault=chunk-extensions", "fault=trailers", "fault=garble-chunk@60%"]),
    headers=st.sampled_from([CHUNKED, (("Content-Length", "1"),), (("Connection", "close"),)]),
    http11=st.booleans(),
)
def test_frames_taken_one_by_one_are_those_of_the_whole(
    sizes: list[int], cuts: set[int], words: str, headers: Headers, http11: bool
) -> None:
    body = bytes(index % 251 for index in range(sum(sizes)))
    schedule = played(words, Response(headers=headers, body=body, chunks=tuple((0, size) for size in sizes)))
    framing = schedule.framing_for(http11=http11)
    count = len(schedule.sizes)
    ends = sorted({0, *(cut for cut in cuts if cut < count), count})
    one_by_one = [
        part
        for start, stop in pairwise(ends)
        for part in schedule.frames(start, stop, sum(schedule.sizes[:start]), framing=framing)
    ]
    together = schedule.frames(0, count, 0, framing=framing)
    assert b"".join(one_by_one) == b"".join(together)


class TestHeaderTruth:
    """The head announces what is sent."""

    @pytest.mark.parametrize(
        ("stored", "framing"),
        [
            pytest.param(CHUNKED, Framing.CHUNKED, id="chunked stays chunked"),
            pytest.param((("Content-Length", "999"),), Framing.LENGTH, id="a length stays a length"),
            pytest.param((("Connection", "close"),), Framing.CLOSE, id="neither, and closed"),
            pytest.param((), Framing.CHUNKED, id="no framing header"),
        ],
    )
    def test_the_framing_is_the_stored_one(self, stored: Headers, framing: Framing) -> None:
        assert played("", Response(headers=stored, body=BODY)).framing is framing

    def test_an_empty_answer_has_no_length_unless_one_was_stored(self) -> None:
        assert played("", Response()).framing is Framing.CHUNKED
        assert played("", Response(headers=(("Content-Length", "0"),))).framing is Framing.LENGTH

    def test_a_length_fits_the_bytes(self) -> None:
        schedule = played("", Response(headers=(("Content-Length", "999"),), body=BODY))
        assert b"\r\nContent-Length: 35\r\n" in schedule.head()

    def test_a_length_fits_an_early_end(self) -> None:
        schedule = played("fault=end@11", Response(headers=(("Content-Length", "35"),), body=BODY))
        assert schedule.length == 11

    @pytest.mark.parametrize("words", ["fault=truncate@11", "fault=reset@11"])
    def test_a_broken_answer_announces_all(self, words: str) -> None:
        assert played(words, Response(headers=(("Content-Length", "35"),), body=BODY)).length == 35

    def test_an_answer_recorded_broken_off_announces_what_it_announced(self) -> None:
        response = Response(headers=(("Content-Length", "999"),), body=BODY, end=End.TRUNCATED)
        assert played("", response).length == 999

    def test_a_body_stored_decoded_is_sent_without_its_encoding(self) -> None:
        response = Response(headers=(*CHUNKED, ("Content-Encoding", "gzip")), body=BODY)
        assert b"content-encoding" not in played("").head().lower()
        assert played("", response).body == BODY

    def test_a_body_stored_encoded_is_sent_as_it_was(self) -> None:
        response = Response(headers=(*CHUNKED, ("Content-Encoding", "gzip")), body=BODY, raw=GZIPPED)
        schedule = played("chunks=every:9", response)
        assert b"Content-Encoding: gzip" in schedule.head()
        assert schedule.body == GZIPPED
        assert set(schedule.sizes[:-1]) == {9}

    def test_stored_headers_go_out_as_they_are_when_asked_for(self) -> None:
        response = Response(headers=(("Content-Encoding", "gzip"), ("content-length", "40")), body=BODY)
        schedule = played("fault=stored-headers", response)
        assert b"Content-Encoding: gzip\r\ncontent-length: 40\r\n" in schedule.head()
        assert schedule.end is End.TRUNCATED

    def test_headers_keep_their_order_and_their_case(self) -> None:
        stored = (("server", "nginx"), ("transfer-encoding", "chunked"), ("X-a", "1"), ("connection", "keep-alive"))
        head = played("", Response(headers=stored, body=BODY)).head()
        assert head.decode().splitlines() == [
            "HTTP/1.1 200 OK",
            "server: nginx",
            "transfer-encoding: chunked",
            "X-a: 1",
            "connection: keep-alive",
            "",
        ]

    def test_a_line_break_in_a_header_can_not_split_the_head(self) -> None:
        head = played("", Response(headers=(("X-a", "1\r\nX-b: 2"),), body=b"")).head()
        assert b"\r\nX-b" not in head

    def test_gzip_flushes_each_piece(self) -> None:
        schedule = played("fault=gzip")
        unpacker = zlib.decompressobj(wbits=31)
        texts, at = [], 0
        for size in schedule.sizes:
            texts.append(unpacker.decompress(schedule.body[at : at + size]))
            at += size
        assert texts == [BODY[:11], BODY[11:22], BODY[22:]]
        assert unpacker.eof

    @pytest.mark.parametrize("percent", range(0, 101, 10))
    def test_a_gzip_stream_is_cut_inside_a_block_though_http_is_complete(self, percent: int) -> None:
        schedule = played(f"fault=gzip-cut@{percent}%")
        unpacker = zlib.decompressobj(wbits=31)
        assert BODY.startswith(unpacker.decompress(schedule.body))
        assert not unpacker.eof
        assert schedule.end is End.COMPLETE

    @pytest.mark.parametrize("status", [204, 304])
    @pytest.mark.parametrize("body", [b"", BODY], ids=["without a body", "with a body that none may hold"])
    def test_no_body_is_sent_with_204(self, status: int, body: bytes) -> None:
        schedule = played("", Response(status=status, headers=CHUNKED, body=body))
        assert schedule.framing is Framing.NONE
        assert b"Transfer-Encoding" not in schedule.head()

    def test_a_client_of_http_1_0_gets_no_chunks(self) -> None:
        schedule = played("")
        assert schedule.framing_for(http11=False) is Framing.CLOSE
        assert b"Connection: close" in schedule.head(http11=False)


@pytest.mark.parametrize("chunks", ["whole", "events", "bytes"])
def test_a_response_without_recorded_times_is_sent_at_once(chunks: str) -> None:
    made_by_hand = Response(headers=CHUNKED, body=BODY)
    assert set(played(f"chunks={chunks}", made_by_hand).send_times) == {0}


def test_a_garbled_frame_does_not_come_again() -> None:
    whole = Schedule(body=b"abcdef", sizes=(1, 2, 3))
    before = whole.frames(0, 3, 0, framing=Framing.CHUNKED)
    garbled = replace(whole, garbled=frozenset({1})).frames(0, 3, 0, framing=Framing.CHUNKED)
    assert garbled != before
    assert before == [b"1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n"]
    assert replace(whole).frames(0, 3, 0, framing=Framing.CHUNKED) == before


@pytest.mark.parametrize("words", ["", "chunks=lines", "chunks=random:7 pace=x2", "fault=stall@5=1s"])
def test_an_answer_that_is_played_again_is_not_cut_again(words: str) -> None:
    assert played(words, replace(STREAM)) is played(words)


def test_a_schedule_that_a_fault_has_changed_does_not_come_again() -> None:
    undisturbed = played("chunks=lines")
    assert timeline(played("chunks=lines fault=drip=9ms")) != timeline(undisturbed)
    assert timeline(played("chunks=lines seed=1")) == timeline(undisturbed)
