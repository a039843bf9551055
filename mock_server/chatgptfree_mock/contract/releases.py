"""The releases of the software that a pack imitates, in order, and those of a pack without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatgptfree_mock.contract.release_facts import UNKNOWN, Change, Fact, FactSource
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.tape.model import Cassette


class Release(Protocol):
    """One release."""

    @property
    def name(self) -> str:
        """Return the number of the release, such as `2.4.71`."""
        ...

    @property
    def date(self) -> str:
        """Return `YYYY-MM-DD`, `YYYY-MM`, or an empty text if it is not known."""
        ...

    @property
    def generation(self) -> str:
        """Return the name of its protocol, which neighbouring releases share; empty if there is only one."""
        ...

    @property
    def source(self) -> FactSource:
        """Return the source of its differences from the release before; some facts have another one."""
        ...

    @property
    def note(self) -> str:
        """Return a remark on that source; empty without one."""
        ...


class Releases(Protocol):
    """The releases of a pack.  Packs without releases use `SINGLE`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all releases, oldest first; at least one."""
        ...

    def find(self, name: str, *, place: str | None = None) -> Release:
        """
        Return the release *name*; for an unknown one, the nearest older one, else the oldest.

        *place* is where the name was read, such as ``$.plugin``, for the message.

        Raises:
            UnknownReleaseError: *name* is not a release number, or it is unknown and the pack is strict.
        """
        ...

    def name_of(self, name: str) -> str:
        """
        Return the name of the release that `find` returns, where nothing else of it is needed.

        Raises:
            UnknownReleaseError: see `find`.
        """
        return self.find(name).name

    def notice(self, name: str) -> str | None:
        """
        Return the warning for a release *name* that is not known, such as `2.4.120 is not known; behaves as 2.4.97`.

        Raises:
            UnknownReleaseError: see `find`.
        """
        ...

    def check_range(self, name: str, *, place: str | None = None) -> None:
        """
        Check that *name* is not newer than the newest release, nor older than the oldest.

        *place* is where the name was read, see `find`.

        Raises:
            UnknownReleaseError: *name* is newer or older than all releases, or is not a release number.
        """
        self.find(name, place=place)

    def notices(self, specification: str) -> tuple[str, ...]:
        """Return the notices for the names in *specification*, see `notice` and `select`."""
        del specification
        return ()

    def select(self, specification: str) -> tuple[str, ...]:
        """
        Return the names of the releases that match *specification*, oldest first.

        ``all``, or bounds that must all hold (``>=1.8.91,<2.3``), or names (``1.8.93 2.4.71``, also with commas).

        Raises:
            UnknownReleaseError: a name is unknown, *specification* is malformed, or it matches no release.
        """
        ...

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return the facts of the release *name*, by key."""
        ...

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return the names that a client may read from the page, in order, each with its place on the page."""
        ...

    def page_sources(self, name: str) -> Mapping[str, FactSource]:
        """Return the sources of the names in `page_names`, by name; may be empty."""
        self.find(name)
        return {}

    def changes(self, first: str, last: str) -> Sequence[Change]:
        """Return the differences of *last* from *first*, oldest change first; *last* may be the older of the two."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleRelease(Releases):
    """`Releases` and their only `Release` at once, for packs without a history."""

    name: str = "current"
    date: str = ""
    generation: str = ""
    source: FactSource = UNKNOWN
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of the only release."""
        return (self.name,)

    def find(self, name: str, *, place: str | None = None) -> SingleRelease:
        """Return this release; see `Releases.find`."""
        if name != self.name:
            where = f" - at `{place}`" if place else ""
            known = "this site pack has no releases: leave it out" if self is SINGLE else f"there is only `{self.name}`"
            raise UnknownReleaseError(f"unknown release `{name[:40]}`{where}; {known}")
        return self

    def notice(self, name: str) -> str | None:
        """Return None for this release; see `Releases.notice`."""
        self.find(name)
        return None

    def select(self, specification: str) -> tuple[str, ...]:
        """Return the name of this release for ``all`` and for its name; see `Releases.select`."""
        return (self.name if specification.strip() == "all" else self.find(specification.strip()).name,)

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return an empty mapping: no facts are known."""
        self.find(name)
        return {}

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return an empty mapping: no names of the page are known."""
        self.find(name)
        return {}

    def changes(self, first: str, last: str) -> tuple[Change, ...]:
        """Return an empty tuple: no changes are known."""
        self.find(first), self.find(last)
        return ()


SINGLE = SingleRelease()


def recorded_releases(cassettes: Sequence[Cassette]) -> tuple[str, ...]:
    """Return the releases that *cassettes* were recorded from, as their `x-recording.plugin` has it, each once."""
    named = (cassette.recording.get("plugin") for cassette in cassettes)
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def release_of_recordings(cassettes: Sequence[Cassette], releases: Releases) -> str | None:
    """
    Return the one of *releases* nearest to that in the first of *cassettes* which names one; None if none does.

    Raises:
        UnknownReleaseError: the release in the cassette is not a release number.
    """
    return next((releases.name_of(name) for name in recorded_releases(cassettes)), None)


def place_of(name: str, releases: Releases) -> int:
    """
    Return the index of the release *name* in the history, from 0.

    Raises:
        UnknownReleaseError: there is no such release.
    """
    return releases.names.index(releases.name_of(name))
