"""
`MockServer`: any number of sites on one port, as a context manager.

``async with`` runs it on the running loop, plain ``with`` on a thread of its own.  It listens on loopback unless
another host is given.
"""

from __future__ import annotations

import asyncio
import dataclasses
import warnings
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web

from chatgptfree_mock.clock import bind_to_real_time
from chatgptfree_mock.errors import InterceptError, MockWarning, ServingError
from chatgptfree_mock.intercept.hosts import host_name
from chatgptfree_mock.journal import OPEN, Journal
from chatgptfree_mock.keyword_arguments import suggest_keywords
from chatgptfree_mock.server import console
from chatgptfree_mock.server.app import CONFIG, make_app
from chatgptfree_mock.server.app_runner import runner_for
from chatgptfree_mock.server.control import ACCESS, SITES
from chatgptfree_mock.server.listening import LOOPBACK, address_of, warn_if_exposed
from chatgptfree_mock.server.loop_thread import BackgroundLoop
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.own_process import OwnProcess
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import SiteRegistry
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.wire.listening_socket import BACKLOG, listen

if TYPE_CHECKING:
    from chatgptfree_mock.server.intercepted_site import InterceptedSite


class MockServer:
    """
    Any number of sites on one port, as a context manager: ``with`` or ``async with``.

    When the server ends, each setting without effect is a `MockWarning`; `warnings` lists them.  From the start on, the
    event loop of the server takes its time from the machine's clock, so that a test may freeze time.

    Args:
        config: the root site and the limits of the server; None (default) for a `ServerConfig` of defaults.
        host: the address to listen on; by default 127.0.0.1.
        port: the port; 0 (default) for any free one.
        intercept: open a forward proxy for clients that have a fixed address.  The root site answers for the hosts that
            are named, or, with True, for those of its recordings or of its pack.  Start such clients with
            `environment`.  False (default): no proxy.
        tls_fault: what is wrong with the TLS of intercepted connections: `expired`, `wrong-name` or `no-close-notify`;
            None (default): nothing.
        proxy_port: the port of the proxy; 0 (default) for any free one.

    Raises:
        MockError: *config* names something that does not exist.
        InterceptError: there is no host to intercept, or the certificate cannot be written.
        ServingError: on entering: the port is taken, the host is not this machine's, or the loop is not asyncio's.
    """

    @suggest_keywords()
    def __init__(
        self,
        config: ServerConfig | None = None,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        intercept: bool | str | Iterable[str] = False,
        tls_fault: str | None = None,
        proxy_port: int = 0,
    ) -> None:
        self.app = make_app(known_as(host, config))
        self._runner: web.AppRunner | None = None
        self._host, self._port = host, port
        self._background: BackgroundLoop | None = None
        self.sites: SiteRegistry = self.app[SITES]
        cassettes = self.app[CONFIG].cassettes
        self.intercepted = intercepted(
            self.app, self.sites.root, cassettes, intercept, tls_fault, host=host, port=proxy_port
        )
        """The forward proxy; None without one."""
        self.process = OwnProcess()
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop that the server runs on; None before the start."""

    def __repr__(self) -> str:
        where = self.url if self._runner else "not running"
        sites = len(list(self.sites))
        return f"<MockServer {where}, {self.sites.root.described}, {sites} site{'' if sites == 1 else 's'}>"

    @property
    def url(self) -> str:
        """
        Return the address of the root site, without a slash at its end.

        Raises:
            ServingError: the server has not been started, so that its port is not known yet.
        """
        if not self._port:
            raise ServingError("the server has not been started; enter it with `with` first")
        return address_of(self._host, self._port)

    @property
    def api_token(self) -> str:
        """Return the token that the control API requires, as `Authorization: Bearer TOKEN`."""
        return self.app[ACCESS].token

    @property
    def console(self) -> str:
        """Return the address of the console, with the token in it."""
        return console.address(self.url, self.api_token)

    @property
    def journal(self) -> Journal:
        """Return the journal of all sites."""
        self.process.require()
        return self.sites.journal

    @property
    def warnings(self) -> list[str]:
        """Return the settings of the sites that have had no effect so far, one line each; see `RunningSite`."""
        self.process.require()
        lines = [
            line if mounted is self.sites.root else f"{mounted.name}: {line}"
            for mounted in self.sites
            for line in mounted.warnings()
        ]
        return lines + self.proxy_warnings

    @property
    def proxy_warnings(self) -> list[str]:
        """Return the requests that the forward proxy refused, and a line if no client used it."""
        return [] if self.intercepted is None else self.intercepted.warnings()

    @property
    def environment(self) -> dict[str, str]:
        """
        Return the environment variables with which a client's process uses the proxy and trusts its certificates.

        Raises:
            ServingError: there is no proxy, or the server does not run.
        """
        if self.intercepted is None:
            raise ServingError("the server intercepts nothing; make it with intercept=True")
        return self.intercepted.environment

    def running_loop(self) -> asyncio.AbstractEventLoop:
        """
        Return the event loop that the server runs on.

        Raises:
            ServingError: it does not run, or not in this process.
        """
        self.process.require()
        if self.loop is None:
            raise ServingError("the server has not been started; enter it with `with` first")
        return self.loop

    def settle(self, journal: Journal, seconds: float) -> None:
        """
        Wait until all answers in *journal*, and all TLS handshakes, have ended, at most *seconds* each.

        No-op unless entered by plain ``with``.
        """
        if self._background is None or self._background.is_here:
            return
        if any(exchange.end == OPEN for exchange in journal[:]):
            self._background.run(_within(journal.settled(), seconds))
        if self.intercepted is not None:
            self._background.run(_within(self.intercepted.interception.proxy.settled(), seconds))

    async def start(self) -> None:
        """
        Open the port.

        Raises:
            ServingError: the port is taken, the host is not this machine's, or the loop is not asyncio's.
        """
        try:
            self.loop = asyncio.get_running_loop()
        except RuntimeError:
            raise ServingError(
                "the mock server runs on asyncio, which does not run here; in trio enter it by plain `with`"
            ) from None
        bind_to_real_time(self.loop)
        self.process.take()
        listening = listen(self._host, self._port)
        self._port = listening.getsockname()[1]
        warn_if_exposed(listening)
        self._runner = runner_for(self.app)
        await self._runner.setup()
        await web.SockSite(self._runner, listening, backlog=BACKLOG).start()
        if self.intercepted is not None:
            try:
                await self.intercepted.start()
            except BaseException:
                await self.stop()
                raise

    async def stop(self) -> None:
        """Close the ports and all connections; no-op in a forked process."""
        if not self.process.is_here:
            return
        if self.intercepted is not None:
            await self.intercepted.stop()
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
        if self.process.is_here:
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
        if self.process.is_here:
            warn_of(self.warnings, error)

    def close(self) -> None:
        """Stop a server that was entered by plain ``with``; no-op for any other, and in a forked process."""
        if self._background is not None and self.process.is_here:
            self._background.run(self.stop())
            self._background.__exit__(None, None, None)
            self._background = None


def intercepted(
    app: web.Application,
    site: MountedSite,
    cassettes: Iterable[Cassette],
    intercept: bool | str | Iterable[str],
    fault: str | None,
    *,
    host: str = LOOPBACK,
    port: int = 0,
) -> InterceptedSite | None:
    """
    Return the forward proxy for *intercept* and *fault*, in front of a *site* of *app*; None without *intercept*.

    *intercept*: the hosts, or True for those of the *cassettes* that the site plays, else of its pack.
    *fault*: a word of `TlsFault`.  *host* and *port*: where the proxy listens.

    Raises:
        InterceptError: a host or a fault does not exist, or there is a fault or a port without *intercept*.
    """
    if intercept is False:
        if port:
            raise InterceptError("a port of the proxy needs clients that are intercepted; name it with intercept")
        if fault is not None:
            raise InterceptError("a TLS fault acts on intercepted connections; name it together with intercept")
        return None
    from chatgptfree_mock.server import intercepted_site

    hosts = intercepted_site.hosts_from(intercept, site.spec, cassettes)
    fault_asked = intercepted_site.tls_fault(fault)
    return intercepted_site.InterceptedSite(app, site, hosts, fault=fault_asked, host=host, port=port)


def known_as(host: str, config: ServerConfig | None = None) -> ServerConfig:
    """Return *config* with *host* added to the host names that the control API accepts."""
    config = ServerConfig() if config is None else config
    if host_name(host) is None:  # empty, for all of the machine's addresses
        return config
    return dataclasses.replace(config, api_hosts=(*config.api_hosts, host))


def warn_of(lines: Iterable[str], error: BaseException | None) -> None:
    """Issue a `MockWarning` for each of *lines*, unless an *error* ended the block: the error may be the reason."""
    if error is None:
        for line in lines:
            warnings.warn(line, MockWarning, stacklevel=3)


async def _within(work: Awaitable[None], seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)
