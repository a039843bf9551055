"""The newest releases that ship, for tests that mean them and not the releases of those numbers."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.sites.aipower.releases import built_in

*_, SECOND_NEWEST, NEWEST = built_in().names
NEWER: Final = "91.0"
"""A release that is not known, newer than `NEWEST`."""
BASE_RELEASE: Final = "2.4.97"
"""
The base of the tests' own releases, whatever is the newest: they change attributes, keys and events that it has.

Their numbers begin with 92, so that none of them will ever ship.
"""
BASE: Final = f"base: {BASE_RELEASE}\n"
"""The first line of the file of a release of one's own."""
