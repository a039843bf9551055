"""Derive the events of a release from those of another one and a file of differences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.releases.event_format import (
    AIPKIT_EVENTS,
    OTHER_KEYS,
    REPEATED,
    TEXT,
    WPAICG_EVENTS,
    AddedEvent,
    EventFormat,
)
from chatgptfree_mock.sites.aipower.releases.release_file import EventChanges, EventToAdd, Generation
from chatgptfree_mock.suggestion import nearest_or_all

_NO_NAME: Final = re.compile(r"^\s|\s$|[\x00-\x1f\x7f]")
"""Characters that the name of an event cannot contain: a line end ends it, and blanks at either end are lost."""


def derived_events(base: EventFormat, changes: EventChanges, generation: Generation) -> EventFormat:
    """
    Return *base* with *changes*.

    Raises:
        SettingsError: an event or key is not known, or a new name cannot be, or is another's already.
    """
    known = AIPKIT_EVENTS if generation == "aipkit" else WPAICG_EVENTS
    _check_known(changes.renamed, known, "$.events.renamed")
    _check_known(changes.keys, known, "$.events.keys")
    if generation == "wpaicg" and changes.renamed:
        raise SettingsError("WPAICG passes on the events of the model's API as they are - at `$.events.renamed`")
    names = {**base.names, **changes.renamed}
    keys = {**base.keys, **{name: {**base.keys.get(name, {}), **new} for name, new in changes.keys.items()}}
    for old, name in changes.renamed.items():
        if name or old != TEXT:
            _check_name(name, f"$.events.renamed.{old}")
    _check_names(names, known)
    for name, new_keys in changes.keys.items():
        _check_keys(name, new_keys, keys[name], known[name])
    for number, each in enumerate(changes.added):
        _check_added(each, known, generation, f"$.events.added[{number}]")
    new = tuple(
        AddedEvent(name=each.name, data=each.data, after=each.after, before=each.before) for each in changes.added
    )
    made = EventFormat(names=names, keys=keys, added=(*base.added, *new))
    if made != base:
        _check_added_names(made, known)
    return made


def _check_known(names: Mapping[str, Any] | Sequence[str], known: Mapping[str, Any], place: str) -> None:
    for name in names:
        if name not in known:
            hint = nearest_or_all(name, known)
            raise SettingsError(f"unknown event `{name}` - at `{place}`{hint}")


def _check_name(name: str, place: str) -> None:
    if not name.strip():
        raise SettingsError(f"a name is missing - at `{place}`")
    if (wrong := _NO_NAME.search(name)) is not None:
        raise SettingsError(f"the name of an event cannot hold {wrong[0]!r} there - at `{place}`")


def _check_names(names: Mapping[str, str], known: Mapping[str, Any]) -> None:
    """Check that no two events have one name."""
    taken: dict[str, str] = {}
    for event in known:
        name = names.get(event, "" if event == TEXT else event)
        if name in taken:
            raise SettingsError(f"`{taken[name]}` and `{event}` would both be named `{name}` - at `$.events.renamed`")
        taken[name] = event


def _check_keys(event: str, new: Mapping[str, str], all_new: Mapping[str, str], known: Sequence[str]) -> None:
    place = f"$.events.keys.{event}"
    for key, name in new.items():
        if key not in known:
            hint = nearest_or_all(key, known)
            raise SettingsError(f"the event `{event}` has no key `{key}` - at `{place}`{hint}")
        if not name.strip():
            raise SettingsError(f"a name is missing - at `{place}.{key}`")
    taken = [*(all_new.get(key, key) for key in known), *OTHER_KEYS.get(event, ())]
    for key, name in new.items():
        if taken.count(name) > 1:
            raise SettingsError(f"the event `{event}` has a key `{name}` already - at `{place}.{key}`")


def _check_added(event: EventToAdd, known: Mapping[str, Any], generation: Generation, place: str) -> None:
    _check_name(event.name, f"{place}.name")
    if (event.after is None) is (event.before is None):
        raise SettingsError(f"an event is sent either `after` or `before` another - at `{place}`")
    _check_known((event.after or event.before or "",), known, place)
    if generation == "wpaicg" and event.after:
        raise SettingsError(f"WPAICG passes on bytes, so an event can only be `before: {TEXT}` - at `{place}`")


def _check_added_names(events: EventFormat, known: Mapping[str, Any]) -> None:
    """Check that a new event does not have the name of another one, such as one that ends an answer."""
    taken = {events.names.get(event, event): event for event in known if event not in REPEATED}
    for each in events.added:
        if each.name in taken and (taken[each.name] != TEXT or TEXT in events.names):
            raise SettingsError(f"there is an event `{each.name}` already - at `$.events.added`")
