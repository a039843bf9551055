"""Reading an event stream: chunks to lines, lines to events."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.support.naive.habits import Habit, Habits
from tests.support.naive.http import GaveUpError

_LIMIT = 8 << 20
_SHORT = 1 << 16
OTHER: Final = "(no event)"
"""The name of what is no event, for clients that deliver it all the same."""
_FIELDS = ("data:", "event:", "id:", "retry:", ":")
_POLLS, _PAUSE = 40, 0.05


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event: its name and its data."""

    name: str
    data: str


def events(chunks: Iterator[bytes], habits: Habits) -> Iterator[Event]:
    """Yield the events in *chunks*, decently or not."""
    if Habit.EXPECTS_ONLY_DATA in habits:
        for line in _lines(chunks, habits):
            if line:
                yield Event(name="", data=line.removeprefix("data: "))
    elif Habit.TAKES_LINES_FOR_EVENTS in habits:
        for line in _lines(chunks, habits):
            if line.startswith("data:"):
                yield Event(name="", data=_value(line, habits))
    elif Habit.SPLITS_AT_BLANK_LINES in habits:
        *whole, _ = _text_of(chunks, habits).split("\n\n")
        for block in whole:
            yield from _blocks(iter([*block.split("\n"), ""]), habits)
    else:
        yield from _blocks(_lines(chunks, habits), habits)


def _blocks(lines: Iterator[str], habits: Habits) -> Iterator[Event]:
    name, data = "", list[str]()
    for line in lines:
        if line.startswith("data:"):
            data.append(_value(line, habits))
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line and Habit.DELIVERS_OTHER_LINES in habits and not line.startswith(_FIELDS):
            yield Event(name=OTHER, data=line)
        elif not line:
            if data:
                yield Event(name=name, data="\n".join(data))
            name, data = "", []
    if data:
        yield Event(name=name, data="\n".join(data))


def _value(line: str, habits: Habits) -> str:
    return line[6:] if Habit.CUTS_SIX_CHARACTERS in habits else line[5:].removeprefix(" ")


def _lines(chunks: Iterator[bytes], habits: Habits) -> Iterator[str]:
    if Habit.SPLITS_EACH_CHUNK in habits:
        for chunk in chunks:
            yield from chunk.decode("utf-8", "replace").split("\n")
    elif Habit.TAKES_ONE_EVENT_A_CHUNK in habits:
        for chunk in chunks:
            yield from [*chunk.decode("utf-8", "replace").split("\n\n")[0].split("\n"), ""]
    elif (
        Habit.DECODES_EACH_CHUNK in habits or Habit.SPLITS_LIKE_PYTHON in habits or Habit.DROPS_THE_LAST_LINE in habits
    ):
        text = _text_of(chunks, habits)
        lines = text.splitlines() if Habit.SPLITS_LIKE_PYTHON in habits else text.split("\n")
        yield from lines[:-1] if Habit.DROPS_THE_LAST_LINE in habits else lines
    else:
        yield from _buffered(chunks, habits)
    if Habit.STOPS_ONLY_AT_DONE in habits:
        for _ in range(_POLLS):  # for ever would outlive the test
            time.sleep(_PAUSE)
            yield ""


def _text_of(chunks: Iterator[bytes], habits: Habits) -> str:
    if Habit.DECODES_EACH_CHUNK in habits:
        return "".join(chunk.decode("utf-8", "ignore") for chunk in chunks)
    return b"".join(chunks).decode("utf-8", "replace")


def _buffered(chunks: Iterator[bytes], habits: Habits) -> Iterator[str]:
    rest, first = b"", Habit.KEEPS_THE_BYTE_ORDER_MARK not in habits
    pending: list[bytes] = []
    size = 0
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if Habit.READS_SHORT_LINES_ONLY in habits and size > _SHORT and b"\n" not in b"".join(pending)[:_SHORT]:
            raise ValueError("Chunk too big")
        if size > _LIMIT and Habit.HAS_NO_LIMIT not in habits:
            raise GaveUpError("a line without end")
        if b"\n" not in chunk and b"\r" not in chunk:
            continue
        *lines, rest = re.split(rb"\r\n|\r(?!$)|\n", b"".join(pending))
        pending, size = [rest], len(rest)
        for line in lines:
            yield (line.removeprefix(b"\xef\xbb\xbf") if first else line).decode("utf-8", "replace")
            first = False
    yield from (line.decode("utf-8", "replace") for line in re.split(rb"\r\n|\r|\n", b"".join(pending)))
