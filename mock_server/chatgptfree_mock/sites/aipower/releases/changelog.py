"""
What changed on the wire from one release to another, in words that the author of a client understands.

Nothing is written down here twice: the words are those of the traits, and what is on a page is read off the same rows
that the pages are rendered from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import takewhile
from typing import Any, Final

from chatgptfree_mock.contract.releases import Change, Fact, FactSource
from chatgptfree_mock.sites.aipower.releases.events import TEXT, AddedEvent
from chatgptfree_mock.sites.aipower.releases.file import Generation
from chatgptfree_mock.sites.aipower.releases.numbers import order
from chatgptfree_mock.sites.aipower.releases.page import Row
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.aipower.releases.traits import TraitDescription, describe

_PROTOCOLS: Final[Mapping[Generation, str]] = {
    "wpaicg": "WPAICG: one POST with a nonce, answered by an event stream or by JSON, as the server "
    "likes; the page's values are data- attributes of the chat element.",
    "aipkit": "AIPKit: a POST that caches the message and a GET that streams the answer; the page's "
    "values are JSON in the attribute data-config.",
}
_USUAL: Final = tuple((each.trait, each.value) for each in describe(ProviderTraits()))
_LONGEST: Final = 60
"""So many characters of a value are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageName:
    """A name that a client may read off a chat element, where it is, and its value in a fresh bot."""

    name: str
    place: str
    value: Any


@cache
def facts(release: PluginRelease) -> Mapping[str, Fact]:
    """Return all that is known of *release*, by key: its protocol, its traits, its providers, its events."""
    return {fact.key: replace(fact, source=release.sources.of(fact.key)) for fact in _facts(release)}


def _facts(release: PluginRelease) -> Iterator[Fact]:
    generation = release.generation
    yield Fact(key="generation", topic="request", value=generation, sentence=_PROTOCOLS[generation])
    for each in describe(release.traits):
        yield _fact(generation, each)
    for provider, traits in release.providers.items():
        yield Fact(
            key=f"provider.{provider}", topic="providers", value=True, sentence=f"{provider} can be the provider."
        )
        for each in describe(traits):
            yield _fact(f"provider.{provider}", replace(each, sentence=f"{provider}: {each.sentence}"))
    for name, new in release.events.names.items():
        yield Fact(
            key=f"event.{name}", topic="stream", value=new, sentence=f"The event {_event(name)} is called `{new}`."
        )
    for event, keys in release.events.keys.items():
        for key, new in keys.items():
            sentence = f"In the event {_event(event)} the key `{key}` is called `{new}`."
            yield Fact(key=f"event.{event}.{key}", topic="stream", value=new, sentence=sentence)
    for added in release.events.added:
        yield Fact(key=f"event.{added.name}", topic="stream", value=added, sentence=_added(added))
    for old, new in release.actions.items():
        yield Fact(key=f"action.{old}", topic="request", value=new, sentence=f"The action {old} is called {new}.")
    yield from _wording(release)


def _wording(release: PluginRelease) -> Iterator[Fact]:
    for old, new in release.wording.items():
        yield Fact(key=f"wording.{old}", topic="wording", value=new, sentence=f'"{old}" reads "{new}".')


def _fact(key: str, each: TraitDescription) -> Fact:
    return Fact(key=f"{key}.{each.trait}", topic=each.topic, value=each.value, sentence=each.sentence)


def _event(name: str) -> str:
    return "with a piece of text" if name == TEXT else f"`{name}`"


def _added(added: AddedEvent) -> str:
    where = (
        f"before the first event {_event(added.before)}"
        if added.before
        else f"after the event {_event(added.after or '')}"
    )
    return f"An event `{added.name}` is sent {where}: {_shown(added.data)}."


def page_names(release: PluginRelease) -> Mapping[str, str]:
    """Return what a client may read off a chat element, in order, and where it is."""
    return {name.name: name.place for name in _names_on_page(release).values()}


def page_sources(release: PluginRelease) -> Mapping[str, FactSource]:
    """Return where each of the names of `page_names` is known from."""
    return {name.name: release.sources.of(slot) for slot, name in _names_on_page(release).items()}


@cache
def _names_on_page(release: PluginRelease) -> Mapping[str, _PageName]:
    """Return the names on the page by slot, in their order."""
    page, found = release.page, {}
    if release.generation == "wpaicg":
        for row in page.attributes:
            found[f"data-{row.slot}"] = _PageName(name=f"data-{row.name}", place=_elements(row), value=row.value)
        for row in page.texts:
            name = f"languages.{row.name}"
            found[f"languages.{row.slot}"] = _PageName(name=name, place="wpaicgParams", value=row.value)
        return found
    config = next((f"data-{row.name}" for row in page.attributes if row.slot == "config"), "nothing")
    for row in page.keys:
        found[row.slot] = _PageName(name=row.name, place=config, value=row.value)
    for row in page.texts:
        found[f"text.{row.slot}"] = _PageName(name=f"text.{row.name}", place=config, value=row.value)
    for row in page.attributes:
        found[f"data-{row.slot}"] = _PageName(name=f"data-{row.name}", place="the chat element", value=row.value)
    return found


def _elements(row: Row) -> str:
    return "both chat elements" if len(row.value) > 1 else f"the {next(iter(row.value), 'nothing')}"


def changes(way: Sequence[PluginRelease]) -> list[Change]:
    """Return in what the last release of *way* differs from its first, the oldest change first."""
    first, last = way[0], way[-1]
    was, found = facts(first), []
    for key, fact in facts(last).items():
        old = was.get(key)
        if old.value != fact.value if old is not None else not _is_usual(fact):
            before = old.sentence if old is not None else ""
            found.append(_change(way, partial(_value, key=key), key, fact.topic, before, fact.sentence))
    for key in _gone(was, facts(last)):
        before, after = was[key].sentence, "This is no longer so."
        found.append(_change(way, partial(_value, key=key), key, was[key].topic, before, after))
    if first.generation == last.generation:
        found += _page_changes(way)
    places = {release.name: place for place, release in enumerate(way)}
    return sorted(found, key=lambda change: places[change.since])


def _is_usual(fact: Fact) -> bool:
    """Return whether *fact* is the usual value of a trait of a provider, which is not listed for a new provider."""
    _, _, trait = fact.key.removeprefix("provider").rpartition(".")
    return fact.key.startswith("provider.") and (trait, fact.value) in _USUAL


def _gone(was: Mapping[str, Fact], now: Mapping[str, Fact]) -> Iterator[str]:
    """Yield the keys of facts that hold no more; of a provider that is gone only the provider."""
    for key in was:
        if key in now or not key.startswith(("event.", "action.", "wording.", "provider.")):
            continue
        if not key.startswith("provider.") or key.count(".") == 1:
            yield key


def _change(
    way: Sequence[PluginRelease],
    state: Callable[[PluginRelease], object],
    key: str,
    topic: str,
    before: str,
    after: str,
) -> Change:
    since = _since(way, state)
    source = _source(way, since, key)
    return Change(key=key, topic=topic, before=before, after=after, since=since.name, source=source)


def _source(way: Sequence[PluginRelease], since: PluginRelease, key: str) -> FactSource:
    """Return the source of the change of *key* in *since*: that of the newer of the two releases."""
    place = way.index(since)
    if place == 0:
        return since.sources.of(key)
    newer = max(way[place - 1], since, key=lambda release: order(release.name))
    return newer.sources.of(key)


def _value(release: PluginRelease, *, key: str) -> object:
    fact = facts(release).get(key)
    return fact.value if fact is not None else None


def _since(way: Sequence[PluginRelease], state: Callable[[PluginRelease], object]) -> PluginRelease:
    """Return the first release of *way* from which on *state* is what it is at the end."""
    reached = state(way[-1])
    same = takewhile(lambda release: state(release) == reached, reversed(way))
    return list(same)[-1]


def _page_changes(way: Sequence[PluginRelease]) -> Iterator[Change]:
    """Yield the changes of the page; those of one kind and release are one change."""
    gathered: dict[tuple[str, str, FactSource], list[str]] = {}
    for slot, kind, part, state in _page_differences(way[0], way[-1]):
        since = _since(way, state)
        gathered.setdefault((since.name, kind, _source(way, since, slot)), []).append(part)
    for (since_name, kind, source), parts in gathered.items():
        yield Change(
            key=f"page {since_name} {kind}",
            topic="page",
            before="",
            after=f"{kind}: {', '.join(parts)}.",
            since=since_name,
            source=source,
        )


def _page_differences(
    first: PluginRelease, last: PluginRelease
) -> Iterator[tuple[str, str, str, Callable[[PluginRelease], object]]]:
    """Yield each difference: its slot, its kind and place, its name, and the state by which its release is found."""
    before, after = _names_on_page(first), _names_on_page(last)
    for slot in {**before, **after}:
        old, new = before.get(slot), after.get(slot)
        if old is None and new is not None:
            yield slot, f"New in {new.place}", new.name, partial(_has, slot=slot)
        elif new is None and old is not None:
            yield slot, f"Gone from {old.place}", old.name, partial(_has, slot=slot)
        elif old is not None and new is not None:
            if old.name != new.name:
                yield slot, f"Renamed in {new.place}", f"{old.name} → {new.name}", partial(_name, slot=slot)
            elif old.place != new.place and slot.startswith("data-"):
                yield slot, f"Now on {new.place}", new.name, partial(_place, slot=slot)
            if old.value != new.value:
                change = f"{new.name} from {_shown(old.value)} to {_shown(new.value)}"
                yield slot, f"Changed in {new.place}", change, partial(_page_value, slot=slot)


def _has(release: PluginRelease, *, slot: str) -> bool:
    return slot in _names_on_page(release)


def _name(release: PluginRelease, *, slot: str) -> object:
    found = _names_on_page(release).get(slot)
    return found.name if found else None


def _place(release: PluginRelease, *, slot: str) -> object:
    found = _names_on_page(release).get(slot)
    return found.place if found else None


def _page_value(release: PluginRelease, *, slot: str) -> object:
    found = _names_on_page(release).get(slot)
    return found.value if found else None


def _shown(value: object) -> str:
    if isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        texts = list(dict.fromkeys(value.values()))
        if set(value) <= {"shortcode", "widget"} and len(texts) == 1:
            value = texts[0]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
