"""Providers by release: the facts about them, and that a site complains of what does not exist yet."""

from __future__ import annotations

from typing import get_args

import pytest

from chatgptfree_mock.server.site_registry import NoSuchSiteError
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.model_api.settings import Provider
from chatgptfree_mock.sites.wordpress.release_number import order


def test_the_newest_release_has_every_provider_that_settings_can_name() -> None:
    assert set(built_in().releases[-1].providers) == set(get_args(Provider))


@pytest.mark.parametrize(
    ("provider", "since"), [("Claude", "2.3.70"), ("xAI", "2.4.16"), ("AIPufferCloud", "2.4.84"), ("OpenAI", "2.3")]
)
def test_a_provider_is_there_from_its_first_release_on(provider: Provider, since: str) -> None:
    there = [release.name for release in built_in().releases if provider in release.providers]
    names = built_in().names
    assert there == list(names[names.index(since) :])


def test_release_numbers_compare_by_their_parts() -> None:
    assert order("2.4") == order("2.4.0") < order("2.4.5") < order("2.4.16") < order("2.10")


def test_the_words_name_their_provider() -> None:
    sentences = {key: fact.sentence for key, fact in built_in().facts("2.4.71").items()}
    assert sentences["provider.Azure.suffixes"] == "Azure: An error message ends with:  (Code: …),  InnerCode: …."
    assert sentences["provider.Google.suffixes"] == "Google: An error message ends with: nothing."
    assert "provider.xAI.api" not in built_in().facts("2.4.13")


def test_what_a_release_changed_for_a_provider_is_described() -> None:
    after = {change.key: change.after for change in built_in().changes("2.3.70", "2.3.71")}
    assert after["provider.OpenRouter.api"] == "OpenRouter: The model is called through the API responses."


def test_another_release_that_lacks_the_provider_is_a_site_that_does_not_exist() -> None:
    site = MockSite(settings={"bots": [{"provider": "Claude"}]})
    with pytest.raises(NoSuchSiteError, match=r"2\.3\.69 has no provider Claude, which came with 2\.3\.70"):
        site.server.sites.find("/v/2.3.69/")
    assert site.server.sites.find("/v/2.3.70/")[1] == "/"
