"""Clients that ask and do not read: how long their connection is kept."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import cast

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer
from chatgptfree_mock.wire.send_timeout import UnreadWatch


class Buffer:
    """A transport that has so many bytes in its buffer."""

    def __init__(self) -> None:
        self.size = 0
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.size

    def abort(self) -> None:
        self.aborted = True


def look(watch: UnreadWatch, buffers: list[Buffer], now: float) -> None:
    watch.look(cast(list[asyncio.Transport], buffers), now)


@given(sizes=st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_a_connection_is_closed_once_its_buffer_has_not_shrunk_for_the_whole_time(sizes: list[int]) -> None:
    watch, buffer = UnreadWatch(6), Buffer()
    for now, size in enumerate(sizes):
        if buffer.aborted:
            break
        buffer.size = size
        look(watch, [buffer], now)
        recent = sizes[max(0, now - 6) : now + 1]
        stuck = len(recent) == 7 and min(recent) > 0 and recent == sorted(recent)
        assert buffer.aborted == stuck, (now, recent)
        assert watch.has_aborted(cast(asyncio.Transport, buffer)) == stuck


def test_a_connection_that_the_server_has_left_is_watched_on() -> None:
    watch, buffer = UnreadWatch(6), Buffer()
    buffer.size = 1
    look(watch, [buffer], 0)
    look(watch, [], 6)
    assert buffer.aborted


async def never(_request: web.BaseRequest) -> web.StreamResponse:
    raise NotImplementedError


@pytest.mark.asyncio
async def test_a_server_that_was_left_is_kept_by_no_timer() -> None:
    watch, server = UnreadWatch(6), web.Server(never)
    watch.watch(server)
    watch.leave(server)
    watch.leave(server)
    left = weakref.ref(server)
    del server
    gc.collect()
    assert left() is None


async def ask_for_ever(writer: asyncio.StreamWriter, request: bytes) -> None:
    while True:
        writer.write(request * 100)
        await writer.drain()


@pytest.mark.parametrize("target", ["/chat/", "/__mock__/api/openapi.json"], ids=["of the site", "of aiohttp"])
@pytest.mark.asyncio
async def test_a_pipeline_that_nobody_reads_does_not_keep_its_socket(target: str) -> None:
    async with MockServer(ServerConfig(write_seconds=0.3)) as server:
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1)
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        with pytest.raises(ConnectionError):
            await ask_for_ever(writer, request)
        del reader
        writer.close()
        for exchange in [exchange for exchange in server.journal if exchange.end == "client-closed"]:
            assert "took nothing of this answer" in exchange.why[-1]
