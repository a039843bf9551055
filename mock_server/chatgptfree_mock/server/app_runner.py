"""What runs an application of the server: aiohttp's runner, with the mock's HTTP options and its way to close."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chatgptfree_mock.server.app import UNREAD
from chatgptfree_mock.server.listening import HTTP_OPTIONS, SHUTDOWN_SECONDS
from chatgptfree_mock.wire.closing import ClosingRunner


class _Runner(ClosingRunner, web.AppRunner):
    """A runner that closes the connections of clients that do not read; see `wire.send_timeout`."""

    async def setup(self) -> None:
        await super().setup()
        if self.server is not None:
            self.app[UNREAD].watch(self.server)

    async def cleanup(self) -> None:
        if self.server is not None:
            self.app[UNREAD].leave(self.server)
        await super().cleanup()


def runner_for(app: web.Application, **more: Any) -> web.AppRunner:
    """Return a runner of *app* with the mock's HTTP options; *more* go to `AppRunner`."""
    return _Runner(app, shutdown_timeout=SHUTDOWN_SECONDS, **HTTP_OPTIONS, **more)
