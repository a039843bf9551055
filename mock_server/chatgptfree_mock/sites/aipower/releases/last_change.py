"""The releases from one to another: in which of them a fact changed last, and the source of that change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from chatgptfree_mock.contract.release_facts import FactSource
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.wordpress.release_number import order


def since_when(releases: Sequence[PluginRelease], state: Callable[[PluginRelease], object]) -> PluginRelease:
    """Return the first release of *releases* since which *state* has had its final value."""
    reached = state(releases[-1])
    same = takewhile(lambda release: state(release) == reached, reversed(releases))
    return list(same)[-1]


def source_since(releases: Sequence[PluginRelease], since: PluginRelease, key: str) -> FactSource:
    """Return the source of the change of *key* between *since* and the release before it, by the newer of the two."""
    place = releases.index(since)
    if place == 0:
        return since.sources.of(key)
    newer = max(releases[place - 1], since, key=lambda release: order(release.name))
    return newer.sources.of(key)
