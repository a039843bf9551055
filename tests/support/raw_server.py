"""
A server on a raw socket that can send anything, for tests of clients.

It is no HTTP server: it reads a request as HTTP/1.1 frames it, records it, and then sends exactly the bytes that
the test gives, in its pieces, and closes, resets or falls silent as the test chooses.
"""

from __future__ import annotations

import enum
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import parse_qs, urlsplit


class Stop(enum.Enum):
    """What happens to the connection after the bytes."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"
    """Nothing more is sent; the connection stays open until the client closes it."""


CLOSE, RESET, HANG = Stop

Step: TypeAlias = bytes | Stop | threading.Event
"""Bytes are sent at once; an event is waited for."""
Answer: TypeAlias = Sequence[Step]


@dataclass(frozen=True, kw_only=True)
class RawRequest:
    """A request as it came in."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields of the query and of an urlencoded body together."""
        query = urlsplit(self.target).query
        body = self.body.decode("ascii", "replace")
        return {
            name: values[-1]
            for text in (query, body)
            for name, values in parse_qs(text, keep_blank_values=True, encoding="utf-8").items()
        }


@dataclass
class RawServer:
    """
    Answers each request with what *answer* returns for it, over any number of connections.

    `requests` grows as they come in, and `asked` is set by the first; `hung_up` is set as soon as a client has
    closed a connection on its side, and `closed` once a connection is closed on ours.
    """

    answer: Callable[[RawRequest], Answer]
    requests: list[RawRequest] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        # Closing does not wake a thread that waits in accept; shutting down does.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            _shut(connection)
        for thread in self._threads:
            thread.join(10)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str) -> int:
        """Return how many requests came with *method*."""
        return sum(request.method == method for request in self.requests)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = bytearray()
        try:
            while (request := _read_request(connection, buffer, number)) is not None:
                self.requests.append(request)
                self.asked.set()
                if not self._send(connection, self.answer(request)):
                    return
            self.hung_up.set()
        except OSError:
            self.hung_up.set()
        finally:
            connection.close()
            self.closed.set()

    def _send(self, connection: socket.socket, answer: Answer) -> bool:
        """Send the bytes; return whether another request may follow on this connection."""
        for step in answer:
            if isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, threading.Event):
                step.wait(20)
            elif step is CLOSE:
                return False
            elif step is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                while connection.recv(65536):
                    pass
                self.hung_up.set()
                return False
        return True


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _read_request(connection: socket.socket, buffer: bytearray, number: int) -> RawRequest | None:
    """Read one request with a Content-Length body; None when the client has closed."""
    while (end := buffer.find(b"\r\n\r\n")) < 0:
        if not (data := connection.recv(65536)):
            return None
        buffer += data
    first, *lines = bytes(buffer[:end]).decode("latin-1").split("\r\n")
    del buffer[: end + 4]
    method, target, _ = first.split(" ", 2)
    headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    while len(buffer) < length:
        if not (data := connection.recv(65536)):
            return None
        buffer += data
    body = bytes(buffer[:length])
    del buffer[:length]
    return RawRequest(method=method, target=target, headers=headers, body=body, connection=number)
