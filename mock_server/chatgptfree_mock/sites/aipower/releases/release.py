"""One release of the plugin, and its derivation from another one and a file of differences."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from chatgptfree_mock.contract.release_facts import UNKNOWN, FactSource
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import actions, traits, wording
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.event_derivation import derived_events
from chatgptfree_mock.sites.aipower.releases.event_format import EventFormat
from chatgptfree_mock.sites.aipower.releases.page_derivation import derived_page
from chatgptfree_mock.sites.aipower.releases.page_rows import ReleasePage
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.release_file import Generation, ReleaseFile
from chatgptfree_mock.sites.aipower.releases.sources import NO_SOURCES, FactSources, facts_in, parse_source, sources_of
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.model_api.settings import Provider
from chatgptfree_mock.suggestion import nearest_or_all

_DATE: Final = re.compile(r"\d{4}-\d{2}(?:-\d{2})?", re.ASCII)


# Compared by identity: a table holds each of its releases once, and two tables may hold different ones of one name.
class PluginRelease(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One release of the plugin, complete."""

    name: str
    traits: WpaicgTraits | AipkitTraits
    date: str = ""
    """`YYYY-MM-DD`; only `YYYY-MM` if the day is not known, empty if nothing is."""
    source: FactSource = UNKNOWN
    """The source of the differences from the release before; some have a source of their own in `sources`."""
    sources: FactSources = NO_SOURCES
    """The source of each fact."""
    note: str = ""
    notice: str = ""
    """A notice that one of its bases is not known; empty if all are."""
    page: ReleasePage = msgspec.field(default_factory=ReleasePage)
    providers: Mapping[Provider, ProviderTraits] = msgspec.field(default_factory=dict)
    """AIPKit: the protocol for each provider that it supports."""
    events: EventFormat = msgspec.field(default_factory=EventFormat)
    actions: Mapping[str, str] = msgspec.field(default_factory=dict)
    """New names of actions, by their names in the generation."""
    wording: Mapping[str, str] = msgspec.field(default_factory=dict)
    """New sentences, by the sentences of the generation."""

    @property
    def generation(self) -> Generation:
        """Return which of the two protocols it has."""
        return "wpaicg" if isinstance(self.traits, WpaicgTraits) else "aipkit"


def derive(name: str, file: ReleaseFile, base: PluginRelease | None) -> PluginRelease:
    """
    Return the release *name*: *base* with the differences in *file*, or, without a base, the file alone.

    Raises:
        SettingsError: the file names something that *base* does not have, or an impossible value.
    """
    start = _beginning(file.generation) if base is None else base
    if file.generation not in (None, start.generation):
        raise SettingsError(f"{start.name} is of generation `{start.generation}` - at `$.generation` (leave it out)")
    new_traits = traits.change(start.traits, file.traits, place="$.traits")
    page, providers = derived_page(start.page, file, start.generation), _providers(start, file.providers)
    events, words = derived_events(start.events, file.events, start.generation), _wording(start, file.wording)
    new_providers = set(providers) - set(start.providers)
    pages = (start.page, page)
    named = facts_in(file, generation=start.generation, pages=pages, new_providers=new_providers)
    sources = sources_of(name, file, None if base is None else base.sources, named)
    return PluginRelease(
        name=name,
        date=_date(file.date),
        source=parse_source(file.source, since=name, place="$.source"),
        sources=sources,
        note=file.note,
        traits=new_traits,
        page=page,
        providers=providers,
        events=events,
        actions=_actions(start, file.actions),
        wording=words,
    )


def _date(text: str) -> str:
    """Return *text* if it is a day or a month."""
    if text and not (_DATE.fullmatch(text) and _is_on_calendar(text)):
        raise SettingsError(f"`{text}` is not a date such as 2026-08-21, or a month such as 2026-08 - at `$.date`")
    return text


def _is_on_calendar(text: str) -> bool:
    try:
        dt.date.fromisoformat(text if len(text) > len("2026-08") else f"{text}-01")
    except ValueError:
        return False
    return True


def _beginning(generation: Generation | None) -> PluginRelease:
    if generation is None:
        raise SettingsError("the release that this one differs from is missing: add `base`, such as `base: 2.4.97`")
    return PluginRelease(name="", traits=WpaicgTraits() if generation == "wpaicg" else AipkitTraits())


def _providers(base: PluginRelease, changes: Mapping[str, Any]) -> Mapping[Provider, ProviderTraits]:
    if changes and base.generation == "wpaicg":
        raise SettingsError("WPAICG passes on what a provider sends, so nothing can differ - at `$.providers`")
    found = dict(base.providers)
    for name, change in changes.items():
        known: Sequence[Provider] = get_args(Provider)
        if name not in known:
            hint = nearest_or_all(name, known)
            raise SettingsError(f"unknown provider `{name}` - at `$.providers`{hint}")
        provider: Provider = known[known.index(name)]
        if change is None:
            found.pop(provider, None)
            continue
        before = found.get(provider, ProviderTraits())
        found[provider] = traits.change(before, change, place=f"$.providers.{name}")
    return found


def _actions(base: PluginRelease, changes: Mapping[str, str]) -> Mapping[str, str]:
    renamed = {**base.actions, **changes}
    actions.check(renamed, base.generation, place="$.actions")
    return renamed


def _wording(base: PluginRelease, changes: Mapping[str, str]) -> Mapping[str, str]:
    wording.check(changes, base.generation, place="$.wording")
    return {old: new for old, new in {**base.wording, **changes}.items() if new != old}
