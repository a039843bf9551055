"""
A listening socket whose connections are all known: none is lost between its acceptance and its protocol.

`asyncio.Server` takes a few steps of the loop for each start and stop, which a server that lives for one client feels.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

AGAIN: Final = 0.1
"""Seconds after which a connection is accepted that could not be, for want of a file descriptor."""


class Listener:
    """Accepts the connections of *listening* on the running loop, each with a protocol of *factory*, until `stop`."""

    def __init__(self, listening: socket.socket, factory: Callable[[], asyncio.Protocol]) -> None:
        listening.setblocking(False)
        self._socket, self._factory = listening, factory
        self._loop = asyncio.get_running_loop()
        self._begun: set[asyncio.Task[object]] = set()
        self._loop.add_reader(listening, self._accept)

    async def stop(self) -> None:
        """Accept what has connected already, close the socket, and return once each connection has its protocol."""
        self._accept()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        if self._begun:
            await asyncio.wait(self._begun)

    def _accept(self) -> None:
        while self._socket.fileno() >= 0:
            try:
                connection, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:  # no descriptor is left, so that the loop would call again and again
                self._loop.remove_reader(self._socket)
                self._loop.call_later(AGAIN, self._resume)
                return
            connection.setblocking(False)
            begun = self._loop.create_task(self._loop.connect_accepted_socket(self._factory, connection))
            self._begun.add(begun)
            begun.add_done_callback(self._begun.discard)

    def _resume(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket, self._accept)
