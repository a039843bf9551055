"""Releases in files are derived when they are asked for, each with its bases and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.releases.loading import DerivedReleases, gather
from chatgptfree_mock.sites.wordpress.release_number import order

FILES = {"3.0": "base: 2.4.97", "3.1": "base: '3.0'", "3.2": "base: 3.3", "3.3": "base: 3.2", "3.4": "nonsense: 1"}


@pytest.fixture
def releases(tmp_path: Path) -> DerivedReleases:
    for name, text in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return DerivedReleases(gather([tmp_path]), {order("2.4.97"): built_in().find("2.4.97")}, strict=True)


def test_a_release_needs_no_file_but_those_of_its_bases(releases: DerivedReleases) -> None:
    assert [releases.name(number) for number in releases] == ["2.4.97", *FILES]
    assert releases[order("3.1")].name == "3.1"
    assert releases[order("3.1")] is releases[order("3.1")]


def test_a_file_that_cannot_be_used_is_named_each_time(releases: DerivedReleases) -> None:
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"3\.4\.yaml: .*nonsense"):
            releases[order("3.4")]
        with pytest.raises(SettingsError, match=r"in a circle: 3\.2\.yaml → 3\.3\.yaml → 3\.2\.yaml"):
            releases[order("3.2")]
    with pytest.raises(SettingsError):
        releases.derive_files()


def test_threads_that_ask_for_one_release_get_the_same(releases: DerivedReleases) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(releases.__getitem__, [order("3.1")] * 64))
    assert all(each is found[0] for each in found)
