"""
A forward proxy that leads to the mock and nowhere else.

``CONNECT host:443`` (RFC 9110 section 9.3.6) for one of the hosts that are stood in for is answered with 200.  The
TLS session that follows ends here, and what is in it goes to the server's own HTTP protocol, on the same connection:
chunks, pace and faults are those of the mock.  A plain ``GET http://host/`` goes there as well.  Everything else is
refused with 403, so that a test never reaches the network.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final, Self, cast
from urllib.parse import urlsplit

from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.intercept.authority import Authority, InterceptError, TlsFault

_HEAD_LIMIT: Final = 64 * 1024
_HANDSHAKE_SECONDS: Final = 30.0
_MESSAGES: Final = 50
"""So many refusals are remembered, each once."""

HttpProtocol = Callable[[], asyncio.Protocol]
"""Makes the server's HTTP protocol for one connection, such as an `aiohttp.web.Server`."""


class ForwardProxy:
    """
    The proxy of one server, as an async context manager with `url`.

    *serve*: makes the protocol that speaks HTTP for a connection.  *hosts*: the names that are stood in for; a leading
    ``*.`` matches any name below.  *authority*: signs their certificates.  *fault*: what is wrong with the TLS, if
    anything.  *host* and *port*: where to listen; port 0 is a free one.

    Raises:
        InterceptError: there are no hosts, or one of them is not a host.
        ServingError: on entering, if the port is taken.
    """

    def __init__(
        self,
        serve: HttpProtocol,
        hosts: Iterable[str],
        authority: Authority,
        *,
        fault: TlsFault | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.hosts = tuple(dict.fromkeys(map(host_of, hosts)))
        if not self.hosts:
            raise InterceptError("there is no host to stand in for: name one, such as --intercept chatgptfree.ai")
        self.serve, self.authority, self.fault = serve, authority, fault
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self.connects: Counter[str] = Counter()
        """How often each host was asked for with CONNECT; empty if no client came through the proxy."""
        self.refused: dict[str, None] = {}
        """What was refused, in words, each once and in order."""

    @property
    def url(self) -> str:
        """Return the address of the proxy."""
        return f"http://{self._host}:{self._port}"

    @property
    def not_intercepted(self) -> bool:
        """Return whether no client ever asked for a host that is stood in for."""
        return not any(self.connects[host] for host in self.connects if self.stands_in_for(host))

    def stands_in_for(self, host: str) -> bool:
        """Return whether *host*, a name without a port, leads to the mock."""
        name = host.lower().rstrip(".")
        return any(name == each or (each.startswith("*.") and name.endswith(each[1:])) for each in self.hosts)

    def refuse(self, what: str) -> str:
        """Note and return why *what* is refused."""
        reason = f"{what} is refused: this proxy stands in for {', '.join(self.hosts)} and leads nowhere else"
        if len(self.refused) < _MESSAGES:
            self.refused[reason] = None
        return reason

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Connection(self), self._host, self._port)
        except OSError as exc:
            raise ServingError(f"can't listen on {self._host}:{self._port}: {exc.strerror}") from exc
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.close()
        for transport in list(self._open):
            with suppress(RuntimeError):
                transport.abort() if isinstance(transport, asyncio.Transport) else transport.close()
        if self._server is not None:
            await self._server.wait_closed()

    def opened(self, transport: asyncio.BaseTransport) -> None:
        """Count a connection among those that end with the proxy."""
        self._open.add(transport)

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Forget a connection."""
        self._open.discard(transport)


class _Connection(asyncio.Protocol):
    """A connection until its first request is in; then it belongs to the server's own protocol."""

    def __init__(self, proxy: ForwardProxy) -> None:
        self._proxy = proxy
        self._head = bytearray()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._proxy.opened(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.closed(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._task is not None:
            return  # bytes between the head and the answer to it; the handshake fails on them
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._decide(bytes(self._head))
        elif len(self._head) > _HEAD_LIMIT:
            self._answer(431, "Request Header Fields Too Large", "the head of the request is too large")

    def _decide(self, head: bytes) -> None:
        line = head.partition(b"\r\n")[0].decode("latin-1")
        method, _, rest = line.partition(" ")
        target = rest.partition(" ")[0]
        if method == "CONNECT":
            self._connect(target)
            return
        host = urlsplit(target).hostname if target.lower().startswith("http://") else None
        if host is None:
            self._answer(400, "Bad Request", "this is a proxy; ask for a whole address, or with CONNECT")
        elif not self._proxy.stands_in_for(host):
            self._answer(403, "Forbidden", self._proxy.refuse(f"{method} {target[:200]}"))
        else:
            self._proxy.connects[host.lower()] += 1
            self._hand_over(self._transport, head)

    def _connect(self, target: str) -> None:
        host, colon, port = target.rpartition(":")
        host = host.strip("[]")
        if not colon or not host or not port.isdigit():
            self._answer(400, "Bad Request", f"CONNECT wants a host and a port, not `{target[:200]}`")
        elif not self._proxy.stands_in_for(host):
            self._proxy.connects[host.lower()] += 1
            self._answer(403, "Forbidden", self._proxy.refuse(f"CONNECT {target[:200]}"))
        else:
            self._proxy.connects[host.lower()] += 1
            self._task = asyncio.get_running_loop().create_task(self._secure(host.lower()))

    async def _secure(self, host: str) -> None:
        """Begin TLS as *host* and hand the connection over."""
        loop = asyncio.get_running_loop()
        context = self._proxy.authority.context(host, self._proxy.fault)
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        served = self._proxy.serve()
        try:
            secure = await loop.start_tls(
                self._transport, served, context, server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError):
            self._transport.abort()  # the client does not trust the certificate, or speaks no TLS
            return
        if secure is None:  # the client closed the connection during the handshake
            return
        if self._proxy.fault is TlsFault.NO_CLOSE_NOTIFY:
            # What is written goes to the raw transport at once, so closing that loses nothing but the alert.
            secure.close = self._transport.close  # type: ignore[method-assign]
        served.connection_made(secure)

    def _hand_over(self, transport: asyncio.Transport, data: bytes) -> None:
        served = self._proxy.serve()
        transport.set_protocol(served)
        served.connection_made(transport)
        served.data_received(data)

    def _answer(self, status: int, reason: str, text: str) -> None:
        body = f"{text}\n".encode()
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self._transport.write(head.encode("latin-1") + body)
        self._transport.close()


def host_of(text: str) -> str:
    """
    Return the host that *text* names: ``chatgptfree.ai``, ``https://chatgptfree.ai/chat/``, ``*.example.com``.

    Raises:
        InterceptError: it names none.
    """
    found = urlsplit(text if "://" in text else f"//{text}").hostname if text.strip() else None
    if not found or any(letter.isspace() for letter in found):
        raise InterceptError(f"`{text}` is not a host to stand in for; write one such as chatgptfree.ai")
    return found.lower().rstrip(".")
