"""A schedule while it is built: chunks that can still be cut again, delayed and dripped."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

import msgspec


class ScheduleDraft(msgspec.Struct, kw_only=True):
    """The whole body, cut and timed, before its end is decided."""

    body: bytes
    sizes: list[int]
    send_times: list[float]
    head_time: float = 0.0
    silence: float = 0.0
    """Milliseconds between the last byte and the recorded end."""
    event_ends: list[int]
    """The offset in *body* after each event of the text, even if *body* is encoded."""

    def offset_at(self, ms: float) -> int:
        """Return the number of bytes that are sent by *ms*."""
        return sum(self.sizes[: bisect_right(self.send_times, ms)])

    def split_at(self, offset: int) -> int:
        """Cut the body at *offset* and return the number of chunks before it."""
        if offset >= len(self.body):
            return len(self.sizes)
        ends = [0, *accumulate(self.sizes)]
        index = bisect_left(ends, offset)
        if ends[index] == offset:
            return index
        self.sizes[index - 1 : index] = [offset - ends[index - 1], ends[index] - offset]
        self.send_times.insert(index, self.send_times[index - 1])
        return index

    def delay(self, first: int, ms: float) -> None:
        """Send the chunk *first* and all after it *ms* later."""
        self.send_times[first:] = [time + ms for time in self.send_times[first:]]

    def drip(self, offset: int, ms: float) -> None:
        """Send the bytes from *offset* on one by one, at least *ms* apart."""
        first = self.split_at(offset)
        time = self.send_times[first - 1] if first else self.head_time
        slow: list[float] = []
        for size, planned in zip(self.sizes[first:], self.send_times[first:], strict=True):
            for _ in range(size):
                time = max(planned, time + ms)
                slow.append(time)
        self.sizes[first:] = [1] * len(slow)
        self.send_times[first:] = slow
