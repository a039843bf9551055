"""
Variants of a scenario: the releases on which it can happen, the ways to cut its answer, and a copy with both set.

The crash test and the pytest markers share this code, so that a scenario's fields mean the same in both.
"""

from __future__ import annotations

from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.model import Scenario

ALL_CHUNKS = ("as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf", "every:7", "random:1")
"""The ways to cut an answer that `all` includes."""


def happens_on(scenario: Scenario, plugin: str) -> bool:
    """
    Return whether *scenario* can happen on the release *plugin*.

    It can on the releases in its `releases`.  Without these it can on every release, or only on its own one if it has
    `responses`.  A recorded answer belongs to one release, so a scenario with a cassette is for its own one only.

    Raises:
        UnknownReleaseError: there is no such release.
    """
    spec = scenario.spec
    find = spec.pack.releases.find
    release = find(plugin)
    if spec.files:
        return release == find(spec.release)
    if scenario.releases is not None:
        return release in spec.pack.releases.select(scenario.releases)
    return not scenario.responses or release == find(spec.release)


def may_be_cut(scenario: Scenario, chunks: str) -> bool:
    """Return whether the answer of *scenario* may be cut by *chunks*."""
    return scenario.delivery.recut or chunks == scenario.delivery.chunks


def variant(
    name: str, scenario: Scenario, *, plugin: str | None = None, chunks: str | None = None, pace: str | None = None
) -> Scenario:
    """
    Return *scenario*, called *name*, on the release *plugin* and with its answer cut by *chunks*.

    *pace* is used if the scenario has none of its own.  None leaves each as it is.

    Raises:
        SettingsError: the scenario cannot happen like that; the message gives the reason.
    """
    if plugin is not None and not happens_on(scenario, plugin):
        possible = scenario.releases or scenario.spec.release
        raise SettingsError(f"{name} cannot happen on {plugin}, only on {possible}")
    if chunks is not None and not may_be_cut(scenario, chunks):
        raise SettingsError(f"{name} must not be cut in other ways (`recut: false`); leave out chunks={chunks}")
    site = scenario.site if plugin is None else scenario.spec.on_release(plugin).settings
    words = scenario.delivery if chunks is None else replace(scenario.delivery, chunks=chunks)
    if pace is not None and not has_pace(scenario):
        words = replace(words, pace=pace)
    return replace(scenario, site=site, delivery=words)


def has_pace(scenario: Scenario) -> bool:
    """Return whether *scenario* sets a pace of its own."""
    return Delivery.parse(pace=scenario.delivery.pace) != Delivery()


def usual_chunks(scenario: Scenario, chunks: str | None) -> str | None:
    """Return *chunks*, a user's default, if *scenario* sets no chunks of its own and may be cut in other ways."""
    return chunks if scenario.delivery.recut and Delivery.parse(scenario.delivery.chunks) == Delivery() else None
