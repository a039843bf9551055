"""One release of the plugin, and how it is derived from another one and a file of differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from chatgptfree_mock.contract.releases import UNKNOWN, FactSource
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases import actions, page, traits, wording
from chatgptfree_mock.sites.aipower.releases.aipkit import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.events import (
    AIPKIT_EVENTS,
    TEXT,
    WPAICG_EVENTS,
    AddedEvent,
    EventFormat,
)
from chatgptfree_mock.sites.aipower.releases.file import EventChanges, Generation, ReleaseFile, RowChanges
from chatgptfree_mock.sites.aipower.releases.page import AddedRow, ReleasePage, Row, Rows
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.sources import NO_SOURCES, FactSources, facts_in, parse_source, sources_of
from chatgptfree_mock.sites.aipower.releases.wpaicg import WpaicgTraits
from chatgptfree_mock.sites.model_api.settings import Provider
from chatgptfree_mock.suggestion import did_you_mean

_DATA: Final = "data-"
ELEMENTS: Final = ("shortcode", "widget")
"""The chat elements of WPAICG, whose attributes may differ."""


# Compared by identity: a table holds each of its releases once, and two tables may hold different ones of one name.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PluginRelease:
    """One release of the plugin, complete."""

    name: str
    traits: WpaicgTraits | AipkitTraits
    date: str = ""
    """Year, month and day; without the day, or empty, where that is all that is known."""
    source: FactSource = UNKNOWN
    """Where the differences from the release before come from, but for those with a source of their own."""
    sources: FactSources = NO_SOURCES
    """Where each fact comes from."""
    note: str = ""
    page: ReleasePage = field(default_factory=ReleasePage)
    providers: Mapping[Provider, ProviderTraits] = field(default_factory=dict)
    """AIPKit: the protocol for each provider that it supports."""
    events: EventFormat = field(default_factory=EventFormat)
    actions: Mapping[str, str] = field(default_factory=dict)
    """Names of actions that differ from those of the generation, by those."""
    wording: Mapping[str, str] = field(default_factory=dict)
    """Sentences that differ from those of the generation, by those."""

    @property
    def generation(self) -> Generation:
        """Return which of the two protocols it has."""
        return "wpaicg" if isinstance(self.traits, WpaicgTraits) else "aipkit"


def derive(name: str, file: ReleaseFile, base: PluginRelease | None) -> PluginRelease:
    """
    Return the release *name*: *base* with the differences in *file*, or, without a base, the file alone.

    Raises:
        SettingsError: the file names what *base* does not have, or a value that cannot be.
    """
    start = _beginning(file.generation) if base is None else base
    if file.generation not in (None, start.generation):
        raise SettingsError(f"{start.name} is of generation `{start.generation}` - at `$.generation` (leave it out)")
    new_traits = traits.change(start.traits, file.traits, place="$.traits")
    page, providers = _page(start, file), _providers(start, file.providers)
    events, words = _events(start, file.events), _wording(start, file.wording)
    new_providers = set(providers) - set(start.providers)
    pages = (start.page, page)
    named = facts_in(file, generation=start.generation, pages=pages, new_providers=new_providers)
    sources = sources_of(name, file, None if base is None else base.sources, named)
    return PluginRelease(
        name=name,
        date=file.date,
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


def _beginning(generation: Generation | None) -> PluginRelease:
    if generation is None:
        raise SettingsError("the release that this one differs from is missing: add `base`, such as `base: 2.4.97`")
    return PluginRelease(name="", traits=WpaicgTraits() if generation == "wpaicg" else AipkitTraits())


def _page(base: PluginRelease, file: ReleaseFile) -> ReleasePage:
    attributes, keys = _split(file.page, base.generation)
    return ReleasePage(
        attributes=_rows(base.page.attributes, attributes, "$.page", _attribute_values(base.generation), _DATA),
        keys=_rows(base.page.keys, keys, "$.page", _as_is),
        texts=_rows(base.page.texts, file.texts, "$.texts", _text_value),
    )


def _split(changes: RowChanges, generation: Generation) -> tuple[RowChanges, RowChanges]:
    """Return the changes of attributes, their names without `data-`, and the changes of keys."""
    attributes, keys = RowChanges.empty(), RowChanges.empty()
    for old, new in changes.renamed.items():
        if old.startswith(_DATA) is not new.startswith(_DATA):
            raise SettingsError(f"an attribute stays an attribute: `{old}` cannot be `{new}` - at `$.page.renamed`")
        (attributes if old.startswith(_DATA) else keys).renamed[old.removeprefix(_DATA)] = new.removeprefix(_DATA)
    for name in changes.dropped:
        (attributes if name.startswith(_DATA) else keys).dropped.append(name.removeprefix(_DATA))
    for name, value in changes.changed.items():
        (attributes if name.startswith(_DATA) else keys).changed[name.removeprefix(_DATA)] = value
    for each in changes.added:
        (attributes if each.name.startswith(_DATA) else keys).added.append(each.without(_DATA))
    if generation == "wpaicg" and keys != RowChanges.empty():
        raise SettingsError("WPAICG pages have attributes only, so a name begins with `data-` - at `$.page`")
    return attributes, keys


def _rows(rows: Rows, changes: RowChanges, place: str, value: Callable[[Any, str], Any], prefix: str = "") -> Rows:
    rows = page.dropped(rows, changes.dropped, place, prefix)
    rows = page.renamed(rows, changes.renamed, place, prefix)
    new_values = {name: value(each, f"{place}.changed.{prefix}{name}") for name, each in changes.changed.items()}
    rows = page.changed(rows, new_values, place, prefix)
    new = [
        AddedRow(
            row=Row(
                name=each.name,
                slot=each.name,
                value=value(each.value, f"{place}.added[{number}].value"),
                spaced=each.spaced,
            ),
            after=each.after,
            before=each.before,
        )
        for number, each in enumerate(changes.added)
    ]
    return page.added(rows, new, place, prefix)


def _as_is(value: Any, _place: str) -> Any:
    return value


def _text_value(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"a text is wanted, not {value!r} (put it in quotes) - at `{place}`")
    return value


def _attribute_values(generation: Generation) -> Callable[[Any, str], Any]:
    return _of_elements if generation == "wpaicg" else _text_value


def _of_elements(value: Any, place: str) -> dict[str, str]:
    """Return an attribute's value by element: a text applies to both, a mapping only to those in it."""
    if not isinstance(value, dict):
        return dict.fromkeys(ELEMENTS, _text_value(value, place))
    for element in value:
        if element not in ELEMENTS:
            hint = did_you_mean(element, ELEMENTS) or f"; there are {', '.join(ELEMENTS)}"
            raise SettingsError(f"no chat element is a `{element}` - at `{place}`{hint}")
    return {element: _text_value(text, f"{place}.{element}") for element, text in value.items()}


def _providers(base: PluginRelease, changes: Mapping[str, Any]) -> Mapping[Provider, ProviderTraits]:
    if changes and base.generation == "wpaicg":
        raise SettingsError("WPAICG passes on what a provider sends, so nothing can differ - at `$.providers`")
    found = dict(base.providers)
    for name, change in changes.items():
        known: Sequence[Provider] = get_args(Provider)
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
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
    return {**base.wording, **changes}


def _events(base: PluginRelease, changes: EventChanges) -> EventFormat:
    known = AIPKIT_EVENTS if base.generation == "aipkit" else WPAICG_EVENTS
    _check_events(changes.renamed, known, "$.events.renamed")
    _check_events(changes.keys, known, "$.events.keys")
    if base.generation == "wpaicg" and changes.renamed:
        raise SettingsError("WPAICG passes on the events of the model's API as they are - at `$.events.renamed`")
    for name, keys in changes.keys.items():
        for key in keys:
            if key not in known[name]:
                hint = did_you_mean(key, known[name])
                raise SettingsError(f"the event `{name}` has no key `{key}` - at `$.events.keys.{name}`{hint}")
    for number, each in enumerate(changes.added):
        place = f"$.events.added[{number}]"
        if (each.after is None) is (each.before is None):
            raise SettingsError(f"an event is sent either `after` or `before` another - at `{place}`")
        _check_events((each.after or each.before or "",), known, place)
        if base.generation == "wpaicg" and each.after:
            raise SettingsError(f"WPAICG passes on bytes, so an event can only be `before: {TEXT}` - at `{place}`")
    new = tuple(
        AddedEvent(name=each.name, data=each.data, after=each.after, before=each.before) for each in changes.added
    )
    return EventFormat(
        names={**base.events.names, **changes.renamed},
        keys={**base.events.keys, **changes.keys},
        added=(*base.events.added, *new),
    )


def _check_events(names: Mapping[str, Any] | Sequence[str], known: Mapping[str, Any], place: str) -> None:
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise SettingsError(f"unknown event `{name}` - at `{place}`{hint}")
