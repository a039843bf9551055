"""A listener that stops: what has connected by then is accepted, and each connection has its protocol."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

import pytest

from chatgptfree_mock.wire.listener import Listener

pytestmark = pytest.mark.asyncio


class Passing(asyncio.Protocol):
    """Passes its transport on."""

    def __init__(self, made: Callable[[asyncio.BaseTransport], None]) -> None:
        self._made = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._made(transport)


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def connected(to: socket.socket) -> socket.socket:
    return socket.create_connection(to.getsockname())


async def test_connections_that_the_loop_has_not_seen_yet_get_their_protocols() -> None:
    made: list[asyncio.BaseTransport] = []
    server = listening()
    listener = Listener(server, lambda: Passing(made.append))
    clients = [connected(server) for _ in range(3)]
    assert made == []  # the loop had no turn since
    await listener.stop()
    assert len(made) == 3
    assert server.fileno() == -1
    for each in made:
        assert isinstance(each, asyncio.Transport)
        each.abort()
    for client in clients:
        client.close()


async def test_a_connection_for_which_no_descriptor_is_left_is_accepted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    made: asyncio.Future[asyncio.BaseTransport] = asyncio.get_running_loop().create_future()
    refused: list[int] = []

    class Exhausted(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            if not refused:
                refused.append(errno.EMFILE)
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    monkeypatch.setattr("chatgptfree_mock.wire.listener.AGAIN", 0.0)
    with listening() as plain:
        server = Exhausted(fileno=plain.detach())
    listener = Listener(server, lambda: Passing(made.set_result))
    client = connected(server)
    transport = await made
    assert refused
    await listener.stop()
    assert isinstance(transport, asyncio.Transport)
    transport.abort()
    client.close()


async def test_a_listener_that_stops_while_it_waits_for_a_descriptor_stays_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Exhausted(socket.socket):
        def accept(self) -> tuple[socket.socket, object]:
            raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("chatgptfree_mock.wire.listener.AGAIN", 0.0)
    with listening() as plain:
        server = Exhausted(fileno=plain.detach())
    client = connected(server)
    await Listener(server, lambda: Passing(list[asyncio.BaseTransport]().append)).stop()
    for _ in range(3):
        await asyncio.sleep(0)
    assert server.fileno() == -1
    client.close()
