"""
A forward proxy that connects to the mock only.

``CONNECT host:443`` (RFC 9110, section 9.3.6) for one of the intercepted hosts, at its port, is answered with 200.  The
proxy ends the TLS session that follows, and passes its contents to the server's HTTP protocol on the same connection:
chunks, pace and faults are those of the mock.  A plain ``GET http://host/`` is passed on as well.  Everything else is
refused with 403, so that a test never reaches the network.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final, Self, cast
from urllib.parse import urlsplit
from weakref import WeakSet

from chatgptfree_mock.errors import InterceptError
from chatgptfree_mock.intercept.authority import Authority
from chatgptfree_mock.intercept.hosts import InterceptedHosts, canonical
from chatgptfree_mock.intercept.tls_fault import TlsFault
from chatgptfree_mock.intercept.tls_transport import TlsSession
from chatgptfree_mock.wire.closing import stop_accepting
from chatgptfree_mock.wire.listening_socket import BACKLOG, listen

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
        site = _site_in(target)
        return None if site is None else self.refuse(f"{method} {target[:200]}", *site)

    def refuse(self, what: str, host: str, port: int | None) -> str | None:
        """Record and return why *what*, which asks for *host* at *port*, is refused; None if it is not."""
        why = self.hosts.refusal(host, port)
        if not why:
            return None
        reason = f"{what} is refused: {why}"
        self.note(reason)
        return reason

    def note(self, reason: str) -> None:
        """Record a refusal."""
        if len(self.refused) < _MESSAGES:
            self.refused[reason] = None

    def add_session(self, session: TlsSession) -> None:
        """Add the TLS *session* of a connection."""
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
        listening = listen(self._host, self._port, option="--proxy-port")
        self._server = await loop.create_server(lambda: _NewConnection(self), sock=listening, backlog=BACKLOG)
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


class _NewConnection(asyncio.Protocol):
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
        elif _site_in(target) is None:
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
        if (refusal := proxy.refuse(f"CONNECT {target[:200]}", host, int(port))) is not None:
            self._answer(403, "Forbidden", refusal)
            return
        proxy.connections += 1
        try:
            proxy.authority.context(host, proxy.fault)
        except InterceptError as exc:
            proxy.note(f"CONNECT {target[:200]}: {exc}")
            self._answer(500, "Internal Server Error", str(exc))
            return
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


def _site_in(target: str) -> tuple[str, int | None] | None:
    """Return host and port (None: it names none) of an absolute address; None if *target* is not one."""
    if not target.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return None if host is None else (host, port)
