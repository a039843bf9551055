"""Learn new sentences from refusals that differ from the release's in one text only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import SequenceMatcher
from typing import Any, Final

import msgspec

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange, events_of, is_stream
from chatgptfree_mock.sites.aipower.learning.outcomes import Outcomes
from chatgptfree_mock.sites.aipower.learning.situations import Situation, situations
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace
from chatgptfree_mock.sites.aipower.releases.wording import SENTENCES
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Response

_NAMES: Final = re.compile(r"\\\{(\w+)\\\}")
_ALIKE: Final = 0.6
"""The similarity from which two sentences count as the same one reworded, if no other sentence is similar too."""
_UNLIKE: Final = 0.5


class _NewWords(msgspec.Struct, frozen=True, kw_only=True):
    place: FilePlace
    key: str
    """A sentence of the generation, or the trait that contains it."""
    before: str
    after: str
    situation: Situation

    @property
    def likeness(self) -> float:
        return SequenceMatcher(None, self.before, self.after, autojunk=False).ratio()


def learn_wording(draft: Draft, outcomes: Outcomes, exchanges: Sequence[SortedExchange]) -> None:
    """Write reworded sentences into *draft*."""
    for exchange in exchanges:
        release = draft.release()
        if exchange.purpose == "page" or not outcomes.of(release, exchange).differences:
            continue
        options: dict[tuple[FilePlace, str], _NewWords] = {}
        for option in _options(draft, release, outcomes, exchange):
            options.setdefault((option.place, option.key), option)
        chosen = _choose(list(options.values()))
        if chosen is not None:
            assumed = f", if {chosen.situation.words}" if chosen.situation.words else ""
            seen = f'{exchange.name}: in place of "{chosen.before}"{assumed}'
            draft.put(chosen.place, chosen.key, chosen.after, seen)
        elif options:
            draft.ask(_which(exchange, list(options.values())), settled_by=exchange.name)


def _which(exchange: SortedExchange, options: Sequence[_NewWords]) -> str:
    """Return the question which of *options* it is, one a line."""
    sentences = (
        f'"{each.before}"' + (f", if {each.situation.words}" if each.situation.words else "") for each in options
    )
    return "\n".join([f'{exchange.name}: which sentence reads "{options[0].after}" now? It may be', *sentences])


def _choose(options: Sequence[_NewWords]) -> _NewWords | None:
    """Return the sentence that the recording proves, or the only one that is similar to the new text."""
    shown = next((each for each in options if not each.situation.assumed), None)
    ranked = sorted(options, key=lambda each: -each.likeness)
    if ranked and ranked[0].likeness >= _ALIKE and all(each.likeness < _UNLIKE for each in ranked[1:]):
        return ranked[0]
    return shown


def _options(draft: Draft, release: PluginRelease, outcomes: Outcomes, exchange: SortedExchange) -> Iterator[_NewWords]:
    for situation in situations(exchange, outcomes.shown(exchange)):
        reply = outcomes.within(release, exchange, situation).reply
        words = None if reply is None else _other_words(reply, exchange.interaction.response)
        if words is None or (situation.assumed and _means_something_else(release, words[1])):
            continue
        for option in _known(release, *words, situation):
            if _explains(draft, outcomes, exchange, option):
                yield option


def _explains(draft: Draft, outcomes: Outcomes, exchange: SortedExchange, option: _NewWords) -> bool:
    changed = draft.copy()
    changed.put(option.place, option.key, option.after, "")
    try:
        return not outcomes.within(changed.release(), exchange, option.situation).differences
    except SettingsError:
        return False


def _means_something_else(release: PluginRelease, recorded: str) -> bool:
    """Return whether the recorded words are a sentence that the release has for another occasion."""
    known = {release.wording.get(each, each) for each in SENTENCES[release.generation]}
    return recorded in known | {
        value for spec in fields(release.traits) if (value := getattr(release.traits, spec.name))
    }


def _known(release: PluginRelease, before: str, after: str, situation: Situation) -> Iterator[_NewWords]:
    """Yield the trait or the sentence that *before* is, with the words that make it *after*."""
    for spec in fields(release.traits):
        if before and getattr(release.traits, spec.name) == before:
            yield _NewWords(place=("traits",), key=spec.name, before=before, after=after, situation=situation)
            return
    for sentence in SENTENCES[release.generation]:
        now = release.wording.get(sentence, sentence)
        words = _reworded(now, before, after)
        if words is not None:
            yield _NewWords(place=("wording",), key=sentence, before=now, after=words, situation=situation)
            return


def _reworded(sentence: str, before: str, after: str) -> str | None:
    """Return the text in *after* where *before* has *sentence*, if everything around it is equal."""
    pattern = _NAMES.sub(r"(?P<\1>.+?)", re.escape(sentence))
    found = re.search(pattern, before, re.DOTALL)
    if found is None or (len(found[0]) < len(before) and _NAMES.search(re.escape(sentence))):
        return None
    start, end = before[: found.start()], before[found.end() :]
    if not (after.startswith(start) and after.endswith(end) and len(after) > len(start) + len(end)):
        return None
    words = after[len(start) : len(after) - len(end)]
    for name, value in found.groupdict().items():
        words = words.replace(value, f"{{{name}}}")
    return words


def _other_words(reply: Response, recorded: Response) -> tuple[str, str] | None:
    """Return the only text that differs between two responses, as in both; None if not exactly one differs."""
    if reply.status != recorded.status or is_stream(reply) is not is_stream(recorded):
        return None
    before, after = _texts(reply), _texts(recorded)
    if list(before) != list(after):
        return None
    differing = {(before[key], after[key]) for key in before if before[key] != after[key]}
    return differing.pop() if len(differing) == 1 else None


def _texts(response: Response) -> Mapping[Any, str]:
    """Return the texts of a response by place: those of its JSON, of the first event of each name, or its body."""
    if is_stream(response):
        return dict(_of_stream(response))
    value = json_or_none(response.body)
    return dict(_flat(value)) if isinstance(value, dict) else {(): response.body.decode(errors="replace")}


def _of_stream(response: Response) -> Iterator[tuple[Any, str]]:
    seen: set[str] = set()
    for event in events_of(response.body):
        if event.name not in seen:
            seen.add(event.name)
            yield from (((event.name, *place), text) for place, text in _flat(event.value))


def _flat(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, (*place, key))
    elif isinstance(value, str):
        yield place, value
    else:
        yield place, type(value).__name__
