"""How the server listens: its options for aiohttp, its address, and who can reach it."""

from __future__ import annotations

import socket
from typing import Any, Final

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
