"""
Settings without effect: beside recordings (found before anything is served), or on a release of the plugin.

A setting that the release does not support is a warning, since one site can be requested on any release; a setting that
contradicts a recording is an error. Recorded answers are sent as they are, so settings that shape the imitation's
answers have no effect on them: the model, the plugin's checks of a message, and the plugin's release where the
recording has another.  Where recordings include a page, settings of the page have no effect either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.ineffective_model import DEFAULT_MODEL, ONLY_AIPKIT, unused_of_models
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable, aipkit_traits, wpaicg_traits
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.model_api.settings import Model

_ANSWERS: Final = (
    *("api_key", "banned", "limit", "moderation", "embeddings", "object_cache", "php_error_after", "php_curl"),
    *("missing_classes", "broken_tables", "requests_per_minute"),
)
"""Settings of the site that shape only answers of the chat."""
_BOT: Final = ("system_prompt", "logs", "memory", "images", "cloud_images", "cloud_state")
"""Settings of a bot that shape only answers of the chat."""
_DEFAULT_SITE: Final = SiteSettings()
_DEFAULT_BOT: Final = Bot()
_USELESS: Final = "cannot act beside a recording"


def check(
    settings: SiteSettings, recorded: Sequence[str], releases: ReleaseTable, *, whole_site: bool, alone: bool
) -> None:
    """
    Refuse *settings* if one of them cannot act beside recordings.

    *recorded*: the plugin's releases named in the recordings; *releases*: the known ones; *whole_site*: whether the
    recordings answer for all bots, not only for bots with recordings of their own; *alone*: whether they include pages.

    Raises:
        SettingsError: with the place of the first setting that cannot act, and what to do.
    """
    release = releases.find(settings.plugin)
    for place in _dead(settings, release, whole_site=whole_site, alone=alone):
        raise SettingsError(f"`{place}` {_USELESS}: the answers are recorded ones (leave it out, or the recording)")
    imitated = [releases.find(name).name for name in recorded]
    fits = release.name in imitated
    if (recorded and not fits) or (alone and not recorded and settings.plugin != _DEFAULT_SITE.plugin):
        reason = f"it was recorded from {', '.join(recorded)}" if recorded else "it holds the pages as well"
        repair = f"set `plugin` to {imitated[0]}" if imitated else "leave `plugin` out"
        raise SettingsError(f"plugin {settings.plugin} {_USELESS}: {reason} ({repair})")


def check_bots(settings: SiteSettings, recorded: Mapping[int, Sequence[str]], releases: ReleaseTable) -> None:
    """
    Refuse a bot's own recording that comes from another release than the site is on.

    *recorded*: the releases that a bot's recording names, by the bot's index in `settings.bots`; *releases*: the known
    ones.

    Raises:
        SettingsError: with the place of the recording, and what to do.
    """
    for place, named in recorded.items():
        imitated = [releases.find(name).name for name in named]
        if named and releases.find(settings.plugin).name not in imitated:
            raise SettingsError(
                f"`bots[{place}].model.cassette` was recorded from {', '.join(named)}, and the site is on "
                f"{settings.plugin} (set `plugin` to {imitated[0]}, or take another recording)"
            )


def _dead(settings: SiteSettings, release: PluginRelease, *, whole_site: bool, alone: bool) -> Iterator[str]:
    """Yield the places of settings without effect."""
    if alone:
        yield from (name for name in _changed(settings, _DEFAULT_SITE) if name not in ("plugin", "model"))
    if whole_site:
        yield from (name for name in _changed(settings, _DEFAULT_SITE) if name in _ANSWERS)
        yield from _of_model(settings.model, "model")
    unseen = (*_BOT, *_unseen(release))
    for place, bot in enumerate(settings.bots):
        if whole_site:
            yield from (f"bots[{place}].{name}" for name in _changed(bot, _DEFAULT_BOT) if name in unseen)
        if bot.model is not None and (whole_site or bot.model.cassette is not None):
            yield from _of_model(bot.model, f"bots[{place}].model")


def _unseen(release: PluginRelease) -> tuple[str, ...]:
    """Return the settings of a bot that the pages of *release* do not show."""
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        return ("conversation_state",)
    return () if release.traits.message_action else ("stream",)


def _of_model(model: Model, place: str) -> Iterator[str]:
    yield from (f"{place}.{name}" for name in _changed(model, DEFAULT_MODEL) if name != "cassette")


def _changed(value: Struct, default: Struct) -> list[str]:
    if value == default:
        return []
    return [name for name in value.__struct_fields__ if getattr(value, name) != getattr(default, name)]


_FIRST_MEMORY_LIMIT: Final = "memory-limit"
_OF_AIPKIT: Final = (
    *("starters", "conversation_state", "speech", "voice", "images", "transcriber", "image_model", "cloud_images"),
    *("cloud_state", "theme_dimensions", "sidebar", "memory", "stt_limits"),
)
"""Settings of a bot without effect on WPAICG."""
_KNOWN_TO_WPAICG: Final = ("OpenAI", "Azure", "Google", "OpenRouter")


def check_providers(settings: SiteSettings, release: PluginRelease, releases: ReleaseTable) -> None:
    """
    Find bots of AIPKit whose provider *release* does not support.

    Raises:
        SettingsError: with the place of the first, and the first of *releases* that has its provider.
    """
    if release.generation == "wpaicg":
        return
    for place, bot in enumerate(settings.bots):
        if bot.provider not in release.providers:
            since = next((each.name for each in releases.releases if bot.provider in each.providers), "no release")
            raise SettingsError(
                f"plugin {release.name} has no provider {bot.provider}, which came with {since} - "
                f"at `$.bots[{place}].provider`"
            )


def ineffective_on(release: PluginRelease, settings: SiteSettings) -> Iterator[str]:
    """Yield a warning for each setting that is set and has no effect on *release*."""
    yield from (f"`broken_tables` {words}" for words in _unbroken(release, settings))
    changed = _changed(settings, _DEFAULT_SITE)
    unused = dict(_unused_of_site(release, settings)) if changed else {}
    for name in changed:
        if name in unused:
            yield f"`{name}` has no effect on {release.name}: {unused[name]}"
    for name, reason in unused_of_models(release, settings):
        yield f"`{name}` has no effect on {release.name}: {reason}"
    for place, bot in enumerate(settings.bots):
        changed = _changed(bot, _DEFAULT_BOT)
        of_bot = dict(_unused_of_bot(release, bot)) if changed else {}
        for name in changed:
            if name in of_bot:
                yield f"`bots[{place}].{name}` has no effect on {release.name}: {of_bot[name]}"


def _unused_of_site(release: PluginRelease, settings: SiteSettings) -> Iterator[tuple[str, str]]:
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        yield "object_cache", "WPAICG keeps no messages for a second call"
        yield "old_shortcode", "there is no older shortcode than its own"
        for name in ("php_error_after", "php_curl", "missing_classes", "broken_tables", "requests_per_minute"):
            yield name, ONLY_AIPKIT
    else:
        yield "embeddings", "it applies to WPAICG (before 2.3) only"
        if not release.traits.key_reuse:
            yield "object_cache", "a key of a cached message works once, with any cache"
        if not any(_is_moderated(release, settings, bot) for bot in settings.bots):
            yield "moderation", "no bot is asked through OpenAI's Responses API, the only one with it"
        if not release.traits.throttle:
            yield "requests_per_minute", "there is no such limit before 2.4.84"


def _is_moderated(release: PluginRelease, settings: SiteSettings, bot: Bot) -> bool:
    chosen = (bot.model or settings.model).api
    openai = release.providers.get("OpenAI")
    return bot.provider == "OpenAI" and openai is not None and chosen not in openai.other_apis


def _unbroken(release: PluginRelease, settings: SiteSettings) -> Iterator[str]:
    """Yield a warning about each table that is broken and that *release* does not have."""
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        return
    later = {"throttle": release.traits.throttle, "speech": release.traits.speech_status}
    for name in settings.broken_tables:
        if not later.get(name, True):
            yield f"with `{name}` has no effect on {release.name}: there is no such table before 2.4.84"


def _unused_of_bot(release: PluginRelease, bot: Bot) -> Iterator[tuple[str, str]]:
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        yield from _unused_on_wpaicg(release, bot)
    else:
        yield from _unused_on_aipkit(release, release.traits, bot)


def _unused_on_wpaicg(release: PluginRelease, bot: Bot) -> Iterator[tuple[str, str]]:
    yield from ((name, ONLY_AIPKIT) for name in _OF_AIPKIT)
    if all(row.slot != _FIRST_MEMORY_LIMIT for row in release.page.attributes):
        yield "memory_limit", "data-memory-limit came with 1.8.80"
    if bot.provider not in _KNOWN_TO_WPAICG:
        yield "provider", f"WPAICG has {', '.join(_KNOWN_TO_WPAICG)} and treats any other as OpenAI"


def _unused_on_aipkit(
    release: PluginRelease, traits: aipkit_traits.AipkitTraits, bot: Bot
) -> Iterator[tuple[str, str]]:
    yield "memory_limit", "it applies to WPAICG (before 2.3) only; use `memory`"
    yield "logs", "AIPKit logs every conversation"
    if not traits.media_checks:
        for name in ("images", "transcriber", "image_model"):
            yield name, "it is not checked before 2.4.84"
    provider = release.providers.get(bot.provider)
    if provider is not None and not provider.keeps_conversations:
        yield "conversation_state", f"{bot.provider} keeps no conversations"
    if bot.provider != "AIPufferCloud":
        for name in ("cloud_images", "cloud_state"):
            yield name, f"it applies to AIPufferCloud, and the bot's provider is {bot.provider}"
    if all(row.slot != "themeDimensionOverrides" for row in release.page.keys):
        yield "theme_dimensions", "the page has no themeDimensionOverrides before 2.4.96"
    if all(row.slot != "sttLimits" for row in release.page.keys):
        yield "stt_limits", "the page has no sttLimits before 2.4.84"
    elif bot.provider != "AIPufferCloud" and bot.stt_limits.keys() - {"maxInputBytes"}:
        yield "stt_limits", f"only AIPufferCloud has limits beside maxInputBytes, not {bot.provider}"
    if bot.place in ("widget", "popup"):
        yield "sidebar", "a popup has none"
    if not traits.message_action:
        for name in ("stream", "announce_stream"):
            yield name, "it always streams, and its page does not show it"
