"""Releases by specification."""

from __future__ import annotations

import pytest

from chatgptfree_mock.contract.releases import place_of
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.sites.aipower.history import PluginReleases
from chatgptfree_mock.sites.aipower.releases import RELEASES

PLUGIN = PluginReleases()


@pytest.mark.parametrize(
    ("specification", "first", "last"),
    [
        pytest.param("all", "1.8.79", "2.4.97", id="all of them"),
        pytest.param(">=1.8.91", "1.8.91", "2.4.97", id="from one on"),
        pytest.param(">=1.8.91,<1.9.18", "1.8.91", "1.9.17", id="between two"),
        pytest.param("> 1.8.90, <= 1.8.93", "1.8.91", "1.8.93", id="with blanks"),
        pytest.param("2.4.71, 1.8.93", "1.8.93", "2.4.71", id="names, in the order of time"),
        pytest.param("2.3.50", "2.3.43", "2.3.43", id="one between two known ones means the older"),
        pytest.param("1.9, 2.3.0, 2.4", "1.9.0", "2.4.0", id="a zero at the end may be left out or added"),
    ],
)
def test_a_specification_means_releases(specification: str, first: str, last: str) -> None:
    chosen = PLUGIN.select(specification)
    assert (chosen[0].name, chosen[-1].name) == (first, last)
    assert [place_of(each.name, PLUGIN) for each in chosen] == sorted(place_of(each.name, PLUGIN) for each in chosen)


def test_all_means_every_release() -> None:
    assert PLUGIN.select("all") == RELEASES


@pytest.mark.parametrize("wrong", ["", "newest", ">=9.9", "<1.8.79", ">=1.8.91 2.3"])
def test_what_means_nothing_is_refused(wrong: str) -> None:
    with pytest.raises(UnknownReleaseError):
        PLUGIN.select(wrong)
