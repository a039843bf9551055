"""When each chunk of a response came, as far as a HAR has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from chatgptfree_mock.tape.har.body import event_stream
from chatgptfree_mock.tape.har.entry import HarEntry, HarPage
from chatgptfree_mock.tape.model import Chunk
from chatgptfree_mock.tape.times import time_of

LONGEST: Final = 1e10
"""Milliseconds that no exchange takes: a third of a year.  NaN and infinity are not below it either."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def chunks_of(entry: HarEntry, body: bytes, page: HarPage | None, note: Callable[[str], None]) -> tuple[Chunk, ...]:
    """
    Return the chunks of the response in *entry*, whose bytes are *body*.

    *page*: the page that `_chunks` count from.  *note* is called with what is wrong with them.
    """
    chunks = [chunk for chunk in entry.chunks or () if chunk.bytes > 0]
    if (
        chunks
        and sum(chunk.bytes for chunk in chunks) == len(body)
        and all(abs(chunk.ts) < LONGEST for chunk in chunks)
    ):
        shift = _milliseconds(page.started_date_time, entry.started_date_time) if page else 0.0
        return _growing([chunk.ts - shift for chunk in chunks], [chunk.bytes for chunk in chunks])
    if chunks:
        note("its _chunks do not add up to the body: taken as one chunk")
    blocks = event_stream(entry.events or ())
    if blocks and b"".join(blocks) == body and all(0 <= event.time < LONGEST for event in entry.events or ()):
        start = _seconds(entry.started_date_time)
        return _growing(
            [(event.time - start) * 1000 if start else 0 for event in entry.events or ()], list(map(len, blocks))
        )
    return ((max(0, round(entry.time or 0)), len(body)),) if body else ()


def _growing(times: list[float], sizes: list[int]) -> tuple[Chunk, ...]:
    return tuple(zip(accumulate((max(0, round(time)) for time in times), max), sizes, strict=True))


def _milliseconds(start: str | None, end: str | None) -> float:
    begun, ended = _seconds(start), _seconds(end)
    return (ended - begun) * 1000 if begun is not None and ended is not None else 0.0


def _seconds(stamp: str | None) -> float | None:
    """Return the seconds since 1970 of an ISO 8601 time stamp; None if it is not one."""
    when = time_of(stamp)
    return None if when is None else (when - _EPOCH).total_seconds()
