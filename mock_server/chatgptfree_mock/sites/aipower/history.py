"""The releases of the plugin as the contract wants them; see `contract.releases.Releases` for what each call does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatgptfree_mock.contract.release_choice import choose
from chatgptfree_mock.contract.releases import Change, Fact, Releases, place_of
from chatgptfree_mock.sites.aipower import changelog
from chatgptfree_mock.sites.aipower.releases import RELEASES, Release, closest, find


class PluginReleases(Releases):
    """All releases of the plugin that can be imitated."""

    names = tuple(release.name for release in RELEASES)

    def find(self, name: str, *, place: str | None = None) -> Release:
        """Return the release *name*."""
        return find(name, place=place)

    def closest(self, name: str) -> Release:
        """Return the release *name*, or the first or last that is known."""
        return closest(name)

    def select(self, specification: str) -> tuple[Release, ...]:
        """Return the releases that *specification* means."""
        chosen = choose(specification, self.names, lambda name: place_of(name, self))
        return tuple(RELEASES[index] for index in chosen)

    def facts(self, name: str) -> Mapping[str, Fact]:
        """Return what the release *name* does on the wire."""
        return changelog.facts(find(name))

    def page_names(self, name: str) -> Mapping[str, str]:
        """Return the names on its page."""
        return changelog.names_on_page(find(name))

    def changes(self, first: str, last: str) -> Sequence[Change]:
        """Return in what *last* differs from *first*."""
        return changelog.changes(find(first), find(last))
