"""A server that ends while clients connect: no socket of it is left open."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support import tapes
from tests.support.recording import recording

from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.server.mock_server import MockServer

pytestmark = pytest.mark.usefixtures("quick_collections")

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
Ending = tuple[asyncio.AbstractEventLoop, str, Callable[[], object]]
"""A server's loop, the address of its port, and what ends it."""


def mock_server(folder: Path) -> Ending:
    server = MockServer().__enter__()
    return server.running_loop(), server.url, server.close


def intercepting_server(folder: Path) -> Ending:
    server = MockServer(intercept=True).__enter__()
    return server.running_loop(), server.environment["http_proxy"], server.close


def replay_server(folder: Path, *, intercept: bool = False) -> Ending:
    server = ReplayServer(
        load_played_recording([tapes.write(folder / "tape.yaml", tapes.COMPLETION)]), intercept=intercept
    )
    server.__enter__()
    replay = server.open(server.undisturbed(0))
    url = replay.environment["http_proxy"] if intercept else replay.url
    return server.background.loop, url, server.__exit__


def intercepting_replay_server(folder: Path) -> Ending:
    return replay_server(folder, intercept=True)


@contextmanager
def unclosed() -> Iterator[list[str]]:
    """Yield the warnings of sockets that the garbage collector had to close in the block."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield found
        gc.collect()
    found += [str(one.message) for one in caught if issubclass(one.category, ResourceWarning)]


class Crowd:
    """Clients that connect to *url*, one in each step of the loop, until its port is closed; each sends *data*."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str, data: bytes) -> None:
        self._loop, self._address, self._data = loop, urlsplit(url), data
        self._clients: list[socket.socket] = []
        self.is_there = threading.Event()

    def connect(self) -> None:
        try:
            client = socket.create_connection((self._address.hostname, self._address.port))
        except ConnectionError:
            return
        self._clients.append(client)
        client.sendall(self._data)
        if len(self._clients) == 5:
            self.is_there.set()
        self._loop.call_soon(self.connect)

    def leave(self) -> int:
        for client in self._clients:
            client.close()
        return len(self._clients)


clients = pytest.mark.parametrize("data", [b"", REQUEST], ids=["silent clients", "clients that ask"])


@clients
@pytest.mark.parametrize("start", [mock_server, intercepting_server, replay_server, intercepting_replay_server])
def test_clients_that_connect_while_a_server_ends(start: Callable[[Path], Ending], data: bytes, tmp_path: Path) -> None:
    with unclosed() as found:
        loop, url, end = start(tmp_path)
        crowd = Crowd(loop, url, data)
        loop.call_soon_threadsafe(crowd.connect)
        crowd.is_there.wait()
        end()
        del loop, end
    assert crowd.leave()
    assert found == []


@clients
def test_clients_that_connect_while_a_recorder_ends(data: bytes, tmp_path: Path) -> None:
    async def record() -> Crowd:
        async with recording("http://127.0.0.1:9", tmp_path / "tape.yaml") as recorder:
            crowd = Crowd(asyncio.get_running_loop(), recorder.url, data)
            crowd.connect()
            for _ in range(10):
                await asyncio.sleep(0)
        return crowd

    with unclosed() as found:
        crowd = asyncio.run(record())
    assert crowd.leave()
    assert found == []


def test_a_client_that_does_not_read_when_a_server_ends() -> None:
    with unclosed() as found:
        server = MockServer().__enter__()
        client = socket.create_connection(("127.0.0.1", urlsplit(server.url).port))
        client.sendall(REQUEST * 10_000)
        server.close()
        del server
    client.close()
    assert found == []
