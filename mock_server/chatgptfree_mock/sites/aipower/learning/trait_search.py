"""Learn traits by experiment: change one at a time, ask again, and keep what makes the answers more alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange
from chatgptfree_mock.sites.aipower.learning.outcomes import Outcomes
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace

_OF_THE_SCRIPT = "front_end"
"""Prefix of the traits of the page's script, which no recorded response shows."""


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Another value of one trait."""

    place: FilePlace
    key: str
    value: Any
    on_page: bool

    @property
    def whole_place(self) -> FilePlace:
        """Return the place of the trait itself in a release file."""
        return (*self.place, self.key)

    def __str__(self) -> str:
        """Return the trait and its value as written in a release file."""
        return f"{'.'.join(self.whole_place)}: {self.value}"


class _TriedTrait(msgspec.Struct, frozen=True, kw_only=True):
    alternative: Alternative
    gain: int
    solved: tuple[int, ...]


class TraitSearch:
    """Searches for traits that explain the differences in *exchanges*."""

    def __init__(self, outcomes: Outcomes, exchanges: Sequence[SortedExchange], providers: Sequence[str]) -> None:
        self._outcomes, self._exchanges, self._providers = outcomes, exchanges, providers

    def learn(self, draft: Draft, *, whole: bool) -> bool:
        """
        Write the traits that make answers more alike into *draft*, and return whether there were any.

        *whole*: only traits of the page, and traits that remove all differences of at least one exchange.
        """
        candidates = [tried for each in self._alternatives(draft) if (tried := self._try(draft, each)).gain > 0]
        candidates = [tried for tried in candidates if tried.solved or tried.alternative.on_page or not whole]
        candidates.sort(key=lambda tried: (-len(tried.solved), -tried.gain))
        kept: list[_TriedTrait] = []
        for tried in candidates:
            again = self._try(draft, tried.alternative)
            if again.gain > 0 and (again.solved or tried.alternative.on_page or not whole):
                self._keep(draft, tried.alternative)
                kept.append(tried)
            else:
                _ask_which(draft, tried, kept)
        return bool(kept)

    def _keep(self, draft: Draft, found: Alternative) -> None:
        before = draft.release()
        after = _with(draft, found)
        exchange = next(
            each
            for each in self._relevant(found)
            if self._outcomes.of(before, each).distance > self._outcomes.of(after, each).distance
        )
        situation = self._outcomes.of(after, exchange).situation
        old = self._outcomes.within(before, exchange, situation)
        evidence = f"{exchange.name}: without it {_first(old.differences or old.traces)}"
        draft.put(found.place, found.key, found.value, evidence)

    def _try(self, draft: Draft, alternative: Alternative) -> _TriedTrait:
        before = draft.release()
        if not any(self._outcomes.of(before, each).distance for each in self._relevant(alternative)):
            return _TriedTrait(alternative=alternative, gain=0, solved=())
        try:
            after = _with(draft, alternative)
        except SettingsError:
            return _TriedTrait(alternative=alternative, gain=0, solved=())
        gain, solved = 0, []
        for exchange in self._relevant(alternative):
            old = self._outcomes.of(before, exchange)
            if not old.distance:
                continue
            new = self._outcomes.with_trait(alternative.whole_place, after, before, exchange)
            if exchange.unregistered and new.differences:
                continue  # a site without the action shows nothing else about it
            gain += old.distance - new.distance
            if old.differences and not new.differences:
                solved.append(exchange.number)
        if gain > 0 and self._breaks(before, after, alternative):
            gain = 0
        return _TriedTrait(alternative=alternative, gain=gain, solved=tuple(solved))

    def _breaks(self, before: PluginRelease, after: PluginRelease, alternative: Alternative) -> bool:
        return any(
            not self._outcomes.of(before, each).distance
            and self._outcomes.with_trait(alternative.whole_place, after, before, each).distance
            for each in self._relevant(alternative)
        )

    def _relevant(self, alternative: Alternative) -> Iterator[SortedExchange]:
        return (each for each in self._exchanges if (each.purpose == "page") is alternative.on_page)

    def _alternatives(self, draft: Draft) -> Iterator[Alternative]:
        release = draft.release()
        hints = get_type_hints(type(release.traits))
        for spec in fields(release.traits):
            topic = spec.metadata["topic"]
            if topic == "model" or spec.name.startswith(_OF_THE_SCRIPT):
                continue
            for value in _others(getattr(release.traits, spec.name), hints[spec.name]):
                yield Alternative(place=("traits",), key=spec.name, value=value, on_page=topic == "page")
        for provider in self._providers:
            known = next((traits for name, traits in release.providers.items() if name == provider), None)
            if known is not None:
                yield from self._of_provider(provider, known)

    def _of_provider(self, provider: str, traits: ProviderTraits) -> Iterator[Alternative]:
        place = ("providers", provider)
        hints = get_type_hints(ProviderTraits)
        for spec in fields(traits):
            for value in _others(getattr(traits, spec.name), hints[spec.name]):
                yield Alternative(place=place, key=spec.name, value=value, on_page=False)
        seen = [
            event.value["type"]
            for exchange in self._exchanges
            if exchange.purpose == "stream"
            for event in exchange.events
            if event.name == "status" and isinstance(event.value, dict) and isinstance(event.value.get("type"), str)
        ]
        wanted = [*traits.statuses, *(each for each in dict.fromkeys(seen) if each not in traits.statuses)]
        for value in ([], wanted):
            if value != list(traits.statuses):
                yield Alternative(place=place, key="statuses", value=value, on_page=False)


def _others(value: Any, hint: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    return [each for each in get_args(hint) if each != value] if get_origin(hint) is Literal else []


def _with(draft: Draft, found: Alternative) -> PluginRelease:
    changed = draft.copy()
    changed.put(found.place, found.key, found.value, "")
    return changed.release()


def _first(differences: Sequence[str]) -> str:
    return next(iter(differences), "")


def _ask_which(draft: Draft, tried: _TriedTrait, kept: Sequence[_TriedTrait]) -> None:
    """Ask the user where two traits explain the same exchanges."""
    for other in kept:
        if tried.solved and tried.solved == other.solved and not tried.alternative.on_page:
            numbers = ", ".join(map(str, tried.solved))
            draft.ask(f"exchange {numbers}: `{other.alternative}` explains it, and so would `{tried.alternative}`")
