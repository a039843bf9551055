"""The newest release that ships, for tests that mean it and not its number, and the base of the tests' own releases."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.sites.aipower.releases import built_in

NEWEST: Final = built_in().names[-1]
NEWER: Final = "91.0"
"""A release that is not known, newer than `NEWEST`."""
BASE_RELEASE: Final = "2.4.97"
"""
The base of the tests' own releases, whatever is the newest: they change attributes, keys and events that it has.

Their numbers begin with 92, so that none of them will ever ship.
"""
BASE: Final = f"base: {BASE_RELEASE}\n"
"""The first line of the file of a release of one's own."""
