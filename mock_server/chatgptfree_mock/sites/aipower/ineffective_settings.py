"""
Settings that cannot act beside recordings, found before anything is served.

Recorded answers are not made, so what shapes an answer of the imitation has no effect on them: the model, what the
plugin refuses on its way to the model, and the plugin's release where the recording has another.  Where recordings
stand alone, not even the page is the imitation's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import Release, closest, find, wpaicg
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.model_api.settings import Model

_ANSWERS: Final = ("api_key", "banned", "limit", "moderation", "embeddings", "object_cache")
"""Settings of the site that shape answers of the chat and nothing else."""
_BOT: Final = ("system_prompt", "logs", "memory")
"""The same of a bot."""
_USELESS: Final = "cannot act beside a recording"


def check(settings: SiteSettings, releases: Sequence[str], *, whole_site: bool, alone: bool) -> None:
    """
    Refuse *settings* of which something cannot act beside recordings.

    *releases*: the plugin's releases that they were recorded from, as far as they say; *whole_site*: whether they
    answer for all bots, and not for those alone that have recordings of their own; *alone*: whether they hold the pages
    as well.

    Raises:
        SettingsError: with the place of the first setting that cannot act, and what to do.
    """
    for place in _dead(settings, whole_site=whole_site, alone=alone):
        raise SettingsError(f"`{place}` {_USELESS}: the answers are recorded ones (leave it out, or the recording)")
    imitated = [closest(name).name for name in releases]
    fits = closest(settings.plugin).name in imitated
    if (releases and not fits) or (alone and not releases and settings.plugin != SiteSettings().plugin):
        recorded = f"it was recorded from {', '.join(releases)}" if releases else "it holds the pages as well"
        repair = f"set `plugin` to {imitated[0]}" if imitated else "leave `plugin` out"
        raise SettingsError(f"plugin {settings.plugin} {_USELESS}: {recorded} ({repair})")


def check_bots(settings: SiteSettings, releases: Mapping[int, Sequence[str]]) -> None:
    """
    Refuse a bot's own recording that comes from another release than the site is on.

    *releases*: by the place of a bot in `settings.bots`, the releases that its recording names.

    Raises:
        SettingsError: with the place of the recording, and what to do.
    """
    for place, named in releases.items():
        imitated = [closest(name).name for name in named]
        if named and closest(settings.plugin).name not in imitated:
            raise SettingsError(
                f"`bots[{place}].model.cassette` was recorded from {', '.join(named)}, and the site is on "
                f"{settings.plugin} (set `plugin` to {imitated[0]}, or take another recording)"
            )


def _dead(settings: SiteSettings, *, whole_site: bool, alone: bool) -> Iterator[str]:
    """Yield the places of settings that have no effect."""
    if alone:
        yield from (name for name in _changed(settings, SiteSettings()) if name not in ("plugin", "model"))
    if whole_site:
        yield from (name for name in _changed(settings, SiteSettings()) if name in _ANSWERS)
        yield from _of_model(settings.model, "model")
    unseen = (*_BOT, *_unseen(find(settings.plugin)))
    for place, bot in enumerate(settings.bots):
        if whole_site:
            yield from (f"bots[{place}].{name}" for name in _changed(bot, Bot()) if name in unseen)
        if bot.model is not None and (whole_site or bot.model.cassette is not None):
            yield from _of_model(bot.model, f"bots[{place}].model")


def _unseen(release: Release) -> tuple[str, ...]:
    """Return the settings of a bot that the pages of *release* do not show."""
    if isinstance(release.traits, wpaicg.WpaicgTraits):
        return ("conversation_state",)
    return () if release.traits.message_action else ("stream",)


def _of_model(model: Model, place: str) -> Iterator[str]:
    yield from (f"{place}.{name}" for name in _changed(model, Model()) if name != "cassette")


def _changed(value: Any, usual: Any) -> list[str]:
    fields = msgspec.structs.fields(type(value))
    return [field.name for field in fields if getattr(value, field.name) != getattr(usual, field.name)]
