"""Learn the events of a stream: other names, other keys, and events that the nearest release does not send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import RecordedEvent, SortedExchange
from chatgptfree_mock.sites.aipower.releases.event_format import AIPKIT_EVENTS, TEXT, WPAICG_EVENTS
from chatgptfree_mock.tape.renames import renamed


def learn_events(draft: Draft, exchange: SortedExchange, reply: Sequence[RecordedEvent]) -> None:
    """Write into *draft* how the stream of *exchange* differs from *reply*, the stream of the release so far."""
    if draft.base.generation == "wpaicg":
        _learn_leading(draft, exchange, {event.name for event in reply})
        return
    before, after = _firsts(reply), _firsts(exchange.events)
    names = _renamed_events(before, after)
    for old, new in names.items():
        generic = _generic(draft, old)
        if new in AIPKIT_EVENTS or generic not in AIPKIT_EVENTS:
            draft.ask(f"{exchange.name}: is `{new}` the renamed event `{old}`?")
            continue
        draft.put(("events", "renamed"), generic, new, f"{exchange.name}: `{new}` is where `{old}` was")
    for old, first in before.items():
        new = names.get(old, old)
        if new in after:
            _learn_keys(draft, exchange, _generic(draft, old), first, after[new])
    back = {new: _generic(draft, old) for old, new in names.items()}
    back |= {name: _generic(draft, name) for name in after if name in before}
    _learn_added(draft, exchange, back)


def _firsts(events: Iterable[RecordedEvent]) -> dict[str, Any]:
    """Return the data of the first event of each name, in order; the unnamed event is called `text`."""
    found: dict[str, Any] = {}
    for event in events:
        found.setdefault(event.name or TEXT, event.value)
    return found


def _renamed_events(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return new names by the old ones: of events with the same keys, which prove most, then of those in one place."""
    gone = {_keys(data): name for name, data in before.items() if name not in after and _keys(data)}
    fresh = {_keys(data): name for name, data in after.items() if name not in before and _keys(data)}
    by_keys = {name: fresh[keys] for keys, name in gone.items() if keys in fresh}
    others = {name: data for name, data in before.items() if name not in by_keys}
    wanted = {_shape(data) for name, data in others.items() if name not in after}
    # A new event that cannot be a renamed one must not shift the places of the others.
    rest = {
        name: data
        for name, data in after.items()
        if name not in by_keys.values() and (name in before or _shape(data) in wanted)
    }
    return by_keys | renamed(others, rest, lambda _name, data: _shape(data))


def _keys(data: Any) -> tuple[str, ...]:
    return tuple(data) if isinstance(data, dict) else ()


def _shape(data: Any) -> object:
    if isinstance(data, dict):
        return tuple("number" if isinstance(each, int | float) else type(each).__name__ for each in data.values())
    return type(data).__name__


def _generic(draft: Draft, name: str) -> str:
    """Return the generation's name of the event that the release so far calls *name*."""
    written = {**draft.base.events.names, **draft.data.get("events", {}).get("renamed", {})}
    return next((old for old, new in written.items() if new == name), name)


def _learn_keys(draft: Draft, exchange: SortedExchange, event: str, before: Any, after: Any) -> None:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    known = draft.base.events.keys.get(event, {})
    generic = {new: old for old, new in known.items()}
    names = renamed(before, after, lambda _name, value: type(value).__name__)
    for old, new in names.items():
        if generic.get(old, old) in AIPKIT_EVENTS.get(event, ()):
            seen = f"{exchange.name}: `{new}` is where `{old}` was"
            draft.put(("events", "keys", event), generic.get(old, old), new, seen)
        else:
            draft.ask(
                f"{exchange.name}: in event `{event}` the key `{old}` seems to be `{new}`, which files cannot express"
            )
    for key in after:
        if key not in before and key not in names.values():
            draft.ask(
                f"{exchange.name}: the event `{event}` has an additional key, `{key}`, which a release file cannot add"
            )


def _learn_added(draft: Draft, exchange: SortedExchange, known: Mapping[str, str]) -> None:
    """Add the events that the release so far lacks; *known* maps names on the wire to its events."""
    written = [event.name or TEXT for event in exchange.events]
    there = {each["name"] for each in draft.data.get("events", {}).get("added", [])}
    there |= {each.name for each in draft.base.events.added}
    for name, data in _firsts(exchange.events).items():
        if name in known or name in there or name in AIPKIT_EVENTS:
            continue
        event: dict[str, Any] = {"name": name, "data": data, **_place(written, name, known)}
        if data is None:
            draft.ask(f"{exchange.name}: the data of the event `{name}` is not JSON, which a release file cannot write")
        elif len(event) == 2:
            draft.ask(f"{exchange.name}: where does the event `{name}` belong? No known event is beside it")
        else:
            draft.add(("events", "added"), event, f"{exchange.name}: new")
            if written.count(name) > 1:
                draft.ask(f"{exchange.name}: `{name}` comes {written.count(name)} times, a release file sends it once")


def _place(written: Sequence[str], name: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return the known event before or after which *name* is first sent."""
    at = written.index(name)
    following = next((each for each in written[at + 1 :] if each in known), None)
    earlier = next((each for each in reversed(written[:at]) if each in known), None)
    if following is not None and following not in written[:at]:
        return {"before": known[following]}
    if earlier is not None:
        return {"after": known[earlier]}
    return {} if following is None else {"before": known[following]}


def _learn_leading(draft: Draft, exchange: SortedExchange, known: set[str]) -> None:
    """Add the events before the answer, which are the plugin's own; all others come from the model's API."""
    there = {*known, *(each["name"] for each in draft.data.get("events", {}).get("added", []))}
    for event in exchange.events:
        if not event.name or not isinstance(event.value, dict) or "choices" in event.value or "error" in event.data:
            return
        if event.name not in there:
            place = next(iter(WPAICG_EVENTS))
            item = {"name": event.name, "data": event.value, "before": place}
            draft.add(("events", "added"), item, f"{exchange.name}: new, before the answer")
            there.add(event.name)
