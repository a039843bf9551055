"""A secret as it was found: where, by which rule, what it is once decoded, and why it counts as one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.tape.placeholders import is_placeholder

Span = tuple[int, int]


class Wrapped(msgspec.Struct, frozen=True):
    """A text that was encoded as a whole, and the secrets in it: it is redacted and encoded again."""

    text: str
    """Decoded, one character a byte."""
    secrets: tuple[Secret, ...]


class Secret(msgspec.Struct, frozen=True):
    """One secret; *spans* are the parts of the text that hold it, several where a stream cut it."""

    spans: tuple[Span, ...]
    rule: str
    value: str
    """Decoded: the same for every spelling.  Non-ASCII text is UTF-8, one character a byte, as in all scanned text."""
    reason: str
    wrapped: Wrapped | None = None
    """For a text in base64: its spans are all of it, its value is the first secret in it."""

    def moved(self, offset: int) -> Secret:
        """Return the secret as found in a text that begins *offset* characters earlier."""
        return replace(self, spans=tuple((a + offset, b + offset) for a, b in self.spans))

    def single(self) -> Iterator[Secret]:
        """Yield the secret itself, or those in the text that it wraps."""
        if self.wrapped is None:
            yield self
        else:
            for secret in self.wrapped.secrets:
                yield from secret.single()


def secret_at(start: int, end: int, rule: str, value: str, reason: str) -> Secret:
    """Return a secret of one span."""
    return Secret(((start, end),), rule, value, reason)


def unless_placeholder(start: int, end: int, rule: str, value: str, reason: str) -> Iterator[Secret]:
    """Yield *value* as a secret of one span, or nothing if it is a placeholder."""
    if not is_placeholder(value):
        yield secret_at(start, end, rule, value, reason)


class OccupiedSpans:
    """Spans that do not overlap."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def take(self, spans: Iterable[Span]) -> bool:
        """Add *spans* if all of them are free; return whether they were."""
        spans = tuple(spans)
        places = [bisect_right(self._starts, start) for start, _ in spans]
        for (start, end), place in zip(spans, places, strict=True):
            if place and self._ends[place - 1] > start:
                return False
            if place < len(self._starts) and self._starts[place] < end:
                return False
        for start, end in spans:
            place = bisect_right(self._starts, start)
            self._starts.insert(place, start)
            self._ends.insert(place, end)
        return True


def without_overlap(secrets: Iterable[Secret]) -> list[Secret]:
    """Return *secrets* without overlaps: the first one is kept, or the longer of two that begin together."""
    taken = OccupiedSpans()
    ordered = sorted(secrets, key=lambda each: (each.spans[0][0], -each.spans[-1][1]))
    return [secret for secret in ordered if taken.take(secret.spans)]


def unescaped(text: str) -> str:
    """Return text of one character a byte as the characters that it means."""
    try:
        return text.encode("latin-1").decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        return text
