"""
From which release on, and until which, something stands on the page: the one place where releases are compared.

The tables of this package are lists of rows with such spans; nothing else here knows what a release number means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from chatgptfree_mock.sites.aipower.releases.numbers import order


class Named(Protocol):
    """What the pages ask of a release: its name, such as ``1.8.93``."""

    @property
    def name(self) -> str:
        """Return the release's number."""
        ...


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The releases from *since* on and before *until*; either may be open."""

    since: str = ""
    until: str = ""

    def holds(self, release: Named | str) -> bool:
        """Tell whether *release*, or the one of that number, lies in the span."""
        place = order(release if isinstance(release, str) else release.name)
        return (not self.since or place >= order(self.since)) and (not self.until or place < order(self.until))


ALWAYS: Final = VersionRange()


class Spanned(Protocol):
    """A row of a table."""

    @property
    def span(self) -> VersionRange:
        """Return the releases in which the row applies."""
        ...


Row = TypeVar("Row", bound=Spanned)


def in_force(rows: Iterable[Row], release: Named) -> list[Row]:
    """Return the rows that apply to *release*, in their order."""
    return [row for row in rows if row.span.holds(release)]
