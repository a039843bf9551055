"""The socket that a server listens on: opened before anything else starts, so that a busy port is a short message."""

from __future__ import annotations

import errno
import socket
from typing import Final

from chatgptfree_mock.errors import ServingError

_LAST_PORT: Final = 65535
BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""


def listen(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """
    Return a socket that listens on a port.

    *option*: the one that chooses the port, for the message.

    Raises:
        ServingError: the port is taken or not a port, or the host isn't this machine's.
    """
    if port not in range(_LAST_PORT + 1):
        raise ServingError(f"port {port!r} is not a number from 0 (any free port) to {_LAST_PORT}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as exc:
        raise ServingError(f"can't serve on host `{host}`: {exc}") from exc
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as exc:
        listening.close()
        raise ServingError(_why_not(exc, host, port, option)) from exc
    return listening


def _why_not(exc: OSError | OverflowError, host: str, port: int, option: str) -> str:
    match getattr(exc, "errno", None):
        case errno.EADDRINUSE:
            return f"port {port} on {host} is taken; choose another with {option}, or 0 for any free one"
        case errno.EACCES:
            return f"port {port} on {host} is not allowed to you; choose one above 1023 with {option}"
        case errno.EADDRNOTAVAIL:
            return f"host `{host}` is not an address of this machine"
        case _:
            return f"can't serve on {host}:{port}: {exc}"
