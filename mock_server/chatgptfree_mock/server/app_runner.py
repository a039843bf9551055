"""What runs an application of the server: aiohttp's runner, with the mock's HTTP options and its way to close."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from aiohttp import web

from chatgptfree_mock.server.app import RESPONDER, UNREAD
from chatgptfree_mock.server.listening import HTTP_OPTIONS, SHUTDOWN_SECONDS
from chatgptfree_mock.server.site_registry import CONTROL
from chatgptfree_mock.wire.closing import ClosingRunner


class _Runner(ClosingRunner, web.AppRunner):
    """
    A runner that closes the connections of clients that do not read; see `wire.send_timeout`.

    Requests that can only be for a site pass aiohttp's router by, which takes some 4 % of the time of a small answer.
    """

    async def setup(self) -> None:
        await super().setup()
        if self.server is not None:
            self.server.request_handler = self._answer
            self.app[UNREAD].watch(self.server)

    def _answer(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        is_plain = request.raw_path.startswith("/") and "Expect" not in request.headers
        if is_plain and CONTROL not in request.path:
            return self.app[RESPONDER].answer(request)
        return self.app._handle(request)  # type: ignore[arg-type]  # noqa: SLF001 - what aiohttp calls for all

    async def cleanup(self) -> None:
        if self.server is not None:
            self.app[UNREAD].leave(self.server)
        await super().cleanup()


def runner_for(app: web.Application, **more: Any) -> web.AppRunner:
    """Return a runner of *app* with the mock's HTTP options; *more* go to `AppRunner`."""
    return _Runner(app, shutdown_timeout=SHUTDOWN_SECONDS, **HTTP_OPTIONS, **more)
