"""
The changes on the wire between two releases, in words for authors of clients.

It is derived: the words are those of the traits, and the contents of a page come from the rows that pages are rendered
from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final

from msgspec import to_builtins
from msgspec.structs import replace

from chatgptfree_mock.contract.release_facts import Change, Fact
from chatgptfree_mock.sites.aipower.releases.event_format import TEXT, AddedEvent
from chatgptfree_mock.sites.aipower.releases.last_change import since_when, source_since
from chatgptfree_mock.sites.aipower.releases.page_changelog import page_changes, value_text
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease
from chatgptfree_mock.sites.aipower.releases.release_file import Generation
from chatgptfree_mock.sites.aipower.releases.traits import TraitDescription, describe

_PROTOCOLS: Final[Mapping[Generation, str]] = {
    "wpaicg": "WPAICG: one POST with a nonce, answered by an event stream or by JSON, as the server "
    "likes; the page's values are data- attributes of the chat element.",
    "aipkit": "AIPKit: a POST that caches the message and a GET that streams the answer; the page's "
    "values are JSON in the attribute data-config.",
}
_DEFAULTS: Final = tuple((each.trait, each.value) for each in describe(ProviderTraits()))


def facts(release: PluginRelease) -> Mapping[str, Fact]:
    """Return all that is known of *release*, by key: its protocol, its traits, its providers, its events."""
    return {key: replace(fact, source=release.sources.of(key)) for key, fact in _facts(release).items()}


@lru_cache(256)
def _facts(release: PluginRelease) -> Mapping[str, Fact]:
    """Return the facts of *release* by key, without their sources."""
    return {fact.key: fact for fact in (*_traits(release), *_differences(release))}


def _traits(release: PluginRelease) -> Iterator[Fact]:
    generation = release.generation
    yield Fact(key="generation", topic="request", value=generation, sentence=_PROTOCOLS[generation])
    yield from (_fact(generation, each) for each in describe(release.traits))
    for provider, traits in release.providers.items():
        yield from _of_provider(provider, traits)


@lru_cache(256)
def _of_provider(provider: str, traits: ProviderTraits) -> tuple[Fact, ...]:
    key = f"provider.{provider}"
    known = Fact(key=key, topic="providers", value=True, sentence=f"{provider} can be the provider.")
    described = (replace(each, sentence=f"{provider}: {each.sentence}") for each in describe(traits))
    return (known, *(_fact(key, each) for each in described))


def _differences(release: PluginRelease) -> Iterator[Fact]:
    """Yield what *release* has in place of the words of its generation: events, actions, sentences."""
    for name, new in release.events.names.items():
        yield Fact(
            key=f"event.{name}", topic="stream", value=new, sentence=f"The event {_event(name)} is called `{new}`."
        )
    for event, keys in release.events.keys.items():
        for key, new in keys.items():
            sentence = f"In the event {_event(event)} the key `{key}` is called `{new}`."
            yield Fact(key=f"event.{event}.{key}", topic="stream", value=new, sentence=sentence)
    for added in release.events.added:
        yield Fact(key=f"event.{added.name}", topic="stream", value=to_builtins(added), sentence=_added(added))
    for old, new in release.actions.items():
        yield Fact(key=f"action.{old}", topic="request", value=new, sentence=f"The action {old} is called {new}.")
    yield from _wording(release)


def _wording(release: PluginRelease) -> Iterator[Fact]:
    for old, new in release.wording.items():
        yield Fact(key=f"wording.{old}", topic="wording", value=new, sentence=f'"{old}" reads "{new}".')


def _fact(key: str, each: TraitDescription) -> Fact:
    return Fact(key=f"{key}.{each.trait}", topic=each.topic, value=each.value, sentence=each.sentence)


def _event(name: str) -> str:
    return "with a delta of the answer" if name == TEXT else f"`{name}`"


def _added(added: AddedEvent) -> str:
    where = (
        f"before the first event {_event(added.before)}"
        if added.before
        else f"after the event {_event(added.after or '')}"
    )
    return f"An event `{added.name}` is sent {where}: {value_text(added.data)}."


def changes(releases: Sequence[PluginRelease]) -> list[Change]:
    """Return the differences between the first and the last release of *releases*, the oldest change first."""
    first, last = releases[0], releases[-1]
    was, now, found = _facts(first), _facts(last), []
    for key, fact in now.items():
        old = was.get(key)
        if old.value != fact.value if old is not None else not _is_default(fact):
            before = old.sentence if old is not None else ""
            found.append(_change(releases, partial(_value, key=key), key, fact.topic, before, fact.sentence))
    for key in _gone(was, now):
        before, after = was[key].sentence, "This is no longer so."
        found.append(_change(releases, partial(_value, key=key), key, was[key].topic, before, after))
    if first.generation == last.generation:
        found += page_changes(releases)
    places = {release.name: place for place, release in enumerate(releases)}
    return sorted(found, key=lambda change: places[change.since])


def _is_default(fact: Fact) -> bool:
    """Return whether *fact* is the default value of a trait of a provider, which is not listed for a new provider."""
    _, _, trait = fact.key.removeprefix("provider").rpartition(".")
    return fact.key.startswith("provider.") and (trait, fact.value) in _DEFAULTS


def _gone(was: Mapping[str, Fact], now: Mapping[str, Fact]) -> Iterator[str]:
    """Yield the keys of facts that no longer hold; of a removed provider only the provider itself."""
    for key in was:
        if key in now or not key.startswith(("event.", "action.", "wording.", "provider.")):
            continue
        if not key.startswith("provider.") or key.count(".") == 1:
            yield key


def _change(
    releases: Sequence[PluginRelease],
    state: Callable[[PluginRelease], object],
    key: str,
    topic: str,
    before: str,
    after: str,
) -> Change:
    since = since_when(releases, state)
    source = source_since(releases, since, key)
    return Change(key=key, topic=topic, before=before, after=after, since=since.name, source=source)


def _value(release: PluginRelease, *, key: str) -> object:
    fact = _facts(release).get(key)
    return fact.value if fact is not None else None
