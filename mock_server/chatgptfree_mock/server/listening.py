"""The socket that a server listens on: opened before anything else starts, so that a busy port is a short message."""

from __future__ import annotations

import errno
import socket
from typing import Any, Final

from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.server.access import is_loopback
from chatgptfree_mock.server_log import SERVER_LOG

LOOPBACK: Final = "127.0.0.1"
KEEP_ALIVE: Final = 75.0
"""Seconds after which an idle connection is closed, half a request included; nginx's default."""
_LINE_LIMIT: Final = 256 * 1024
"""Far above the line limit of the imitated web server, so that its refusal is sent and not aiohttp's."""
HTTP_OPTIONS: Final[dict[str, Any]] = {
    "access_log": None,
    "logger": SERVER_LOG,
    "auto_decompress": False,
    "max_line_size": _LINE_LIMIT,
    "max_field_size": _LINE_LIMIT,
    "keepalive_timeout": KEEP_ALIVE,
}
"""The mock's options for aiohttp: raw bodies, a log of failures only, lines of any length."""
SHUTDOWN_SECONDS: Final = 0.05
"""Seconds that open answers may take to end when the server stops."""
_LAST_PORT: Final = 65535
BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""


def listen(host: str, port: int) -> socket.socket:
    """
    Return a socket that listens on a port.

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
        raise ServingError(_why_not(exc, host, port)) from exc
    return listening


def _why_not(exc: OSError | OverflowError, host: str, port: int) -> str:
    match getattr(exc, "errno", None):
        case errno.EADDRINUSE:
            return f"port {port} on {host} is taken; choose another with --port, or 0 for any free one"
        case errno.EACCES:
            return f"port {port} on {host} is not allowed to you; choose one above 1023"
        case errno.EADDRNOTAVAIL:
            return f"host `{host}` is not an address of this machine"
        case _:
            return f"can't serve on {host}:{port}: {exc}"


def warn_if_exposed(listening: socket.socket) -> None:
    """Log a warning if *listening* can be reached from other machines."""
    address = listening.getsockname()[0]
    if not is_loopback(address):
        SERVER_LOG.warning(
            "warning: %s can be reached from other machines: whoever reaches it can use the site, and whoever reads "
            "along on the network also has the token of the control API; use --host 127.0.0.1 if you do not need that",
            address,
        )


def address_of(host: str, port: int) -> str:
    """Return the address of the root site, without a slash at its end."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
