"""
A forward proxy that connects to the mock only.

``CONNECT host:443`` (RFC 9110, section 9.3.6) for one of the intercepted hosts is answered with 200.  The proxy ends
the TLS session that follows, and passes its contents to the server's HTTP protocol on the same connection: chunks, pace
and faults are those of the mock.  A plain ``GET http://host/`` is passed on as well.  Everything else is refused with
403, so that a test never reaches the network.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final, Self, cast
from urllib.parse import urlsplit
from weakref import WeakSet

from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.intercept.authority import Authority
from chatgptfree_mock.intercept.hosts import InterceptedHosts, canonical
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.intercept.tls_transport import TlsSession
from chatgptfree_mock.wire.closing import stop_accepting

_HEAD_LIMIT: Final = 64 * 1024
_MESSAGES: Final = 50
"""The number of refusals that are stored, each once."""

HttpProtocol = Callable[[], asyncio.BaseProtocol]
"""Makes the server's HTTP protocol for one connection, such as an `aiohttp.web.Server`."""


class ForwardProxy:
    """
    The proxy of one server, as an async context manager with `url`.

    *serve*: makes the HTTP protocol of a connection.  *authority*: signs the certificates of *hosts*.  *fault*: the TLS
    fault or None; may be changed between connections.  *host* and *port*: where to listen; port 0 is a free one.

    Raises:
        ServingError: on entering, if the port is taken.
    """

    def __init__(
        self,
        serve: HttpProtocol,
        hosts: InterceptedHosts,
        authority: Authority,
        *,
        fault: TlsFault | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.hosts = hosts
        self.serve, self.authority, self.fault = serve, authority, fault
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Transport] = set()
        self._sessions: WeakSet[TlsSession] = WeakSet()
        self.connections = 0
        """The number of connections for intercepted hosts."""
        self.asked = 0
        """The number of connections for any host."""
        self.refused: dict[str, None] = {}
        """The refused requests and failed handshakes, in words, each once and in order."""

    @property
    def url(self) -> str:
        """Return the address of the proxy."""
        return f"http://[{self._host}]:{self._port}" if ":" in self._host else f"http://{self._host}:{self._port}"

    def refusal(self, method: str, target: str) -> str | None:
        """Return why a request for the absolute URL *target* is refused, and record that; None if it is not."""
        if (host := _host_in(target)) is None or host in self.hosts:
            return None
        return self.refuse(f"{method} {target[:200]}")

    def refuse(self, what: str) -> str:
        """Record and return why *what* is refused."""
        reason = f"{what} is refused: this proxy answers for {self.hosts} and connects to nothing else"
        self.note(reason)
        return reason

    def note(self, reason: str) -> None:
        """Record a refusal."""
        if len(self.refused) < _MESSAGES:
            self.refused[reason] = None

    def add_session(self, session: TlsSession) -> None:
        """Take in the TLS *session* of a connection."""
        self._sessions.add(session)

    async def settled(self) -> None:
        """Return once no handshake is under way: a client that has ended may have failed one just before."""
        if pending := [session.handshake for session in self._sessions if not session.handshake.done()]:
            await asyncio.wait(pending)

    def forget(self) -> None:
        """Reset the counts and refusals, for another client."""
        self.connections = self.asked = 0
        self.refused.clear()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
        except (OSError, OverflowError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else str(exc)
            raise ServingError(f"the proxy can't listen on {self._host}:{self._port}: {why}; try another port") from exc
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            await stop_accepting([self._server])
            self._server.close()
            for transport in list(self._open):
                transport.abort()
            await self._server.wait_closed()
            await asyncio.sleep(0)  # the event loop closes the sockets in its next step

    def opened(self, transport: asyncio.Transport) -> None:
        """Add a connection to those that are closed with the proxy."""
        self._open = {each for each in self._open if not each.is_closing()} | {transport}


class _Connection(asyncio.Protocol):
    """A connection until its first request was received; after that the server's own protocol handles it."""

    def __init__(self, proxy: ForwardProxy) -> None:
        self._proxy = proxy
        self._head = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._proxy.opened(self._transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, end, rest = bytes(self._head).partition(b"\r\n\r\n")
        if end:
            self._decide(head, rest)
        elif len(self._head) > _HEAD_LIMIT:
            self._answer(431, "Request Header Fields Too Large", "the head of the request is too large")

    def _decide(self, head: bytes, rest: bytes) -> None:
        line = head.partition(b"\r\n")[0].decode("latin-1")
        method, _, target = line.rpartition(" ")[0].partition(" ")
        if method == "CONNECT":
            self._connect(target, rest)
        elif _host_in(target) is None:
            self._answer(400, "Bad Request", "this is a proxy: ask for a whole http address, or with CONNECT")
        else:
            self._proxy.asked += 1
            if (refusal := self._proxy.refusal(method, target)) is None:
                self._proxy.connections += 1
                self._hand_over()
            else:
                self._answer(403, "Forbidden", refusal)

    def _connect(self, target: str, rest: bytes) -> None:
        host, colon, port = target.rpartition(":")
        host = canonical(host.strip("[]"))
        if not colon or not host or not port.isdigit():
            self._answer(400, "Bad Request", f"CONNECT wants a host and a port, not `{target[:200]}`")
            return
        proxy = self._proxy
        proxy.asked += 1
        if host not in proxy.hosts:
            self._answer(403, "Forbidden", proxy.refuse(f"CONNECT {target[:200]}"))
            return
        proxy.connections += 1
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        session = TlsSession(
            self._transport,
            proxy.serve(),
            partial(self._certificate, host),
            close_notify=proxy.fault is not TlsFault.NO_CLOSE_NOTIFY,
            failed=lambda reason: proxy.note(f"CONNECT {target[:200]}: {reason}"),
        )
        proxy.add_session(session)
        session.begin(rest)

    def _certificate(self, host: str, named: str | None) -> ssl.SSLContext:
        """Return the TLS context for a connection to *host*, whose client has *named* another host, or None."""
        proxy = self._proxy
        other = named is not None and named in proxy.hosts
        return proxy.authority.context(canonical(named) if named is not None and other else host, proxy.fault)

    def _hand_over(self) -> None:
        served = self._proxy.serve()
        self._transport.set_protocol(served)
        served.connection_made(self._transport)
        if isinstance(served, asyncio.Protocol):
            served.data_received(bytes(self._head))

    def _answer(self, status: int, reason: str, text: str) -> None:
        body = f"{text}\n".encode()
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self._transport.write(head.encode("latin-1") + body)
        self._transport.close()


def _host_in(target: str) -> str | None:
    """Return the host of an absolute address; None if *target* is not one."""
    try:
        return urlsplit(target).hostname if target.lower().startswith(("http://", "https://")) else None
    except ValueError:
        return None
