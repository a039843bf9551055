"""The server as a library: `MockSite` is one site on a port of its own, `MockServer` any number of sites on one."""

from __future__ import annotations

from chatgptfree_mock.extras import explained, refuse_windows

refuse_windows("chatgptfree_mock.serving")

try:
    from chatgptfree_mock.server.mock_server import MockServer
    from chatgptfree_mock.server.mock_site import MockSite
except ModuleNotFoundError as exc:
    raise explained(exc) from exc

__all__ = ["MockServer", "MockSite"]
