"""Providers by release: the table is in order, its words are told, and a site complains of what does not exist yet."""

from __future__ import annotations

from typing import get_args

import pytest

from chatgptfree_mock.server.site_registry import NoSuchSiteError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.changelog import changes
from chatgptfree_mock.sites.aipower.releases import find
from chatgptfree_mock.sites.aipower.releases.numbers import order
from chatgptfree_mock.sites.aipower.releases.providers import TABLE, describe_providers, first_release, provider_traits
from chatgptfree_mock.sites.model_api.settings import Provider


def test_the_table_has_every_provider_that_settings_can_name() -> None:
    assert set(TABLE) == set(get_args(Provider))


@pytest.mark.parametrize("provider", TABLE)
def test_rows_are_releases_in_their_order(provider: Provider) -> None:
    names = [since for since, _ in TABLE[provider]]
    assert sorted(names, key=order) == names
    assert [find(name).name for name in names] == names
    assert first_release(provider) == names[0]


@pytest.mark.parametrize("provider", TABLE)
def test_a_row_holds_until_the_next(provider: Provider) -> None:
    for since, traits in TABLE[provider]:
        assert provider_traits(provider, since) == traits
        assert provider_traits(provider, since + ".1") == traits
    assert provider_traits(provider, "2.2") is None


def test_release_numbers_compare_by_their_parts() -> None:
    assert order("2.4") == order("2.4.0") < order("2.4.5") < order("2.4.16") < order("2.10")


def test_the_words_name_their_provider() -> None:
    told = {said.trait: said.sentence for said in describe_providers("2.4.71")}
    assert told["Azure.suffixes"] == "Azure: The words of an error end with:  (Code: …),  InnerCode: …."
    assert told["Google.suffixes"] == "Google: The words of an error end with: nothing."
    assert "xAI.api" not in {said.trait for said in describe_providers("2.4.13")}


def test_what_a_release_changed_for_a_provider_is_told() -> None:
    told = {change.key: change.after for change in changes(find("2.3.70"), find("2.3.71"))}
    assert told["provider.OpenRouter.api"] == "OpenRouter: The model is asked through the API responses."


def test_another_release_that_lacks_the_provider_is_told_as_a_site_that_does_not_exist() -> None:
    site = MockSite(settings={"bots": [{"provider": "Claude"}]})
    with pytest.raises(NoSuchSiteError, match=r"2\.3\.69 does not know Claude, which came with 2\.3\.70"):
        site.server.sites.find("/v/2.3.69/")
    assert site.server.sites.find("/v/2.3.70/")[1] == "/"
