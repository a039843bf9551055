"""The newest releases that ship, for tests that mean them and not the releases of those numbers."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.sites.aipower.releases import built_in

*_, SECOND_NEWEST, NEWEST = built_in().names
NEWER: Final = "2.4.120"
"""A release that is not known, newer than `NEWEST`."""
BASE: Final = f"base: {NEWEST}\n"
"""The first line of the file of a release of one's own."""
