"""
Event streams for comparisons: the events, their order, their contents, and the end.

A recorded stream, broken or not, is split into its blocks, and nothing is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from chatgptfree_mock.diff.findings import Finding, added_and_removed, changed
from chatgptfree_mock.diff.shapes import Shape, compare_shapes, shape_of
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.variants.event_blocks import Block, split_blocks

UNNAMED: Final = "(without a name)"
COMMENT: Final = "(comment)"
_FIELDS: Final = ("data", "event", "id", "retry")
_LINE_ENDS: Final = {b"\n": "LF", b"\r\n": "CRLF", b"\r": "CR"}
_COLON: Final = re.compile(rb"(?:data|event):( ?)")
_BLANKS: Final = {b" ": "a blank", b"": "none"}
_LONG: Final = 1024
"""Characters from which on a comment is padding, so that its length is shown."""


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One block of a stream."""

    name: str
    data: str
    fields: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return the kind of the event: its name, or the whole data of an end mark such as `[DONE]`."""
        if self.name == COMMENT:
            return COMMENT
        data = self.data.strip()
        if data == "[DONE]" or (data.startswith("[") and data.endswith("]") and data[1:-1].isupper()):
            return data
        name = f"event {self.name}"
        return name if self.value is not None else f"{name} without data" if not data else f"{name} that is not JSON"

    @property
    def value(self) -> Any:
        """Return the data of the event decoded as JSON; None if it is not JSON."""
        return json_or_none(self.data)


class EventStream(msgspec.Struct, frozen=True, kw_only=True):
    """A whole stream, taken apart."""

    events: tuple[StreamEvent, ...]
    padding: int
    """Bytes of the longest comment."""
    tail: str
    """The bytes after the last blank line: none, half an event, or something else."""
    line_end: str = ""
    """The line ends of the stream: LF, CRLF, CR, or several of them; empty without a line."""
    after_colon: str = ""
    """Whether a blank follows the colon of `data` and `event`; empty without such a line."""

    @property
    def order(self) -> tuple[str, ...]:
        """Return the label of each kind of event, in the order of their first appearance."""
        return tuple(dict.fromkeys(event.label for event in self.events))

    @property
    def last(self) -> str:
        """Return what ends it."""
        events = [event for event in self.events if event.name != COMMENT]
        if not events:
            return "nothing"
        choices = events[-1].value.get("choices") if isinstance(events[-1].value, dict) else None
        reason = next((each.get("finish_reason") for each in choices or [] if isinstance(each, dict)), None)
        return f"{events[-1].label} with finish_reason" if reason else events[-1].label

    def shapes(self) -> dict[str, Shape]:
        """Return the shape of the JSON of each kind of event, by name."""
        values: dict[str, list[Any]] = {}
        for event in self.events:
            if event.name != COMMENT and event.value is not None:
                values.setdefault(event.name, []).append(event.value)
        return {name: shape_of(found) for name, found in values.items()}


def stream_of(body: bytes) -> EventStream:
    """Parse the event stream in *body*."""
    blocks = split_blocks(body)
    lines = [line for block in blocks for line in block.lines]
    comments = [len(line.text) - 1 for line in lines if line.text.startswith(b":")]
    ends = (_LINE_ENDS[line.end] for line in lines if line.end)
    blanks = (_BLANKS[found[1]] for line in lines if (found := _COLON.match(line.text)))
    return EventStream(
        events=tuple(event for block in blocks if block.whole for event in _events(block)),
        padding=max(comments, default=0),
        tail="" if not blocks or blocks[-1].whole else blocks[-1].to_bytes().decode(errors="replace"),
        line_end=" and ".join(dict.fromkeys(ends)),
        after_colon=" or ".join(dict.fromkeys(blanks)),
    )


def _events(block: Block) -> Iterator[StreamEvent]:
    """Yield the comment and the event of *block*, whichever it has."""
    if any(line.text.startswith(b":") for line in block.lines):
        yield StreamEvent(name=COMMENT, data="", fields=())
    fields = tuple(line.field.decode(errors="replace") for line in block.lines if line.field)
    if fields:
        name = block.event.decode(errors="replace") or UNNAMED
        yield StreamEvent(name=name, data=block.data.decode(errors="replace"), fields=fields)


def compare_streams(before: EventStream, after: EventStream) -> list[Finding]:
    """Return what differs between two streams, texts apart."""
    found = added_and_removed("events", "", before.order, after.order)
    if not found:
        found = changed("events", "order:", ", ".join(before.order), ", ".join(after.order))
    found += changed("events", "padding:", _padding(before.padding), _padding(after.padding))
    if before.events and after.events:
        found += changed("events", "lines end with", before.line_end, after.line_end)
        found += changed("events", "after the colon:", before.after_colon, after.after_colon)
    for name in dict.fromkeys(event.name for event in before.events):
        found += changed(
            "events", f"{name} fields:", _fields(before, name), _fields(after, name) or _fields(before, name)
        )
    found += changed("end mark", "last in the stream:", before.last, after.last)
    found += changed("end mark", "after the last event:", _tail(before.tail), _tail(after.tail))
    old, new = before.shapes(), after.shapes()
    for name in old:
        if name in new:
            found += compare_shapes("event data", f"event {name}:", old[name], new[name])
    for name in new:
        if name not in old:
            found += _holding(name, new[name])
    return found


def _holding(name: str, shape: Shape) -> list[Finding]:
    whole = " a list of" if "list" in shape.types[""] else ""
    below = [path.removeprefix("[].") for path in shape.types if path not in ("", "[]")]
    keys = [path for path in below if "." not in path and "[" not in path]
    if not keys:
        return []
    return [Finding(topic="event data", change="contains", what=f"event {name} holds{whole}", after=tuple(keys))]


def _padding(size: int) -> str:
    return f"a comment of {size} bytes" if size >= _LONG else "none"


def _fields(stream: EventStream, name: str) -> str:
    found = dict.fromkeys(", ".join(event.fields) for event in stream.events if event.name == name)
    return " or ".join(sorted(found))


def _tail(text: str) -> str:
    if not text.strip():
        return "nothing"
    name = text.lstrip().partition(":")[0]
    if name in _FIELDS:
        return "half an event"
    return "a bare JSON object" if text.lstrip().startswith("{") or text.rstrip().endswith("}") else "something else"
