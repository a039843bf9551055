"""Damage in and behind an answer: how bytes were packed never matters, on a real socket and in the decoder alone."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support.raw_server import RESET
from tests.support.raw_site import DONE, LAST_CHUNK, STOP, chunk, delta, response, site, streamed, wpaicg_page

from chatgptfree import ChatClient, ChatError, InterruptedStreamError, Timeout
from chatgptfree.core.protocol.http1 import Complete, Damage, Part, Progress, ResponseDecoder
from chatgptfree.core.protocol.response_head import Head

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
EVENTS = (delta("All ") + delta("of it") + STOP + DONE).encode()
HALF = delta("Half ").encode()
WITH_LENGTH = PLAIN + b"Content-Length: %d\r\n\r\n" % len(EVENTS) + EVENTS
CHUNKED = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = gzip.compress(EVENTS)
CODED = PLAIN + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"

WHOLE = {
    "extra bytes behind the length": WITH_LENGTH + b"extra",
    "another response behind the length": WITH_LENGTH + WITH_LENGTH,
    "garbage behind the last chunk": CHUNKED + chunk(EVENTS) + LAST_CHUNK + b"<!-- cached -->",
    "trailers": CHUNKED + chunk(EVENTS) + b"0\r\nExpires: now\r\n\r\n",
    "damaged trailers": CHUNKED + chunk(EVENTS) + b"0\r\n\x00\xff no trailer",
    "a last chunk without its empty line": CHUNKED + chunk(EVENTS) + b"0\r\n",
    "a close announced, and a comment": PLAIN
    + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunk(EVENTS)
    + LAST_CHUNK
    + b"<!-- x -->",
    "interim responses": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + WITH_LENGTH,
    "HTTP/1.0, until it is closed": PLAIN.replace(b"1.1", b"1.0") + b"\r\n" + EVENTS,
    "chunk extensions": CHUNKED + b"%x;a=b \r\n%s\r\n" % (len(EVENTS), EVENTS) + LAST_CHUNK,
    "line feeds alone": (PLAIN + b"Transfer-Encoding: chunked\r\n\r\n").replace(b"\r\n", b"\n")
    + b"%x\n%s\n0\n\n" % (len(EVENTS), EVENTS),
    "a line of the head that goes on": PLAIN + b"X: a\r\n b\r\nContent-Length: %d\r\n\r\n" % len(EVENTS) + EVENTS,
    "both framings": PLAIN + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(EVENTS) + LAST_CHUNK,
    "compressed, with padding": CODED + chunk(GZIPPED + b"\0" * 9) + LAST_CHUNK,
    "chunked, named twice": PLAIN + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n" + chunk(EVENTS) + LAST_CHUNK,
    "the same length twice": PLAIN + b"Content-Length: %d\r\n" % len(EVENTS) * 2 + b"\r\n" + EVENTS,
}
BROKEN = {
    "a chunk size that is none": CHUNKED + chunk(HALF) + b"zz\r\n",
    "no line end behind a chunk": CHUNKED + chunk(HALF)[:-2] + b"9\r\n",
    "a chunk size without an end": CHUNKED + chunk(HALF) + b"5" * 20,
    "an endless chunk extension": CHUNKED + chunk(HALF) + b"5;" + b"x" * 20_000,
    "a chunk that is cut off": CHUNKED + chunk(HALF) + b"ff\r\ndata: ",
    "a body that is cut off": PLAIN + b"Content-Length: 9999\r\n\r\n" + HALF,
    "a negative chunk size": CHUNKED + chunk(HALF) + b"-1\r\n",
}
NO_RESPONSE = {
    "a length that is no number": PLAIN + b"Content-Length: 1e3\r\n\r\n" + EVENTS,
    "two lengths": PLAIN + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n" + EVENTS,
    "a line of the head without a name": PLAIN + b"no header\r\n\r\n" + EVENTS,
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "an endless head": PLAIN + b"X: y\r\n" * 60_000,
}


class Peer:
    """A site whose answers come in the packets that a test cuts them into."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.packets: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may have had enough
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while b"\r\n\r\n" not in (request := connection.recv(65536)):
            if not request:
                return
        if request.startswith(b"GET"):
            connection.sendall(wpaicg_page().replace(b"200 OK\r\n", b"200 OK\r\nConnection: close\r\n", 1))
            return
        for packet in self.packets:
            connection.sendall(packet)
            time.sleep(0)  # lets the other side run; that it does so is not relied upon
        connection.shutdown(socket.SHUT_WR)


@contextmanager
def peer() -> Iterator[Peer]:
    made = Peer()
    try:
        yield made
    finally:
        made.close()


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def decoded(packets: list[bytes], *, closed: bool = True) -> tuple[list[Part], bytes, Progress]:
    """Return what a decoder makes of *packets*: parts without the bytes, these joined, and how far it came."""
    decoder = ResponseDecoder()
    parts = [part for packet in packets for part in decoder.feed(packet)]
    if closed:
        parts += decoder.close()
    body = b"".join(part for part in parts if isinstance(part, bytes))
    # Whether a connection is used again does depend on what came with the end.
    rest = [Complete(reusable=False) if isinstance(part, Complete) else part for part in parts]
    return [part for part in rest if not isinstance(part, bytes)], body, decoder.progress


async def outcome(raw: Peer, packets: list[bytes]) -> tuple[str, ...]:
    raw.packets = packets
    async with ChatClient(raw.url, timeout=Timeout(total=20)) as chat:
        try:
            reply = await chat.ask("Hello")
        except ChatError as error:
            return error.kind, error.partial, str(error)
        return "right", reply.text, *(warning.code for warning in reply.warnings)


@cache
def decoded_at_once(name: str) -> tuple[list[Part], bytes, Progress]:
    return decoded([ANSWERS[name]])


CUTS = st.lists(st.integers(0, 70_000), max_size=6)
ANSWERS = {**WHOLE, **BROKEN, **NO_RESPONSE}


@pytest.mark.parametrize("name", ANSWERS)
@settings(max_examples=25, deadline=None)
@given(cuts=CUTS)
@example(cuts=list(range(120, 170)))
def test_the_decoder_does_not_see_where_bytes_were_cut(name: str, cuts: list[int]) -> None:
    assert decoded(split(ANSWERS[name], cuts)) == decoded_at_once(name)


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(
        st.sampled_from(
            [PLAIN, b"\r\n", b"\n", b"5\r\nHello", b"0\r\n", b"Transfer-Encoding: chunked\r\n", b"zz", b":"]
        )
        | st.binary(max_size=9)
    ).map(b"".join),
    cuts=CUTS,
)
def test_nor_of_anything_else(data: bytes, cuts: list[int]) -> None:
    assert decoded(split(data, cuts)) == decoded([data])


@pytest.mark.parametrize("name", ANSWERS)
def test_one_byte_a_packet(name: str) -> None:
    data = ANSWERS[name][:2000] if name.startswith("an endless") else ANSWERS[name]
    assert decoded([data[n : n + 1] for n in range(len(data))]) == decoded([data])


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.asyncio
async def test_what_is_behind_an_answer_costs_nothing(name: str) -> None:
    with peer() as raw:
        assert await outcome(raw, [WHOLE[name]]) == ("right", "All of it")


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.asyncio
async def test_what_came_before_the_damage_is_the_partial(name: str) -> None:
    with peer() as raw:
        kind, partial, _ = await outcome(raw, [BROKEN[name]])
    assert (kind, partial) == ("interrupted", "Half ")


@pytest.mark.parametrize("name", NO_RESPONSE)
@pytest.mark.asyncio
async def test_a_damaged_head_is_a_protocol_error(name: str) -> None:
    with peer() as raw:
        kind, partial, words = await outcome(raw, [NO_RESPONSE[name]])
    assert (kind, partial) == ("protocol", "")
    assert words.startswith("the response is not HTTP: ")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from([*WHOLE, *BROKEN]), cuts=CUTS)
def test_packets_do_not_matter_on_a_socket(name: str, cuts: list[int]) -> None:
    async def both() -> None:
        with peer() as raw:
            assert await outcome(raw, split(ANSWERS[name], cuts)) == await outcome(raw, [ANSWERS[name]])

    asyncio.run(both())


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(GZIPPED) - 1), bit=st.integers(0, 7), cuts=CUTS)
def test_a_damaged_coding_has_one_outcome(place: int, bit: int, cuts: list[int]) -> None:
    damaged = bytearray(GZIPPED)
    damaged[place] ^= 1 << bit
    answer = CODED + chunk(bytes(damaged)) + LAST_CHUNK

    async def both() -> None:
        with peer() as raw:
            assert await outcome(raw, split(answer, cuts)) == await outcome(raw, [answer])

    asyncio.run(both())


@pytest.mark.asyncio
async def test_a_reset_is_not_the_end_of_a_body_without_a_length() -> None:
    """Until closed: in order, that is the end; a reset is not."""
    go_on = threading.Event()
    with site([PLAIN + b"Connection: close\r\n\r\n" + HALF, go_on, RESET]) as server:
        async with ChatClient(server.url) as chat:
            stream = chat.stream("Hello")
            assert (await anext(stream)).text == "Half "
            go_on.set()
            with pytest.raises(InterruptedStreamError, match="closed in the middle of the response: Connection reset"):
                await anext(stream)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_a_status_without_a_body(status: str) -> None:
    parts, body, _ = decoded([f"HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\nHello".encode()], closed=False)
    assert [type(part) for part in parts] == [Head, Complete]
    assert body == b""


def test_a_connection_is_used_again_only_after_a_clean_end() -> None:
    for data, reusable in [
        (response("Hello"), True),
        (response("Hello") + b"x", False),
        (CHUNKED + chunk("Hello") + LAST_CHUNK, True),
        (CHUNKED + chunk("Hello") + b"0\r\nA: b\r\n\r\n", False),
        (response("Hello", headers=[("Connection", "close")]), False),
        (response("Hello").replace(b"1.1", b"1.0"), False),
        (response("Hello", headers=[("Connection", "keep-alive")]).replace(b"1.1", b"1.0"), True),
    ]:
        assert ResponseDecoder().feed(data)[-1] == Complete(reusable=reusable)


def test_nothing_is_distinguished_from_half_a_head() -> None:
    for data, progress in [(b"", Progress.NOTHING), (b"HTTP/1.1 2", Progress.HEAD), (PLAIN, Progress.HEAD)]:
        decoder = ResponseDecoder()
        assert [*decoder.feed(data), *decoder.close()] == []
        assert decoder.progress is progress


def test_nothing_follows_the_end() -> None:
    decoder = ResponseDecoder()
    assert [type(part) for part in decoder.feed(b"no HTTP")] == [Damage]
    assert [*decoder.feed(PLAIN), *decoder.close()] == []


@pytest.mark.asyncio
async def test_extra_bytes_do_not_reach_the_next_answer() -> None:
    with site(streamed("One") + b"HTTP/1.1 500 Oops\r\n\r\n", streamed("Two")) as server:
        async with ChatClient(server.url) as chat:
            assert [(await chat.ask("Hello")).text for _ in range(2)] == ["One", "Two"]
