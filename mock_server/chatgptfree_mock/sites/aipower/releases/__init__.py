"""
The releases of the plugin as data: when each came out, and what it does on the wire.

Whoever handles a request asks a release for its traits and never compares versions; that is done here, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.sites.aipower.releases import aipkit, wpaicg
from chatgptfree_mock.sites.aipower.releases.numbers import order
from chatgptfree_mock.suggestion import nearest

Generation = Literal["wpaicg", "aipkit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One published release of the plugin."""

    name: str
    date: str
    """Year, month and day; without the day, or empty, where that is all that is known."""
    traits: wpaicg.WpaicgTraits | aipkit.AipkitTraits

    @property
    def generation(self) -> Generation:
        """Return which of the two protocols it speaks."""
        return "wpaicg" if isinstance(self.traits, wpaicg.WpaicgTraits) else "aipkit"


RELEASES: Final[tuple[Release, ...]] = (
    *(Release(name=name, date=date, traits=traits) for name, date, traits in wpaicg.RELEASES),
    *(Release(name=name, date=date, traits=traits) for name, date, traits in aipkit.RELEASES),
)
"""All that are known, oldest first."""


@lru_cache(maxsize=256)
def find(name: str, *, place: str | None = None) -> Release:
    """
    Return the release *name*; one between two known ones behaves as the older of them.

    *place* is where the name was read, for the complaint.

    Raises:
        UnknownReleaseError: *name* is no release number, or outside of what is known.
    """
    key = _key(name)
    fitting = [release for release in RELEASES if key and _key(release.name) <= key <= _key(RELEASES[-1].name)]
    if not fitting:
        raise UnknownReleaseError(_explain(name, f" - at `{place}`" if place else ""))
    return fitting[-1]


def closest(name: str) -> Release:
    """
    Return the release *name*, as `find` does; of one outside of what is known the nearest end of it.

    Raises:
        UnknownReleaseError: *name* is not a release number.
    """
    key = _key(name)
    if key and key > _key(RELEASES[-1].name):
        return RELEASES[-1]
    if key and key < _key(RELEASES[0].name):
        return RELEASES[0]
    return find(name)


def is_known(name: str) -> bool:
    """Say whether *name* can be imitated, be it as the older of two known releases."""
    try:
        find(name)
    except UnknownReleaseError:
        return False
    return True


def _key(name: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){1,3}", name, re.ASCII):
        return ()
    return order(name)


def _explain(name: str, where: str) -> str:
    known = [release.name for release in RELEASES]
    key = _key(name)
    near = (known[0] if key < _key(known[0]) else known[-1]) if key else nearest(name, known)
    hint = f"; the nearest is {near}" if near else ""
    return f"unknown plugin release `{name[:40]}`{where}{hint}; there are {', '.join(known)}"
