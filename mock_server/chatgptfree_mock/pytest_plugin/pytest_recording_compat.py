"""
Tests of this plugin beside pytest-recording: its marker `vcr` and its `--block-network` leave the mock's address alone.

Both act on the process of the test; a client in a process of its own is not touched by them.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from chatgptfree_mock.errors import SettingsError

_FIXTURES: Final = ("chat_site", "chat_server")
_NETWORK: Final = "pytest_recording.network"
_LOOPBACK: Final = (r"127\.0\.0\.1$", "localhost$", "::1$")
"""What pytest-recording allows is a list of regular expressions, matched from the start of the host."""


def configure(item: pytest.Item, vcr: Any) -> None:
    """Keep what *item* asks of the mock out of the cassette of pytest-recording: its port is another in each run."""
    if not any(name in getattr(item, "fixturenames", ()) for name in _FIXTURES):
        return
    vcr.ignore_localhost = True
    marker = item.get_closest_marker("chat_site")
    if marker is not None and marker.kwargs.get("intercept"):
        # Here the client asks the site by its own name, and nothing of it reaches the network.
        vcr.before_record_request = _leave_out


def _leave_out(_request: object) -> None:
    """Keep a request out of a cassette, in the way that vcrpy has for it."""


def allow_loopback(request: pytest.FixtureRequest) -> None:
    """Let the test reach its site on this machine where pytest-recording blocks the network, until the test's end."""
    if (network := _blocking()) is not None:
        network.block(allowed_hosts=[*_allowed(request), *_LOOPBACK])


def check_upstream(request: pytest.FixtureRequest, upstream: str) -> None:
    """
    Refuse to record *upstream* where pytest-recording blocks its address.

    Raises:
        SettingsError: it does.
    """
    network, host = _blocking(), urlsplit(upstream).hostname
    if network is None or not host:
        return
    addresses: set[str] = set()
    with suppress(OSError, UnicodeError):  # then the recorder reports that there is no such host
        addresses = {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    allowed = [*_allowed(request), *_LOOPBACK]
    if blocked := sorted(each for each in addresses if not network.is_host_in_allowed_hosts(each, allowed)):
        raise SettingsError(
            f"{upstream} can't be recorded while pytest-recording blocks the network "
            f"(record once without its --block-network and block_network, or allow {', '.join(blocked)})"
        )


def _blocking() -> Any:
    """Return pytest-recording's module that blocks the network now; None if it does not."""
    return sys.modules.get(_NETWORK) if getattr(socket.socket.connect, "__module__", "") == _NETWORK else None


def _allowed(request: pytest.FixtureRequest) -> list[str]:
    return list(request.getfixturevalue("allowed_hosts") or ())
