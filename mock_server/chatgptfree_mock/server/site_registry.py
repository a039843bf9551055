"""
The sites of one server: where each is mounted, and what belongs to it.

A path leads to a site in this order: ``/v/<release>/`` the root site on another release, ``/site/<name>/`` a site that
was added, a first segment that was registered (`SiteRegistry.register`, for the scenarios), and the root site for all
else.  Two sites share nothing but the journal of the server; the root site and the same on other releases have one
clock.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.parse import unquote

import msgspec

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.contract.pack import SiteSpec
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mounted_site import Build, MountedSite, TurnableClock, check_free
from chatgptfree_mock.tape.request_key import decoded_path

CONTROL = "__mock__"
"""The first segment of the console's and the control API's paths."""
_MOST_RELEASES = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


class NoSuchSiteError(MockError):
    """No site is mounted at this address; the message lists what there is."""


Resolver = Callable[[str, str], tuple[MountedSite, str]]
"""From a raw path and its query to the site that it means and the path below that; raises `MockError`."""


class SiteRegistry:
    """
    All sites of one server.

    *build* makes what answers for each; *build_root* for the root site and the same on other releases.
    """

    def __init__(
        self,
        spec: SiteSpec,
        delivery: Delivery,
        *,
        build: Build,
        build_root: Build | None = None,
        clock: TurnableClock | None = None,
        journal: Journal | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._build = build
        self._build_root = build if build_root is None else build_root
        self._unnamed = 0
        """The number that was last given to a site without a name; it and the next change only when a site was made."""
        self._made = 0
        """How many sites were made: part of the key of a site's stored state, the same in all processes."""
        self._root_made = 0
        self._releases: dict[str, MountedSite] = {}
        self._added: dict[str, MountedSite] = {}
        self.journal = Journal() if journal is None else journal
        self._resolvers: dict[str, Resolver] = {"v": self._on_release, "site": self._by_name}
        self.root = self._host("root", "", spec, delivery, clock, build=self._build_root, place="root")
        self.root.notes = notes

    def __iter__(self) -> Iterator[MountedSite]:
        """Yield the root site, those on other releases that were requested, and those that were added."""
        yield self.root
        yield from list(self._releases.values())
        yield from list(self._added.values())

    def register(self, segment: str, resolver: Resolver) -> None:
        """Let *resolver* find the sites of all paths whose first segment is *segment*."""
        self._resolvers[segment] = resolver

    def find(self, path: str, query: str = "") -> tuple[MountedSite, str]:
        """
        Return the site that a raw *path* means, and the path below it: empty if the slash behind the site is missing.

        Raises:
            NoSuchSiteError: the path names a release or a site that does not exist.
            MockError: it cannot be made.
        """
        resolver = self._resolvers.get(path[1:].partition("/")[0])
        if resolver is None or is_recorded(path, self.root.answerer.recorded_paths):
            return self.root, path
        return resolver(path, query)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the recorded paths of the root site at which the mock has something of its own, in order."""
        own = (*self._resolvers, CONTROL)
        return tuple(sorted(path for path in self.root.answerer.recorded_paths if path[1:].partition("/")[0] in own))

    def add(
        self,
        spec: SiteSpec,
        delivery: Delivery,
        *,
        name: str | None = None,
        clock: TurnableClock | None = None,
        build: Build | None = None,
        notes: tuple[str, ...] = (),
    ) -> MountedSite:
        """
        Add a site below ``/site/``, with a *name* of its own, made by *build* where it is not made as the others are.

        *notes* are among its warnings.

        Raises:
            NoSuchSiteError: the name is taken, or no name for a path.
        """
        given, name = name, self._free_number() if name is None else name
        if not _NAME.fullmatch(name) or name == self.root.name:
            raise NoSuchSiteError(f"`{name[:100]}` is not a name for a site: letters, digits and `.-_~`, at most 100")
        if name in self._added:
            raise NoSuchSiteError(f"there is a site `{name}` already")
        build = self._build if build is None else build
        self._added[name] = self._host(
            name, f"/site/{name}", spec, delivery, clock, build=build, place=f"{name} {self._made + 1}"
        )
        self._made += 1
        self._unnamed = int(name) if given is None else self._unnamed
        self._added[name].notes = notes
        return self._added[name]

    def _free_number(self) -> str:
        return next(str(number) for number in count(self._unnamed + 1) if str(number) not in self._added)

    def drop(self, name: str) -> None:
        """
        Forget an added site.

        Raises:
            NoSuchSiteError: there is none of that name.
        """
        dropped = self._added.pop(name, None)
        if dropped is None:
            raise self._unknown(name)
        dropped.journal.retire()

    def by_name(self, name: str) -> MountedSite:
        """
        Return a site by what the control API calls it.

        Raises:
            NoSuchSiteError: there is none of that name.
        """
        for hosted in self:
            if hosted.name == name:
                return hosted
        if name.startswith("v/"):
            return self._on_release(f"/{name}/", "")[0]
        raise self._unknown(name)

    def change(self, hosted: MountedSite, change: Mapping[str, Any]) -> SiteSpec:
        """
        Return a site with *change* merged into its settings in as a JSON merge patch (RFC 7396).

        Raises:
            SettingsError: there is no such setting, or no such value.
        """
        merged = _merged(msgspec.to_builtins(hosted.settings), msgspec.to_builtins(change))
        return hosted.spec.with_settings(convert(merged, hosted.spec.pack.Settings))

    def configure(self, hosted: MountedSite, spec: SiteSpec) -> None:
        """
        Give a site other settings; what it remembered of its visitors is gone, its journal and clock stay.

        Raises:
            SettingsError: a scenario is played on it, or it would play a recording while answers are pushed by hand.
        """
        check_free(hosted)
        made = self._made + 1
        answerer = hosted.build(spec, hosted.clock, f"{hosted.name} {made}")
        if hosted.live is not None and answerer.replays:
            raise SettingsError("the answers of this site are pushed by hand; end that before it plays a recording")
        hosted.answerer = answerer
        self._made = made
        hosted.spec = spec
        if hosted is self.root:
            self._root_made = made
            self._forget_releases()

    def reload(self, spec: SiteSpec, build: Build) -> None:
        """
        Make the root site anew from *spec*, with another *build*; see `configure`.

        Raises:
            SettingsError: as of `configure`; then everything is as it was.
        """
        before = self.root.build
        self.root.build = self._build_root = build
        try:
            self.configure(self.root, spec)
        except MockError:
            self.root.build = self._build_root = before
            raise

    def deliver(self, hosted: MountedSite, delivery: Delivery) -> None:
        """
        Cut, pace and break the answers of a site another way from now on.

        Raises:
            SettingsError: a scenario is played on it.
        """
        check_free(hosted)
        hosted.delivery = delivery
        hosted.faults.expect(delivery)
        if hosted is self.root:
            self._forget_releases()

    def _host(
        self,
        name: str,
        prefix: str,
        spec: SiteSpec,
        delivery: Delivery,
        clock: TurnableClock | None,
        *,
        build: Build,
        place: str,
    ) -> MountedSite:
        clock = SystemClock() if clock is None else clock
        return MountedSite(
            name=name,
            prefix=prefix,
            spec=spec,
            delivery=delivery,
            clock=clock,
            journal=self.journal.below(),
            build=build,
            answerer=build(spec, clock, place),
        )

    def _forget_releases(self) -> None:
        for hosted in self._releases.values():
            hosted.journal.retire()
        self._releases.clear()

    def _by_name(self, path: str, query: str) -> tuple[MountedSite, str]:
        name, rest = _second_segment(path)
        if name not in self._added:
            raise self._unknown(name)
        return self._added[name], rest

    def _on_release(self, path: str, query: str) -> tuple[MountedSite, str]:
        release, rest = _second_segment(path)
        if release not in self._releases:
            try:
                site = self._host(
                    f"v/{release}",
                    f"/v/{release}",
                    self.root.spec.on_release(release),
                    self.root.delivery,
                    self.root.clock,
                    build=self._build_root,
                    place=f"v/{release} {self._root_made}",
                )
            except MockError as exc:
                raise NoSuchSiteError(str(exc)) from exc
            if len(self._releases) >= _MOST_RELEASES:
                self._releases.pop(next(iter(self._releases))).journal.retire()
            self._releases[release] = site
        return self._releases[release], rest

    def _unknown(self, name: str) -> NoSuchSiteError:
        there_is = ", ".join(self._added) or "none"
        return NoSuchSiteError(f"no site `{name[:100]}`; added sites: {there_is}")


def is_recorded(path: str, recorded: frozenset[str]) -> bool:
    """Return whether a raw *path* is one of those that were *recorded*."""
    return bool(recorded) and (decoded_path(path).rstrip("/") or "/") in recorded


def _merged(old: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    kept = dict(old) if isinstance(old, dict) else {}
    for key, value in change.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = _merged(kept.get(key), value)
    return kept


def _second_segment(path: str) -> tuple[str, str]:
    """Split ``/x/name/rest`` into the unquoted name and ``/rest``."""
    _, _, name, *rest = path.split("/", 3) + [""] * (path.count("/") < 2)
    return unquote(name), "/" + rest[0] if rest else ""
