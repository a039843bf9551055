"""All known releases, built-in and user-defined, as one value."""

from __future__ import annotations

import operator
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from chatgptfree_mock.contract.release_facts import Change, Fact, FactSource
from chatgptfree_mock.contract.releases import Releases
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.sites.aipower.releases import changelog, page_changelog
from chatgptfree_mock.sites.aipower.releases.loading import DerivedReleases, gather
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.wordpress.release_number import is_number, order

_FOLDER: Final = Path(__file__).parent / "table"
_COMPARE: Final[Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_NEAREST: Final = 5
"""The number of releases that the message about an unknown one names."""
_LIKENESS: Final = 0.5
_LEADING_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
_BOUND: Final = re.compile(r"\d{1,4}(?:\.\d{1,4}){0,3}", re.ASCII)
_CLAUSE: Final = re.compile(r"(>=|<=|==|!=|>|<)\s*([0-9.]+)")


class ReleaseTable(Releases):
    """
    Releases in their order; *releases* may be such as are derived when they are needed.

    A release that is not in the table behaves as the nearest older one, or as the oldest.  In a *strict* table an
    unknown release is an error, also as the base of another one.
    """

    def __init__(self, releases: Iterable[PluginRelease] | DerivedReleases, *, strict: bool = False) -> None:
        if not isinstance(releases, DerivedReleases):
            releases = DerivedReleases({}, {order(release.name): release for release in releases}, strict=strict)
        self._all = releases
        self._orders = sorted(releases)
        self._by_name = {releases.name(number): number for number in self._orders}
        self._strict = strict

    @property
    def releases(self) -> tuple[PluginRelease, ...]:
        """Return all of them, oldest first."""
        return tuple(self._all[number] for number in self._orders)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all of them, oldest first."""
        return tuple(self._by_name)

    def find(self, name: str, *, place: str | None = None) -> PluginRelease:
        """
        Return the release *name*, or the one that it behaves as.

        *place* is where the name was read, such as ``$.plugin``, for the message.

        Raises:
            UnknownReleaseError: *name* is not a release number, or, in a strict table, not in it.
        """
        release = self._all[self._number_of(name, place)]
        if self._strict and release.notice:
            raise UnknownReleaseError(release.notice + (f" - at `{place}`" if place else ""))
        return release

    def name_of(self, name: str) -> str:
        """Return the name of the release that `find` returns; a table that is not strict derives none for it."""
        return self.find(name).name if self._strict else self._all.name(self._number_of(name))

    def _number_of(self, name: str, place: str | None = None) -> tuple[int, ...]:
        number = self._by_name.get(name)
        if number is None:
            if not is_number(name) or (self._strict and order(name) not in self._all):
                raise UnknownReleaseError(self._explain(name, f" - at `{place}`" if place else ""))
            number = self._behaves_as(name)
        return number

    def notice(self, name: str) -> str | None:
        """
        Return a notice if the release *name*, or a base of it, is not in the table; None if all are known.

        Raises:
            UnknownReleaseError: see `find`.
        """
        release = self.find(name)
        unknown = "" if order(release.name) == order(name) else f"{name} is not known; behaves as {release.name}"
        return "; ".join(filter(None, (unknown, release.notice))) or None

    def check_range(self, name: str, *, place: str | None = None) -> None:
        """
        Check that *name* is not newer than the newest release, nor older than the oldest.

        *place* is where the name was read, see `find`.

        Raises:
            UnknownReleaseError: *name* is newer or older than all releases, or is not a release number.
        """
        self.find(name, place=place)
        if not order(self.names[0]) <= order(name) <= order(self.names[-1]):
            unknown = self._explain(name, f" - at `{place}`" if place else "")
            raise UnknownReleaseError(f"{unknown}; `--releases FILE` adds a release of your own")

    def select(self, specification: str) -> tuple[str, ...]:
        """
        Return the names of the releases that *specification* means, oldest first; none is derived.

        ``all``, or bounds that must all hold (``>=1.8.91,<2.3``), or names (``1.8.93 2.4.71``, also with commas).

        Raises:
            UnknownReleaseError: *specification* has an unknown release, is malformed, or matches no release.
        """
        text = specification.strip()
        if text == "all":
            return self.names
        words, known = _words(text), self._by_name.items()
        clauses = [_CLAUSE.fullmatch(word) for word in words]
        if words and all(clauses):
            bounds = [(_COMPARE[clause[1]], order(self._bound(clause[2]))) for clause in clauses if clause]
            chosen = [name for name, number in known if all(fits(number, bound) for fits, bound in bounds)]
        elif words and not any(clauses):
            for word in words:
                self.check_range(word)
            wanted = {self.name_of(word) for word in words}
            chosen = [name for name, _ in known if name in wanted]
        else:
            raise UnknownReleaseError(
                f"`{specification}` names no releases: give `all`, names (`1.8.93 2.4.71`) or bounds (`>=1.8.91,<2.3`)"
            )
        if not chosen:
            raise UnknownReleaseError(
                f"no release fits `{specification}`: the first is {self.names[0]}, the last {self.names[-1]}"
            )
        return tuple(chosen)

    def notices(self, specification: str) -> tuple[str, ...]:
        """Return notices for the names in *specification*, and for the releases that it means; see `notice`."""
        names: Sequence[str] = [word for word in _words(specification.strip()) if is_number(word)]
        if not names and specification.strip():
            names = self.select(specification)
        return tuple(found for name in names if (found := self.notice(name)) is not None)

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return the facts of the release *name* on the wire, by key."""
        return changelog.facts(self.find(name))

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return the names that a client may read from the page, in order, each with its place on the page."""
        return page_changelog.page_names(self.find(name))

    def page_sources(self, name: str) -> Mapping[str, FactSource]:
        """Return the source of each name in `page_names`."""
        return page_changelog.page_sources(self.find(name))

    def changes(self, first: str, last: str) -> list[Change]:
        """Return the differences of *last* from *first*, oldest change first; *last* may be the older of the two."""
        start, end = self.names.index(self.find(first).name), self.names.index(self.find(last).name)
        step = 1 if end >= start else -1
        return changelog.changes([self._all[self._orders[place]] for place in range(start, end + step, step)])

    def with_files(self, paths: Iterable[Path], *, strict: bool | None = None) -> ReleaseTable:
        """
        Return this table with the releases in files and folders; they replace releases of the same name.

        Files may be based on each other.  *strict* is that of the new table, by default as it is here.

        Raises:
            SettingsError: a file cannot be read or used; the message names the file and the place in it.
        """
        strict = self._strict if strict is None else strict
        releases = DerivedReleases(gather(paths), self._all, strict=strict)
        releases.derive_files()
        return ReleaseTable(releases, strict=strict)

    def for_site(self, *, strict: bool) -> ReleaseTable:
        """Return this table, made strict if *strict* is true."""
        return ReleaseTable(self._all, strict=True) if strict and not self._strict else self

    def _behaves_as(self, number: str) -> tuple[int, ...]:
        return self._orders[max(bisect_right(self._orders, order(number)) - 1, 0)]

    def _bound(self, name: str) -> str:
        """Return *name*, a release number or its first part alone, such as the 2 in ``>=2``."""
        if not _BOUND.fullmatch(name):
            raise UnknownReleaseError(self._explain(name, ""))
        return name

    def _explain(self, name: str, where: str) -> str:
        alike = [] if is_number(name) else get_close_matches(name, self.names, n=_NEAREST, cutoff=_LIKENESS)
        number = _LEADING_NUMBER.match(name)
        if not alike and not number:
            return f"`{name[:40]}` is not a release number; one is like {self.names[-1]}{where}"
        near, *others = list(dict.fromkeys([*alike, *self._around(number)]))[:_NEAREST]
        then = f", then {', '.join(others)}" if others else ""
        first, last = self.names[0], self.names[-1]
        known = f"there are {len(self.names)} from {first} to {last}, which `chatgptfree-mock releases` lists"
        form = "" if is_number(name) else "; a release number has two to four parts, such as 2.4.97"
        return f"unknown plugin release `{name[:40]}`{where}; the nearest is {near}{then}; {known}{form}"

    def _around(self, number: re.Match[str] | None) -> list[str]:
        """Return all releases, the nearest to *number* first; for None the nearest to the newest."""
        place = self._orders.index(self._behaves_as(number[0])) if number else len(self._orders) - 1
        return sorted(self.names, key=lambda each: abs(self.names.index(each) - place))


def _words(specification: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", re.sub(r"([<>=!])\s+", r"\1", specification)) if word]


@cache
def built_in() -> ReleaseTable:
    """Return the built-in releases, each derived from its file in `table/` when it is first asked for."""
    return ReleaseTable(DerivedReleases(gather([_FOLDER]), {}, strict=False))
