"""
Settings of the model's API that have no effect on a release, because no bot of it uses that API or feature.

A model belongs to one bot, or to all bots without their own; its setting has an effect if one of these bots uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.model_api.settings import Model

DEFAULT_MODEL: Final = Model()
_CLOUD = "AIPufferCloud"
ONLY_AIPKIT = "it applies to AIPKit (2.3 and later) only"


def unused_of_models(release: PluginRelease, settings: SiteSettings) -> Iterator[tuple[str, str]]:
    """Yield the place of every setting of a model that has no effect on *release*, and why."""
    for place, model, bots in _models(settings):
        if model == DEFAULT_MODEL:
            continue
        if release.generation == "wpaicg":
            yield from ((f"{place}.{name}", ONLY_AIPKIT) for name in _of_aipkit(model))
            continue
        known = [bot for bot in bots if bot.provider in release.providers]
        for name, reason in _unused(model, {bot.provider: release.providers[bot.provider] for bot in known}):
            yield f"{place}.{name}", reason


def _models(settings: SiteSettings) -> Iterator[tuple[str, Model, list[Bot]]]:
    yield "model", settings.model, [bot for bot in settings.bots if bot.model is None]
    for number, bot in enumerate(settings.bots):
        if bot.model is not None:
            yield f"bots[{number}].model", bot.model, [bot]


def _of_aipkit(model: Model) -> Iterator[str]:
    """Yield the settings of *model* that act on AIPKit only."""
    if model.web_search_error is not None:
        yield "web_search_error"
    for name, error in (("http_error", model.http_error), ("error_midway", model.error_midway)):
        if error is not None and error.cloud is not None:
            yield f"{name}.cloud"


def _unused(model: Model, providers: dict[str, ProviderTraits]) -> Iterator[tuple[str, str]]:
    if model.cassette is not None or not providers:
        return
    names = " and ".join(providers)
    apis = {_api_in_use(model, traits) for traits in providers.values()}
    if model.api is not None and model.api not in apis:
        yield "api", f"{names} can only be asked through {' and '.join(sorted(apis))}"
    searches = "responses" in apis or "claude" in apis or _CLOUD in providers
    if model.web_search and not searches:
        yield "web_search", f"{names} cannot search the web"
    if model.web_search_error is not None and not any(traits.search_errors for traits in providers.values()):
        yield "web_search_error", "failed searches are reported for Claude since 2.3.93"
    if _CLOUD not in providers:
        yield from ((name, f"only {_CLOUD} reports it") for name in _of_aipkit(model) if name.endswith(".cloud"))


def _api_in_use(model: Model, traits: ProviderTraits) -> str:
    return model.api if model.api is not None and model.api in traits.other_apis else traits.api
