"""A forward proxy with its own CA, which together intercept the clients of one server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Self

from chatgptfree_mock.errors import InterceptError, ServingError
from chatgptfree_mock.intercept.authority import TRUST_STORE_PASSWORD, Authority
from chatgptfree_mock.intercept.environment import JAVA, advice, variables
from chatgptfree_mock.intercept.forward_proxy import ForwardProxy, HttpProtocol
from chatgptfree_mock.intercept.hosts import InterceptedHosts
from chatgptfree_mock.intercept.tls_fault import TlsFault


class Interception:
    """
    One server that answers for other host names, as an async context manager.

    *serve*: makes the HTTP protocol of a connection.  *hosts*: names, see `InterceptedHosts`.  *fault*: the TLS fault
    or None.  *authority*: signs the certificates; by default a new one.  *host* and *port*: where the proxy listens;
    port 0 is a free one.

    Raises:
        InterceptError: *hosts* is empty or one is not a host, or, on entering, the CA can't be written.
        ServingError: on entering, if the port is taken.
    """

    def __init__(
        self,
        serve: HttpProtocol,
        hosts: Iterable[str],
        *,
        fault: TlsFault | None = None,
        authority: Authority | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.hosts = InterceptedHosts(hosts)
        self._serve, self.fault, self._host, self.port = serve, fault, host, port
        self._authority = authority
        self._stack = AsyncExitStack()
        self._proxy: ForwardProxy | None = None
        self.environment: dict[str, str] = {}
        """The variables for the processes of clients, once it runs."""

    @property
    def proxy(self) -> ForwardProxy:
        """
        Return the proxy, even after it has ended.

        Raises:
            ServingError: it has not been started.
        """
        if self._proxy is None:
            raise ServingError("the proxy has not been started; enter it with `async with` first")
        return self._proxy

    @property
    def origin(self) -> str:
        """Return the address of the first host for its clients, such as ``https://chatgptfree.ai``."""
        return f"https://{self.hosts.first}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            authority = self._authority or stack.enter_context(temporary_authority())
            self._proxy = await stack.enter_async_context(
                ForwardProxy(self._serve, self.hosts, authority, fault=self.fault, host=self._host, port=self.port)
            )
            self.environment = variables(
                self._proxy.url,
                authority.certificate,
                authority.trust_store,
                password=TRUST_STORE_PASSWORD,
                java_options=os.environ.get(JAVA, ""),
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    def warnings(self, command: Sequence[str] = ()) -> list[str]:
        """Return the refused requests, one line each, and a line about *command* if no client used the proxy."""
        if self._proxy is None:
            return []
        bypassed = self.bypassed(command)
        # What was asked for instead is named in it.
        return [bypassed] if bypassed and self._proxy.asked else [*filter(None, [bypassed]), *self._proxy.refused]

    def bypassed(self, command: Sequence[str] = ()) -> str:
        """Return advice about the client *command*, if no request for the hosts came through the proxy."""
        if self.proxy.connections:
            return ""
        if self.proxy.asked:
            return f"the client asked the proxy for other hosts only: {'; '.join(self.proxy.refused)}"
        return f"no request for {self.hosts} came through the proxy; {advice(command)}"


@contextmanager
def temporary_authority() -> Iterator[Authority]:
    """
    Make a CA whose files are deleted at the end of the block.

    Raises:
        InterceptError: they can't be written.
    """
    with _folder() as name:
        yield Authority(Path(name))


def _folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="chatgptfree-mock-ca-", ignore_cleanup_errors=True)
    except OSError as exc:
        raise InterceptError(
            f"there is no folder for the certificate of the CA: {exc.strerror}; "
            "set TMPDIR to a folder that can be written to"
        ) from exc
