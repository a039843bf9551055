"""The table of releases: finding one, several by a specification, and the message for one that is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.many_cases import for_each
from tests.support.releases import NEWER, NEWEST

from chatgptfree_mock.contract.releases import place_of
from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.releases.loading import DerivedReleases, gather
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.wordpress.release_number import order

KNOWN = built_in()
STRICT = ReleaseTable(KNOWN.releases, strict=True)


def test_releases_are_in_order_and_each_has_another_number() -> None:
    keys = [order(name) for name in KNOWN.names]
    assert sorted(set(keys)) == keys


def test_the_default_release_is_the_newest() -> None:
    assert SiteSettings().plugin == KNOWN.names[-1]


def test_dates_are_complete_up_to_the_last_that_is_known() -> None:
    undated = [release.name for release in KNOWN.releases if not release.date]
    assert undated == ["2.3.68", "2.4.77", "2.4.79", "2.4.81", "2.4.84", "2.4.89", "2.4.94", "2.4.96", "2.4.97"]
    dates = [release.date for release in KNOWN.releases if release.date]
    assert sorted(dates) == dates


def test_what_only_a_changelog_names_is_marked_so() -> None:
    by_changelog = [release for release in KNOWN.releases if release.source.kind == "changelog"]
    assert [release.name for release in by_changelog] == ["2.3.68", "2.4.77", "2.4.84", "2.4.89", "2.4.96"]
    assert all(release.source.evidence for release in by_changelog)
    assert {release.source.kind for release in KNOWN.releases} == {"recorded", "source", "changelog", "guess"}


def test_of_releases_that_were_only_published_the_date_is_known_and_nothing_new() -> None:
    names = ["2.4.7", "2.4.20", "2.4.34", "2.4.35", "2.4.39", "2.4.42", "2.4.44", "2.4.51", "2.4.64", "2.4.66"]
    assert [release.name for release in KNOWN.releases if release.source.kind == "guess"] == names
    for name in names:
        older = KNOWN.names[KNOWN.names.index(name) - 1]
        assert KNOWN.changes(older, name) == []
        assert KNOWN.find(name).date
        assert KNOWN.find(name).note == f"Nothing that a client sees is known to differ from {older}."


@for_each(
    ("specification", "first", "last"),
    [
        pytest.param("all", KNOWN.names[0], NEWEST, id="all of them"),
        pytest.param(">=1.8.91", "1.8.91", NEWEST, id="from one on"),
        pytest.param(">=1.8.91,<1.9.18", "1.8.91", "1.9.17", id="between two"),
        pytest.param("> 1.8.90, <= 1.8.93", "1.8.91", "1.8.93", id="with blanks"),
        pytest.param(">=2.3.50,<2.4.70", "2.3.68", "2.4.69", id="a bound need not be a release that is known"),
        pytest.param(">=2.4.96,<3.0", "2.4.96", NEWEST, id="a bound may lie after all of them"),
        pytest.param("2.4.71, 1.8.93", "1.8.93", "2.4.71", id="names, in the order of time"),
        pytest.param("2.3.50", "2.3.43", "2.3.43", id="one between two known ones means the older"),
        pytest.param("1.9, 2.3.0, 2.4", "1.9.0", "2.4.0", id="a zero at the end may be left out or added"),
    ],
)
def test_a_specification_means_releases(specification: str, first: str, last: str) -> None:
    chosen = KNOWN.select(specification)
    assert (chosen[0], chosen[-1]) == (first, last)
    places = [place_of(name, KNOWN) for name in chosen]
    assert places == sorted(places)


def test_what_is_not_a_release_number_is_refused_with_the_form_of_one() -> None:
    with pytest.raises(UnknownReleaseError, match=r"; a release number has two to four parts, such as 2\.4\.97$"):
        KNOWN.find("9")
    with pytest.raises(UnknownReleaseError, match=r"which `chatgptfree-mock releases` lists$"):
        STRICT.find("9.0")


def test_all_means_every_release() -> None:
    assert KNOWN.select("all") == KNOWN.names


@pytest.mark.parametrize("specification", ["all", ">=2.3.0"])
def test_naming_releases_reads_no_file(specification: str, tmp_path: Path) -> None:
    (tmp_path / "2.3.1.yaml").write_text("not a release")
    table = ReleaseTable(DerivedReleases(gather([tmp_path]), {}, strict=False))
    assert table.select(specification) == ("2.3.1",)
    assert table.name_of("2.3.2") == "2.3.1"


@for_each("wrong", ["", "newest", ">=9.9", "<1.8.79", ">=1.8.91 2.3", ">=1.8.x", ">=1..8", "2.4.7x", NEWER, "1.0"])
@for_each("table", [KNOWN, STRICT])
def test_what_means_nothing_is_refused(wrong: str, table: ReleaseTable) -> None:
    with pytest.raises(UnknownReleaseError):
        table.select(wrong)


@pytest.mark.parametrize(
    ("name", "behaves_as"),
    [
        pytest.param(NEWER, NEWEST, id="newer than all"),
        pytest.param("99.0", NEWEST, id="much newer"),
        pytest.param("2.4.95", "2.4.94", id="between two"),
        pytest.param("1.0", "1.8.79", id="older than all"),
    ],
)
def test_a_release_that_is_not_known_is_its_nearest_neighbour_with_a_notice(name: str, behaves_as: str) -> None:
    assert KNOWN.find(name).name == behaves_as
    assert KNOWN.notice(name) == f"{name} is not known; behaves as {behaves_as}"
    assert KNOWN.notices(f"1.8.93 {name}") == (f"{name} is not known; behaves as {behaves_as}",)
    with pytest.raises(
        UnknownReleaseError, match=rf"unknown plugin release `{name}`; the nearest is {behaves_as}, then "
    ):
        STRICT.find(name)


def test_a_known_release_needs_no_notice() -> None:
    assert KNOWN.notice("2.4.71") is KNOWN.notice("2.4") is STRICT.notice("2.4.71") is None
    assert KNOWN.notices(">=2.3.50") == KNOWN.notices("all") == ()


def test_a_bound_may_be_the_first_part_of_a_number() -> None:
    assert KNOWN.select(">=2") == KNOWN.select(">=2.0")
    assert KNOWN.select("<2") == KNOWN.select("<2.0")


@pytest.mark.parametrize("bounds", [">=9", ">=9.9", "<1.8.79", ">=2.4.71,<2.4"])
def test_bounds_that_no_release_fits_name_the_first_and_the_last(bounds: str) -> None:
    with pytest.raises(UnknownReleaseError) as caught:
        KNOWN.select(bounds)
    assert str(caught.value) == f"no release fits `{bounds}`: the first is 1.8.79, the last {NEWEST}"


@pytest.mark.parametrize("nonsense", ["2", "2.4.7x", "2..4", "v2.4.71", "2.4.71\n"])
def test_what_is_nearly_a_number_is_an_error_in_any_table(nonsense: str) -> None:
    for table in (KNOWN, STRICT):
        with pytest.raises(UnknownReleaseError, match="unknown plugin release"):
            table.find(nonsense, place="$.plugin")


@pytest.mark.parametrize("nonsense", ["abc", "banana", "", "newest"])
def test_what_is_no_number_at_all_is_answered_with_the_form_of_one(nonsense: str) -> None:
    for table in (KNOWN, STRICT):
        with pytest.raises(UnknownReleaseError) as caught:
            table.find(nonsense, place="$.plugin")
        assert str(caught.value) == f"`{nonsense}` is not a release number; one is like {NEWEST} - at `$.plugin`"


def test_a_typing_error_gets_the_nearest_name() -> None:
    with pytest.raises(
        UnknownReleaseError,
        match=r"`1\.8\.9x` - at `\$\.plugin`; the nearest is 1\.8\.99, then (1\.8\.9\d(, )?){4}; there",
    ):
        KNOWN.find("1.8.9x", place="$.plugin")
