"""The server as a library: `MockSite` is one site on a port of its own, `MockServer` any number of sites on one."""

from __future__ import annotations

from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mock_site import MockSite

__all__ = ["MockServer", "MockSite"]
