"""
`MockServer`: any number of sites on one port, as a context manager.

``async with`` runs it on the running loop, plain ``with`` on a thread beside the caller.  Only loopback is served
unless another host is asked for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import warnings
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from chatgptfree_mock.clock import bind_to_real_time
from chatgptfree_mock.errors import MockWarning, ServingError
from chatgptfree_mock.journal import OPEN, Journal
from chatgptfree_mock.server import console
from chatgptfree_mock.server.app import UNREAD, ServerConfig, make_app
from chatgptfree_mock.server.control import ACCESS, SITES
from chatgptfree_mock.server.listening import BACKLOG, LOOPBACK, address_of, listen, warn_if_exposed
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.server.site_registry import SiteRegistry
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.wire.send_timeout import UnreadWatch

KEEP_ALIVE = 75.0
"""Seconds after which an idle connection is closed, half a request included; nginx's default."""
_GRACE = 0.05
"""Seconds that answers still under way get when the server stops."""
_LINE_LIMIT: Final = 256 * 1024
"""Far above what the imitated web server takes of a line, so that its own refusal is seen and not aiohttp's."""


class _Runner(web.AppRunner):
    """A runner that closes the connections of clients that do not read; see `wire.send_timeout`."""

    _watching: asyncio.Task[None] | None = None

    async def setup(self) -> None:
        await super().setup()
        self._watching = asyncio.create_task(self._watch(self.app[UNREAD]))

    async def cleanup(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().cleanup()

    async def _watch(self, unread: UnreadWatch) -> None:
        while self.server is not None:
            await asyncio.sleep(unread.pause)
            connections = [connection.transport for connection in self.server.connections]
            unread.look(filter(None, connections), asyncio.get_running_loop().time())


def runner_for(app: web.Application, **more: Any) -> web.AppRunner:
    """Return a runner as the mock needs it: raw bodies, a log of failures alone, answers that end with their client."""
    return _Runner(
        app,
        access_log=None,
        logger=SERVER_LOG,
        auto_decompress=False,
        max_line_size=_LINE_LIMIT,
        max_field_size=_LINE_LIMIT,
        keepalive_timeout=KEEP_ALIVE,
        shutdown_timeout=_GRACE,
        **more,
    )


class MockServer:
    """
    One server and its sites; the root site is made from *deps*.

    What had no effect by the time that it ends is a `MockWarning` each, and in `warnings`.

    The loop that it runs on takes its time from the machine's clock from then on, so that a test may freeze time.

    Raises:
        ServingError: on entering, if the port is taken or the host isn't this machine's.
        MockError: at once, if *deps* name something that does not exist.
    """

    def __init__(self, deps: ServerConfig | None = None, *, host: str = LOOPBACK, port: int = 0) -> None:
        self.app = make_app(known_as(host, deps))
        self._runner: web.AppRunner | None = None
        self._host, self._port = host, port
        self._background: BackgroundLoop | None = None
        self.sites: SiteRegistry = self.app[SITES]
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where it runs, once it does."""

    @property
    def url(self) -> str:
        """Return the address of the root site, without a slash at its end."""
        return address_of(self._host, self._port)

    @property
    def api_token(self) -> str:
        """Return the token that requests to its control API need, as `Authorization: Bearer TOKEN`."""
        return self.app[ACCESS].token

    @property
    def console(self) -> str:
        """Return the address of its console, the token included."""
        return console.address(self.url, self.api_token)

    @property
    def journal(self) -> Journal:
        """Return the journal of all sites."""
        return self.sites.journal

    @property
    def warnings(self) -> list[str]:
        """Return what was asked of its sites and has had no effect so far, one line each; see `RunningSite`."""
        return [
            line if hosted is self.sites.root else f"{hosted.name}: {line}"
            for hosted in self.sites
            for line in hosted.warnings()
        ]

    def running_loop(self) -> asyncio.AbstractEventLoop:
        """
        Return the loop that the server runs on.

        Raises:
            ServingError: it does not run.
        """
        if self.loop is None:
            raise ServingError("the server has not been started")
        return self.loop

    def settle(self, journal: Journal, seconds: float) -> None:
        """Wait, for so many *seconds* at most, until no answer in *journal* is under way; for plain ``with`` only."""
        if self._background is None or self._background.is_here:
            return
        if any(exchange.end == OPEN for exchange in journal[:]):
            self._background.run(_within(journal.settled(), seconds))

    async def start(self) -> None:
        """Open the port; see the class for what can go wrong."""
        self.loop = asyncio.get_running_loop()
        bind_to_real_time(self.loop)
        listening = listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        warn_if_exposed(listening)
        self._runner = runner_for(self.app)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=BACKLOG).start()

    async def stop(self) -> None:
        """Close the port and all connections."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        warn_of(self.warnings, error)

    def __enter__(self) -> Self:
        self._background = BackgroundLoop().__enter__()
        try:
            self._background.run(self.start())
        except BaseException:
            self._background.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        warn_of(self.warnings, error)

    def close(self) -> None:
        """Do as `stop`, where the server was entered without ``async``."""
        if self._background is not None:
            self._background.run(self.stop())
            self._background.__exit__(None, None, None)
            self._background = None


def known_as(host: str, deps: ServerConfig | None = None) -> ServerConfig:
    """Return *deps* with *host* among the names by which the control API may be asked."""
    deps = ServerConfig() if deps is None else deps
    return dataclasses.replace(deps, api_hosts=(*deps.api_hosts, host))


def warn_of(lines: Iterable[str], error: BaseException | None) -> None:
    """Warn of what had no effect, unless an *error* ended the block: it may be the reason, and must be seen."""
    if error is None:
        for line in lines:
            warnings.warn(line, MockWarning, stacklevel=3)


async def _within(work: Awaitable[None], seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)
