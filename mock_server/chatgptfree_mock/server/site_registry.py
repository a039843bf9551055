"""
The sites of one server, and the path at which each is mounted.

A path is looked up in this order: a recorded path is the root site's, ``/v/<release>/`` is the root site on another
release, ``/site/<name>/`` an added site, then come first segments that were registered (`SiteRegistry.register`, for
scenarios), and all else is the root site.  Two sites share nothing but the journal of the server; the root site and its
copies on other releases have one clock.  Nothing here opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.parse import unquote

import msgspec

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mounted_site import Build, MountedSite, TurnableClock, check_free
from chatgptfree_mock.tape.request_key import first_segment

CONTROL = "__mock__"
"""The first segment of the console's and the control API's paths."""
_MOST_RELEASES = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


class NoSuchSiteError(MockError):
    """No site is mounted at this address; the message lists the sites."""


Resolver = Callable[[str, str], tuple[MountedSite, str]]
"""Returns, for a raw path and its query, the site and the path below it; raises `MockError`."""


class SiteRegistry:
    """
    All sites of one server.

    *build* builds the `Site` of added sites, *build_root* that of the root site and its copies on other releases.
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
        """The last number given to a site without a name; it and `_made` only change when a site was built."""
        self._made = 0
        """The number of sites built: part of the key of a site's stored state, the same in all processes."""
        self._root_made = 0
        self._releases: dict[str, MountedSite] = {}
        self._added: dict[str, MountedSite] = {}
        self.journal = Journal() if journal is None else journal
        self._resolvers: dict[str, Resolver] = {"v": self._on_release, "site": self._by_name}
        self.root = self._host("root", "", spec, delivery, clock or SystemClock(), build=self._build_root, place="root")
        self.root.notes = notes

    def __iter__(self) -> Iterator[MountedSite]:
        """Yield the root site, its requested copies on other releases, and the added sites."""
        yield self.root
        yield from list(self._releases.values())
        yield from list(self._added.values())

    def register(self, segment: str, resolver: Resolver) -> None:
        """Use *resolver* for all paths whose first segment is *segment*."""
        self._resolvers[segment] = resolver

    def find(self, path: str, query: str = "") -> tuple[MountedSite, str]:
        """
        Return the site at a raw *path*, and the path below it: empty if the slash after the site's path is missing.

        Raises:
            NoSuchSiteError: the path names a release or a site that does not exist.
            MockError: it cannot be built.
        """
        segment = first_segment(path)
        resolver = self._resolvers.get(segment)
        if resolver is None or self.root.site.has_path(path):
            return self.root, path
        try:
            return resolver(path, query)
        except MockError:
            if any(first_segment(recorded) == segment for recorded in self.root.site.recorded_paths):
                return self.root, path  # the site's own refusal names the nearest recorded request
            raise

    @property
    def hidden(self) -> tuple[str, ...]:
        """Return the recorded paths of the root site that are also paths of the mock itself, in order."""
        own = (*self._resolvers, CONTROL)
        return tuple(sorted(path for path in self.root.site.recorded_paths if first_segment(path) in own))

    def add(
        self,
        spec: SiteSpec,
        delivery: Delivery,
        *,
        name: str | None = None,
        build: Build | None = None,
        notes: tuple[str, ...] = (),
    ) -> MountedSite:
        """
        Add a site below ``/site/`` with this *name*; *build* replaces the registry's own function.

        *notes* are among its warnings.

        Raises:
            NoSuchSiteError: the name is taken, or not valid in a path.
        """
        given, name = name, self._free_number() if name is None else name
        if not _NAME.fullmatch(name) or name == self.root.name:
            raise NoSuchSiteError(f"`{name[:100]}` is not a name for a site: letters, digits and `.-_~`, at most 100")
        if name in self._added:
            raise NoSuchSiteError(f"there is a site `{name}` already")
        build = self._build if build is None else build
        self._added[name] = self._host(
            name, f"/site/{name}", spec, delivery, SystemClock(), build=build, place=f"{name} {self._made + 1}"
        )
        self._made += 1
        self._unnamed = int(name) if given is None else self._unnamed
        self._added[name].notes = notes
        return self._added[name]

    def _free_number(self) -> str:
        return next(str(number) for number in count(self._unnamed + 1) if str(number) not in self._added)

    def drop(self, name: str) -> None:
        """
        Remove an added site.

        Raises:
            NoSuchSiteError: there is no site of that name.
        """
        dropped = self._added.pop(name, None)
        if dropped is None:
            raise self._unknown(name)
        dropped.journal.retire()

    def by_name(self, name: str) -> MountedSite:
        """
        Return a site by its name in the control API.

        Raises:
            NoSuchSiteError: there is no site of that name.
        """
        for mounted in self:
            if mounted.name == name:
                return mounted
        if name.startswith("v/"):
            return self._on_release(f"/{name}/", "")[0]
        raise self._unknown(name)

    def patched_spec(self, mounted: MountedSite, patch: Mapping[str, Any]) -> SiteSpec:
        """
        Return the spec of a site with *patch* merged into its settings (RFC 7396); the site keeps its own.

        Raises:
            SettingsError: there is no such setting, or no such value.
        """
        merged = _merged(msgspec.to_builtins(mounted.settings), msgspec.to_builtins(patch))
        return mounted.spec.with_settings(convert(merged, mounted.spec.pack.Settings))

    def configure(self, mounted: MountedSite, spec: SiteSpec) -> None:
        """
        Set the settings of a site; it loses the state of its visitors and keeps its journal and clock.

        Raises:
            SettingsError: it plays a scenario, or would play a recording while its answers are live.
        """
        check_free(mounted)
        made = self._made + 1
        site = mounted.build(spec, mounted.clock, f"{mounted.name} {made}")
        if mounted.live is not None and site.replays:
            raise SettingsError("the answers of this site are live; end that before it plays a recording")
        mounted.site = site
        self._made = made
        mounted.spec = spec
        if mounted is self.root:
            self._root_made = made
            self._forget_releases()

    def reload(self, spec: SiteSpec, build: Build) -> None:
        """
        Rebuild the root site from *spec* with another *build*; see `configure`.

        Raises:
            SettingsError: see `configure`; then nothing has changed.
        """
        before = self.root.build
        self.root.build = self._build_root = build
        try:
            self.configure(self.root, spec)
        except MockError:
            self.root.build = self._build_root = before
            raise

    def deliver(self, mounted: MountedSite, delivery: Delivery) -> None:
        """
        Set the delivery of a site's answers from now on.

        Raises:
            SettingsError: a scenario is played on it.
        """
        check_free(mounted)
        mounted.delivery = delivery
        mounted.faults.expect(delivery)
        if mounted is self.root:
            self._forget_releases()

    def _host(
        self,
        name: str,
        prefix: str,
        spec: SiteSpec,
        delivery: Delivery,
        clock: TurnableClock,
        *,
        build: Build,
        place: str,
    ) -> MountedSite:
        return MountedSite(
            name=name,
            prefix=prefix,
            spec=spec,
            delivery=delivery,
            clock=clock,
            journal=self.journal.below(),
            build=build,
            site=build(spec, clock, place),
        )

    def _forget_releases(self) -> None:
        for mounted in self._releases.values():
            mounted.journal.retire()
        self._releases.clear()

    def _by_name(self, path: str, query: str) -> tuple[MountedSite, str]:
        name, rest = _second_segment(path)
        if name not in self._added:
            raise self._unknown(name)
        return self._added[name], rest

    def _on_release(self, path: str, query: str) -> tuple[MountedSite, str]:
        release, rest = _second_segment(path)
        if not release:
            raise NoSuchSiteError(f"a release is missing: /v/{self.root.spec.pack.releases.names[-1]}/")
        if release not in self._releases:
            try:
                self.root.spec.pack.releases.check_range(release)
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


def hidden_lines(paths: Iterable[str]) -> list[str]:
    """Return a line for the user for each of *paths*; see `SiteRegistry.hidden`."""
    return [f"Recorded, so not the mock's own: {path}" for path in paths]


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
