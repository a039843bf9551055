"""The changes on the page between two releases, from the rows that pages are rendered from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

import msgspec

from chatgptfree_mock.contract.release_facts import Change, FactSource
from chatgptfree_mock.sites.aipower.releases import page_order
from chatgptfree_mock.sites.aipower.releases.last_change import since_when, source_since
from chatgptfree_mock.sites.aipower.releases.page_rows import Row
from chatgptfree_mock.sites.aipower.releases.release import PluginRelease

_NEW: Final = "New in"
_LONGEST: Final = 60
"""The number of characters of a value that are shown."""


class _PageName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that a client may read from a chat element, its place there, and its value for a fresh bot."""

    name: str
    place: str
    value: Any


def page_names(release: PluginRelease) -> Mapping[str, str]:
    """Return the names that a client may read from a chat element, in order, each with its place."""
    return {name.name: name.place for name in _names_on_page(release).values()}


def page_sources(release: PluginRelease) -> Mapping[str, FactSource]:
    """Return the source of each name in `page_names`."""
    return {name.name: release.sources.of(slot) for slot, name in _names_on_page(release).items()}


@lru_cache(256)
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


def page_changes(releases: Sequence[PluginRelease]) -> Iterator[Change]:
    """Yield the changes of the page; differences of one kind and release are one change."""
    gathered: dict[tuple[str, str, FactSource], list[str]] = {}
    new: dict[str, tuple[str, str, FactSource]] = {}
    for slot, kind, part, state in _page_differences(releases[0], releases[-1]):
        since = since_when(releases, state)
        group = (since.name, kind, source_since(releases, since, slot))
        if kind.startswith(_NEW):
            new[slot] = group
            # Of several adjacent new names only the first one needs a place.
            if new.get(page_order.before(list(_names_on_page(releases[-1])), slot)) != group:
                part += _place_in_order(releases[-1], slot)
        gathered.setdefault(group, []).append(part)
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
    """Yield each difference: its slot, kind and place, its name, and a function of a release to find its origin by."""
    if first.page == last.page:
        return
    before, after = _names_on_page(first), _names_on_page(last)
    for slot in {**before, **after}:
        old, new = before.get(slot), after.get(slot)
        if old is None and new is not None:
            yield slot, f"{_NEW} {new.place}", new.name, partial(_has_slot, slot=slot)
        elif new is None and old is not None:
            yield slot, f"Gone from {old.place}", old.name, partial(_has_slot, slot=slot)
        elif old is not None and new is not None:
            if old.name != new.name:
                yield slot, f"Renamed in {new.place}", f"{old.name} → {new.name}", partial(_name, slot=slot)
            elif old.place != new.place and slot.startswith("data-"):
                yield slot, f"Now on {new.place}", new.name, partial(_place, slot=slot)
            if old.value != new.value:
                change = f"{new.name} from {value_text(old.value)} to {value_text(new.value)}"
                yield slot, f"Changed in {new.place}", change, partial(_page_value, slot=slot)

    common = frozenset(before) & frozenset(after)
    for slot in page_order.moved(list(before), list(after)):
        part = after[slot].name + _place_in_order(last, slot)
        yield slot, f"Moved in {after[slot].place}", part, partial(_neighbour, slot=slot, among=common)


def _place_in_order(release: PluginRelease, slot: str) -> str:
    """Return the place of a name in brackets: the name of its kind that precedes it."""
    names = _names_on_page(release)
    neighbour = page_order.before(list(names), slot)
    return f" (after {names[neighbour].name})" if neighbour else " (first)"


def _neighbour(release: PluginRelease, *, slot: str, among: frozenset[str]) -> object:
    names = [each for each in _names_on_page(release) if each in among]
    return page_order.before(names, slot) if slot in names else None


def _has_slot(release: PluginRelease, *, slot: str) -> bool:
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


def value_text(value: object) -> str:
    """Return *value* as shortened JSON; texts per chat element that are all equal count as one text."""
    if isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        texts = list(dict.fromkeys(value.values()))
        if set(value) <= {"shortcode", "widget"} and len(texts) == 1:
            value = texts[0]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
