"""
Close a connection with its response, and a server with all its sockets, even that of a client that has only just come.

A socket that is left to the garbage collector is closed too late for its client, with a ResourceWarning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web

_STEPS_OF_ACCEPTING = 3
"""Steps of the loop from `accept` to `connection_made`: asyncio starts a task, which calls the protocol."""


def last_response(status: int, text: str) -> web.Response:
    """Return a response of plain text with which its connection ends, such as one to a body that cannot be read."""
    response = web.Response(status=status, text=f"{text}\n")
    response.force_close()
    return response


async def stop_accepting(servers: Iterable[asyncio.Server]) -> None:
    """
    Stop accepting connections, and return once every accepted connection has its protocol.

    It is for servers that are closed next: `asyncio.Server.close` drops what was accepted in the same step of the loop,
    without closing it (the transport's `Server._attach` fails).
    """
    loop = asyncio.get_running_loop()
    for server in servers:
        for listening in server.sockets:
            loop.remove_reader(listening.fileno())
    for _ in range(_STEPS_OF_ACCEPTING):
        await asyncio.sleep(0)


async def close_connections(server: web.Server, seconds: float) -> None:
    """
    Close all connections of a *server* that no longer accepts any.

    The bytes of answers that have ended are in the kernel by then; the rest of other answers is dropped.

    Args:
        server: aiohttp's server; its ports are closed already.
        seconds: how long answers that are under way may take to end.
    """
    transports = [handler.transport for handler in server.connections if handler.transport is not None]
    await server.shutdown(seconds)
    for transport in transports:
        transport.abort()  # it may wait for a client that does not read
    await asyncio.sleep(0)  # the loop closes the sockets in its next step


class ClosingRunner(web.BaseRunner):
    """A mixin for runners of aiohttp, before the runner's class: `cleanup` leaves no socket open."""

    async def cleanup(self) -> None:
        """Close the ports, then all connections."""
        sites = list(self.sites)
        listening = [site._server for site in sites]  # noqa: SLF001 - aiohttp has no other way to it
        await stop_accepting(each for each in listening if isinstance(each, asyncio.Server))
        for site in sites:
            await site.stop()
        if self.server is not None:
            await close_connections(self.server, self._shutdown_timeout)
        await super().cleanup()


class ClosingServerRunner(ClosingRunner, web.ServerRunner):
    """A runner of a low-level server that leaves no socket open."""
