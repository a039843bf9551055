"""A TLS session by hand through a forward proxy: it shows where each record ends, and how the connection below does."""

from __future__ import annotations

import socket
import ssl
from types import TracebackType
from typing import Self


class TlsClient:
    """
    A session with *host* through the proxy on *port*; *certificate* is the CA's file.

    *buffer*: the size of the receive buffer in bytes.  *early*: send the ClientHello without waiting for the proxy.
    """

    def __init__(
        self, host: str, port: int, certificate: str, *, buffer: int | None = None, early: bool = False
    ) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=certificate)
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.raw = socket.socket()
        if buffer is not None:
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.raw.settimeout(60)
        self.raw.connect(("127.0.0.1", port))
        self.raw.sendall(f"CONNECT {host}:443 HTTP/1.1\r\n\r\n".encode() + (self._hello() if early else b""))
        self._incoming.write(self._beyond_the_answer())
        self._shake_hands()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.raw.close()

    def get(self, path: str, host: str) -> None:
        """Ask for a page."""
        self.session.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.raw.sendall(self._outgoing.read())

    def record(self) -> bytes:
        """Return what one record holds; nothing behind `close_notify`, and an error of the socket as it is."""
        while True:
            try:
                return self.session.read(65536)
            except ssl.SSLWantReadError:
                self._receive()
            except ssl.SSLZeroReturnError:
                return b""

    def until(self, end: bytes) -> list[bytes]:
        """Return the records up to the one with which *end* is complete."""
        records = [self.record()]
        while not b"".join(records[-2:]).endswith(end):
            records.append(self.record())
        return records

    def rest(self) -> tuple[bytes, str]:
        """Return all that comes, and how it ends: `close_notify`, `end of file`, or the name of the socket's error."""
        parts = []
        try:
            while part := self.record():
                parts.append(part)
        except EOFError:
            return b"".join(parts), "end of file"
        except OSError as exc:
            return b"".join(parts), type(exc).__name__
        return b"".join(parts), "close_notify"

    def _receive(self) -> None:
        data = self.raw.recv(65536)
        if not data:
            raise EOFError
        self._incoming.write(data)

    def _hello(self) -> bytes:
        try:
            self.session.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        raise AssertionError

    def _beyond_the_answer(self) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self.raw.recv(1)
        assert received.startswith(b"HTTP/1.1 200 "), received
        return received.partition(b"\r\n\r\n")[2]

    def _shake_hands(self) -> None:
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                self.raw.sendall(self._outgoing.read())
                self._receive()
            except ssl.SSLError:
                self.raw.sendall(self._outgoing.read())
                self.raw.close()
                raise
            else:
                self.raw.sendall(self._outgoing.read())
                return
