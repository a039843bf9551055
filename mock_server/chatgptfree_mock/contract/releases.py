"""The releases of what a pack imitates: their names in order, what each does on the wire, and what changed when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.tape.model import Cassette

SourceKind = Literal["recorded", "source", "changelog", "guess", "unknown"]
"""The source of a fact: a recording, published code, a changelog alone, a guess, or none that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSource:
    """Where a fact is known from, and since which release it holds."""

    kind: SourceKind = "unknown"
    evidence: str = ""
    """The name of a recording (`2.3.31/stream_ok`), whose source it is (`of 2.4.81`), or a remark; may be empty."""
    since: str = ""
    """The release that brought it; empty where that is not known."""

    def __str__(self) -> str:
        """Return it in words, such as `changelog, seen in the source of 2.4.94`."""
        kind = "published code" if self.kind == "source" else self.kind
        between = " " if self.kind in ("recorded", "source") else ", "
        return f"{kind}{between}{self.evidence}" if self.evidence else kind


UNKNOWN: Final = FactSource()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that a release does on the wire."""

    key: str
    """The same for all releases, so that two can be compared; such as `wpaicg.nonce_refusal`."""
    topic: str
    """One word: `request`, `nonce`, `page` …"""
    value: object
    """Plain data; two releases differ in this fact if it differs."""
    sentence: str
    """The value in words, for authors of clients."""
    source: FactSource = UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact that differs between two releases, in words."""

    key: str
    topic: str
    before: str
    """The sentence of the first release; empty if it has no such fact."""
    after: str
    since: str
    """The name of the release that brought it; towards an older release, the newest that is so."""
    source: FactSource = UNKNOWN
    """Where that is known from."""


class Release(Protocol):
    """One release."""

    @property
    def name(self) -> str:
        """Return its number, such as `2.4.71`."""
        ...

    @property
    def date(self) -> str:
        """Return `YYYY-MM-DD`, `YYYY-MM`, or nothing where it is not known."""
        ...

    @property
    def generation(self) -> str:
        """Return the name of the protocol that it shares with its neighbours; empty where there is only one."""
        ...

    @property
    def source(self) -> FactSource:
        """Return where its differences are known from, but for those facts that have another source."""
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
        Return the release *name*; one that is not known behaves as the nearest older one, else as the oldest.

        *place* is where the name was read, such as ``$.plugin``, for the message.

        Raises:
            UnknownReleaseError: *name* is not a release number, or is not known and only known ones are wanted.
        """
        ...

    def notice(self, name: str) -> str | None:
        """
        Return the warning for a release *name* that is not known, such as `2.4.120 is not known; behaves as 2.4.97`.

        Raises:
            UnknownReleaseError: see `find`.
        """
        ...

    def notices(self, specification: str) -> tuple[str, ...]:
        """Return the notices for the names in *specification*, see `notice` and `select`."""
        del specification
        return ()

    def select(self, specification: str) -> tuple[Release, ...]:
        """
        Return the releases that a *specification* means, oldest first.

        ``all``, or bounds that must all hold (``>=1.8.91,<2.3``), or names (``1.8.93 2.4.71``, also with commas).

        Raises:
            UnknownReleaseError: a name is unknown, the words are not a specification, or nothing fits.
        """
        ...

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return what the release *name* does on the wire, by the key of each fact."""
        ...

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return the names that a client may read off the page, in order, and where on the page each is."""
        ...

    def page_sources(self, name: str) -> Mapping[str, FactSource]:
        """Return where the names of `page_names` are known from, by name; may be empty."""
        self.find(name)
        return {}

    def changes(self, first: str, last: str) -> Sequence[Change]:
        """Return in what *last* differs from *first*, oldest change first; *last* may be the older of the two."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleRelease:
    """`Releases` and their only `Release` at once, for packs without a history."""

    name: str = "current"
    date: str = ""
    generation: str = ""
    source: FactSource = UNKNOWN
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return its name."""
        return (self.name,)

    def find(self, name: str, *, place: str | None = None) -> SingleRelease:
        """Return this release; see `Releases.find`."""
        if name != self.name:
            where = f" - at `{place}`" if place else ""
            raise UnknownReleaseError(f"unknown release `{name[:40]}`{where}; there is only `{self.name}`")
        return self

    def notice(self, name: str) -> str | None:
        """Return None for this release; see `Releases.notice`."""
        self.find(name)
        return None

    def notices(self, specification: str) -> tuple[str, ...]:
        """Return nothing."""
        del specification
        return ()

    def select(self, specification: str) -> tuple[SingleRelease, ...]:
        """Return this release for ``all`` and for its name; see `Releases.select`."""
        return (self if specification.strip() == "all" else self.find(specification.strip()),)

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return no facts."""
        self.find(name)
        return {}

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return no names."""
        self.find(name)
        return {}

    def page_sources(self, name: str) -> Mapping[str, FactSource]:
        """Return no sources."""
        self.find(name)
        return {}

    def changes(self, first: str, last: str) -> tuple[Change, ...]:
        """Return no changes."""
        self.find(first), self.find(last)
        return ()


SINGLE = SingleRelease()


def recorded_releases(cassettes: Sequence[Cassette]) -> tuple[str, ...]:
    """Return the releases that *cassettes* were recorded from, as their `x-recording.plugin` has it, each once."""
    named = (cassette.recording.get("plugin") for cassette in cassettes)
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def release_of_recordings(cassettes: Sequence[Cassette], releases: Releases) -> str | None:
    """
    Return the one of *releases* that is closest to what the first of *cassettes* was recorded from; None if unnamed.

    Raises:
        UnknownReleaseError: what the cassette names is not a release number.
    """
    return next((releases.find(name).name for name in recorded_releases(cassettes)), None)


def place_of(name: str, releases: Releases) -> int:
    """
    Return the index of the release *name* in the history, from 0.

    Raises:
        UnknownReleaseError: there is no such release.
    """
    return releases.names.index(releases.find(name).name)
