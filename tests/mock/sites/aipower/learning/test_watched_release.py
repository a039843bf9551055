"""A trait that no imitation of an exchange reads is not tried on it: its other values lead to the same answer."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.recorded_session import Session

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.sites.aipower.learning.exchanges import exchanges_of
from chatgptfree_mock.sites.aipower.learning.outcomes import Outcomes
from chatgptfree_mock.sites.aipower.learning.site_traces import recorded_site
from chatgptfree_mock.sites.aipower.learning.watched_release import WatchedRelease
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import PluginRelease, built_in


def test_the_places_of_the_traits_that_are_read_are_noted() -> None:
    release = built_in().find("2.4.97")
    watched = WatchedRelease(release)
    assert watched.read == set()
    assert watched.release.traits.throttle == release.traits.throttle  # type: ignore[union-attr]
    assert watched.release.providers["OpenAI"].statuses == release.providers["OpenAI"].statuses
    assert watched.read == {("traits", "throttle"), ("providers", "OpenAI", "statuses")}


def test_all_else_is_as_in_the_release() -> None:
    release = built_in().find("1.8.93")
    watched = WatchedRelease(release).release
    assert isinstance(watched.traits, type(release.traits))
    assert repr(replace(watched, traits=release.traits)) == repr(release)


def with_other_flags(release: PluginRelease) -> list[tuple[tuple[str, str], PluginRelease]]:
    """Return the place of each trait that is true or false, and *release* with its other value."""
    traits: Any = release.traits
    flags = [each.name for each in dataclasses.fields(traits) if isinstance(getattr(traits, each.name), bool)]
    return [
        (("traits", name), replace(release, traits=dataclasses.replace(traits, **{name: not getattr(traits, name)})))
        for name in flags
    ]


@pytest.mark.parametrize(("recorded", "base"), [("2.4.97", "2.3.13"), ("1.8.93", "1.8.90")])
def test_an_outcome_that_is_taken_over_is_that_of_asking_again(recorded: str, base: str) -> None:
    exchanges = exchanges_of([Session(recorded).visit()])
    site, judge, before = recorded_site(exchanges), partial(differences, marks=PAGE_MARKS), built_in().find(base)
    outcomes, asking = Outcomes(site, judge), Outcomes(site, judge)
    taken_over = 0
    for exchange in [next(each for each in exchanges if each.purpose == kind) for kind in ("stream", "answer")]:
        old = outcomes.of(before, exchange)
        assert asking.of(before, exchange) == old
        for place, after in with_other_flags(before):
            outcome = outcomes.with_trait(place, after, before, exchange)
            assert outcome == asking.of(after, exchange), place
            taken_over += outcome is old
    assert taken_over > len(with_other_flags(before))
