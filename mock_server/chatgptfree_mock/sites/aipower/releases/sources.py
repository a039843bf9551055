"""
The sources of the facts of a release: a recording, published code, a changelog alone, or a guess.

A source is written as one of these words and, after a blank or a comma, the evidence: `recorded 2.3.41/stream_ok`,
`source of 2.4.81`, `changelog, seen in the source of 2.4.94`.  A release file has one source for all its changes, and
others by the place that they are about: `traits.throttle`, `page.sttLimits`, `texts`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final, get_args

import msgspec

from chatgptfree_mock.contract.release_facts import FactSource, SourceKind
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases.page_rows import ReleasePage
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.releases.release_file import Generation, ReleaseFile, RowChanges
from chatgptfree_mock.suggestion import did_you_mean, nearest_or_all

KINDS: Final[tuple[SourceKind, ...]] = get_args(SourceKind)
_FORM: Final = re.compile(r"(\w+)(?:(?:, *| +)(\S.*))?", re.DOTALL)

FilePlace = tuple[str, ...]
"""A position in a release file: the part, and the names below it."""


class FactSources(msgspec.Struct, frozen=True, kw_only=True):
    """The sources of all facts of one release."""

    default: FactSource
    """The source of facts that no file of the release or its bases changes: that of the first base."""
    by_key: Mapping[str, FactSource] = msgspec.field(default_factory=dict)

    def of(self, key: str) -> FactSource:
        """Return the source of the fact *key*."""
        return self.by_key.get(key, self.default)


NO_SOURCES: Final = FactSources(default=FactSource())


def parse_source(text: str, *, since: str, place: str) -> FactSource:
    """
    Parse the source in *text*, for facts of the release *since*.

    *place* is where it was read, such as ``$.source``, for the message.

    Raises:
        SettingsError: it does not begin with the name of a kind of source.
    """
    found = _FORM.fullmatch(text.strip())
    kind = next((each for each in KINDS if found is not None and each == found[1]), None)
    if found is None or kind is None:
        hint = nearest_or_all(re.split("[, ]", text, maxsplit=1)[0], KINDS)
        raise SettingsError(f"unknown source `{text[:40]}` - at `{place}`{hint}")
    return FactSource(kind=kind, evidence=found[2] or "", since=since)


def sources_of(
    name: str, file: ReleaseFile, base: FactSources | None, facts: Iterable[tuple[FilePlace, str]]
) -> FactSources:
    """
    Return the sources of the release *name*: those of its *base*, and those of the facts in its *file*.

    *facts* are the places in the file, each with the key of the fact there.

    Raises:
        SettingsError: a source has another form, or is about a fact that the file does not have.
    """
    own = parse_source(file.source, since=name, place="$.source")
    written = {
        about: parse_source(text, since=name, place=f"$.sources.{about}") for about, text in file.sources.items()
    }
    found, known = dict(base.by_key) if base is not None else {}, set[str]()
    for place, key in facts:
        candidates = [".".join(place[:length]) for length in range(len(place), 0, -1)]
        known.update(candidates)
        found[key] = next((written[each] for each in candidates if each in written), own)
    for about in file.sources:
        if about not in known:
            hint = did_you_mean(about, known)
            raise SettingsError(f"the file has no `{about}` - at `$.sources`{hint}")
    return FactSources(default=base.default if base is not None else own, by_key=found)


def facts_in(
    file: ReleaseFile, *, generation: Generation, pages: Sequence[ReleasePage], new_providers: Collection[str]
) -> Iterator[tuple[FilePlace, str]]:
    """
    Yield the facts in *file*: the place in the file, and the key of the fact.

    *pages* are those of the base and of the release, for looking rows up; *new_providers* are not in the base, so that
    all their traits are new.
    """
    yield from ((("traits", name), f"{generation}.{name}") for name in file.traits)
    for provider, traits in file.providers.items():
        if traits is None or provider in new_providers:
            yield ("providers", provider), f"provider.{provider}"
        for name in [trait.name for trait in fields(ProviderTraits)] if provider in new_providers else traits or ():
            yield ("providers", provider, name), f"provider.{provider}.{name}"
    yield from ((("actions", name), f"action.{name}") for name in file.actions)
    rows, texts = list(_names(file.page)), list(_names(file.texts))
    if rows or texts:
        slots = {name: slot for page in pages for name, slot in page_slots(page, generation)}
        yield from ((("page", name), slots[name]) for name in rows)
        yield from ((("texts", name), slots[f"text {name}"]) for name in texts)
    yield from ((("events", name), f"event.{name}") for name in file.events.renamed)
    for event, keys in file.events.keys.items():
        yield from ((("events", event, key), f"event.{event}.{key}") for key in keys)
    yield from ((("events", event.name), f"event.{event.name}") for event in file.events.added)
    yield from ((("wording", sentence), f"wording.{sentence}") for sentence in file.wording)


def page_slots(page: ReleasePage, generation: Generation) -> Iterator[tuple[str, str]]:
    """Yield the rows of *page*: their names in files (texts after `text `), and the keys of their facts."""
    texts = "languages" if generation == "wpaicg" else "text"
    yield from ((f"data-{row.name}", f"data-{row.slot}") for row in page.attributes)
    yield from ((row.name, row.slot) for row in page.keys)
    yield from ((f"text {row.name}", f"{texts}.{row.slot}") for row in page.texts)


def _names(changes: RowChanges) -> Iterator[str]:
    """Yield the names of the rows in *changes*."""
    yield from changes.dropped
    for old, new in changes.renamed.items():
        yield from (old, new)
    yield from changes.changed
    yield from (row.name for row in changes.added)
