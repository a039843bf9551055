"""
The events that AIPKit writes, byte for byte.

Always one `data:` line, JSON with raw UTF-8 and escaped slashes; only errors and warnings carry an id.  A release may
call an event or one of its keys by another name, and have events of its own (see `releases.events`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from chatgptfree_mock.sites.aipower.releases.event_format import TEXT, AddedEvent, EventFormat
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.wordpress import php

PREAMBLE: Final = b":" + b" " * 4096 + b"\n\n"
"""A comment that makes proxies flush their buffers."""
KIND: Final = "text/event-stream; charset=utf-8"
CACHE_CONTROL: Final = "no-cache, no-store, must-revalidate, max-age=0"


_WORDED: Final = ("error", "warning")


class ServerEvent(msgspec.Struct, frozen=True, gc=False):
    """One event, by the names of the generation; the event with a delta of the answer is called `TEXT`."""

    name: str
    data: Any
    ident: str = ""


def delta(text: str) -> ServerEvent:
    """Return the event of a delta of the answer."""
    return ServerEvent(TEXT, {"delta": text})


def message_start(message_id: str) -> ServerEvent:
    """Return the event that opens an answer."""
    return ServerEvent("message_start", {"message_id": message_id})


def trouble(name: str, words: str, *, now: float, more: Mapping[str, Any] | None = None) -> ServerEvent:
    """Return an `error` or a `warning`; its id is the second in which it is written."""
    return ServerEvent(name, {"error": words, **(more or {})}, f"err-{int(now)}")


def done(more: Mapping[str, Any] | None = None) -> ServerEvent:
    """Return the last event of an answer that ended well, or that was refused beforehand."""
    return ServerEvent("done", {"finished": True, **(more or {})})


class EventWriter:
    """Writes events as one release does."""

    def __init__(self, written: EventFormat, wording: Wording) -> None:
        self._written = written
        self._wording = wording

    def stream(self, events: Iterable[tuple[int, ServerEvent]]) -> Iterator[tuple[int, bytes]]:
        """Yield the bytes of *events*, each with its time in milliseconds, and of those that the release adds."""
        waiting = list(self._written.added)
        for ms, event in events:
            yield from ((ms, _added(each)) for each in _taken(waiting, before=event.name))
            yield ms, self.event(event)
            yield from ((ms, _added(each)) for each in _taken(waiting, after=event.name))

    def event(self, event: ServerEvent) -> bytes:
        """Return the bytes of one event."""
        names, keys = self._written.names, self._written.keys.get(event.name)
        data = self._wording.value(event.data) if event.name in _WORDED and self._wording else event.data
        if keys and isinstance(data, Mapping):
            data = {keys.get(key, key): value for key, value in data.items()}
        return _encoded(names.get(event.name, "" if event.name == TEXT else event.name), data, event.ident)


def _taken(waiting: list[AddedEvent], *, before: str = "", after: str = "") -> list[AddedEvent]:
    """Remove from *waiting* the events to send next to an event of that name, and return them."""
    found = [each for each in waiting if (each.before or "-") == before or (each.after or "-") == after]
    for each in found:
        waiting.remove(each)
    return found


def _added(event: AddedEvent) -> bytes:
    return _encoded(event.name, event.data)


def _encoded(name: str, data: object, ident: str = "") -> bytes:
    head = (f"event: {name}\n" if name else "") + (f"id: {ident}\n" if ident else "")
    # PHP's json_encode fails on text that is not UTF-8, and the data line is then empty.
    coded = php.json_encode(data, php.Json.UNESCAPED_UNICODE) if _is_utf8(data) else ""
    return f"{head}data: {coded}\n\n".encode()


def _is_utf8(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_utf8(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_utf8(item) for item in value)
    return php.is_utf8(value) if isinstance(value, str) else True
