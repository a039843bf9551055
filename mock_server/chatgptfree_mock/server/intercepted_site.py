"""
A site under its real host name: requests to an intercepted host go to the site directly, not through the router.

So neither the control API nor the console can be reached under an intercepted host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack

from aiohttp import web

from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import InterceptError, ServingError
from chatgptfree_mock.intercept.hosts import recorded_hosts
from chatgptfree_mock.intercept.interception import Interception
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.server.app import RESPONDER, UNREAD
from chatgptfree_mock.server.listening import HTTP_OPTIONS, SHUTDOWN_SECONDS
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.files import named_cassette
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.wire.closing import ClosingServerRunner


class InterceptedSite:
    """
    One site behind a forward proxy.

    Args:
        app: the server that the site belongs to.
        site: the site that answers.
        hosts: the host names that it answers for.
        fault: the TLS fault; None (default): none.
        host: the address that the proxy listens on.
        port: its port; 0 (default) for any free one.

    Raises:
        InterceptError: there is no host, one of them is not a host, or, on starting, the CA cannot be written.
        ServingError: on starting, if the port is taken.
    """

    def __init__(
        self,
        app: web.Application,
        site: MountedSite,
        hosts: Iterable[str],
        *,
        fault: TlsFault | None = None,
        host: str,
        port: int = 0,
    ) -> None:
        self.site = site
        self._app = app
        self.interception = Interception(self._protocol, hosts, fault=fault, host=host, port=port)
        self._server: web.Server | None = None
        self._stack = AsyncExitStack()

    @property
    def environment(self) -> dict[str, str]:
        """
        Return the environment variables with which a client's process uses the proxy and trusts its certificates.

        Raises:
            ServingError: it has not been started.
        """
        if not self.interception.environment:
            raise ServingError("the server has not been started; enter it with `with` first")
        return dict(self.interception.environment)

    async def start(self) -> None:
        """Open the proxy's port."""
        async with AsyncExitStack() as stack:
            self._server = web.Server(self._answer, **HTTP_OPTIONS)
            runner = ClosingServerRunner(self._server, shutdown_timeout=SHUTDOWN_SECONDS)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            self._app[UNREAD].watch(self._server)
            stack.callback(self._app[UNREAD].leave, self._server)
            await stack.enter_async_context(self.interception)
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """Close the port and all connections."""
        await self._stack.aclose()

    def warnings(self, command: Sequence[str] = ()) -> list[str]:
        """Return the refused requests, one line each, and a line about *command* if no client used the proxy."""
        return self.interception.warnings(command)

    def _protocol(self) -> asyncio.Protocol:
        if self._server is None:
            raise InterceptError("the proxy has not been started; call `start` first")
        return self._server()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        refusal = self.interception.proxy.refusal(request.method, request.raw_path)
        if refusal is not None:
            return web.Response(status=403, text=f"{refusal}\n")
        return await self._app[RESPONDER].answer_as(request, self.site)


def default_hosts(spec: SiteSpec, cassettes: Iterable[Cassette] = ()) -> tuple[str, ...]:
    """
    Return the hosts in a site's recordings, maybe with a port: *cassettes*, and those in the settings of *spec*.

    Without recordings these are the hosts of the pack.
    """
    played = [*cassettes, *map(named_cassette, spec.files)]
    recorded = [each.request.uri for cassette in played for each in cassette.interactions]
    return recorded_hosts(recorded) if recorded else spec.pack.hosts


def hosts_from(intercept: bool | str | Iterable[str], spec: SiteSpec, cassettes: Iterable[Cassette]) -> tuple[str, ...]:
    """
    Return the hosts that the argument *intercept* names; for True, the default ones of the site and *cassettes*.

    Raises:
        InterceptError: *intercept* is neither a boolean nor a host nor a list of hosts.
    """
    if isinstance(intercept, bool):
        return default_hosts(spec, cassettes)
    hosts = (intercept,) if isinstance(intercept, str) or not isinstance(intercept, Iterable) else tuple(intercept)
    if not all(isinstance(host, str) for host in hosts):
        raise InterceptError(f"`intercept` is {intercept!r}; give True, a host, or a list of hosts")
    return hosts


def tls_fault(word: str | None) -> TlsFault | None:
    """
    Return the TLS fault that *word* names; None for None.

    Raises:
        InterceptError: *word* is not a word of `TlsFault`.
    """
    if word is None:
        return None
    try:
        return TlsFault(word)
    except ValueError:
        raise InterceptError(f"no such TLS fault: `{word}`{nearest_or_all(word, TlsFault)}") from None
