"""
The family `chunks/`: the same bytes, cut at other places (RFC 9112 section 7.1).

Each part is one HTTP chunk, and where there are few of them, one write as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import accumulate, pairwise
from typing import Final

from chatgptfree_mock.replay.chunking import Chunking
from chatgptfree_mock.replay.schedule import Framing
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.rule import Rule
from chatgptfree_mock.variants.wire_bytes import Answer

_CLAUSE: Final = "RFC 9112 section 7.1"
_MILLISECONDS: Final = 20
"""The sum of all pauses of one answer, in milliseconds."""
_MOST_CUTS: Final = 1000
"""The largest number of cuts in a body; the bytes after the last one are one chunk."""

Places = Callable[[RecordedAnswer], list[int]]


def _with_chunks(answer: RecordedAnswer, chunks: Chunking) -> Answer | None:
    sizes = chunks.sizes(answer.body, [size for _, size in answer.response.chunks])
    if len(sizes) > _MOST_CUTS:
        return _with_chunks(answer, Chunking("at", tuple(accumulate(sizes[: _MOST_CUTS - 1]))))
    return answer.answer(framing=Framing.CHUNKED, chunks=chunks, pace=_pace(len(sizes))) if sizes else None


def _pace(chunks: int) -> str:
    return f"every:{max(_MILLISECONDS / chunks, 0.01):.2f}ms"


def _cut_at(answer: RecordedAnswer, places: Places) -> Answer | None:
    inside = sorted({place for place in places(answer) if 0 < place < len(answer.body)})
    return _with_chunks(answer, Chunking("at", tuple(inside))) if inside else None


def _pattern(text: bytes, offset: int) -> Places:
    """Return a function that lists the place *offset* bytes after the start of each match of *text*."""
    found = re.compile(text)
    return lambda answer: [match.start() + offset for match in found.finditer(answer.body)]


def _ends_but(bytes_before: int) -> Places:
    return lambda answer: [end - bytes_before for end in answer.block_ends]


def _halves(answer: RecordedAnswer) -> list[int]:
    return [len(answer.body) // 2]


def _thirds(answer: RecordedAnswer) -> list[int]:
    return [len(answer.body) // 3, 2 * len(answer.body) // 3]


def _in_each_event(answer: RecordedAnswer) -> list[int]:
    return [(start + end) // 2 for start, end in pairwise([0, *answer.block_ends])]


def _two_events_at_once(answer: RecordedAnswer) -> list[int]:
    return answer.block_ends[1::2]


def _inside_the_mark(answer: RecordedAnswer) -> list[int]:
    if answer.mark is None or answer.mark_start is None:
        return []
    return [(answer.mark_start + answer.block_ends[answer.mark]) // 2]


def _before_the_mark(answer: RecordedAnswer) -> list[int]:
    return [] if answer.mark_start is None else [answer.mark_start]


_AT: Final[dict[str, Places]] = {
    "halves": _halves,
    "thirds": _thirds,
    "first-byte": lambda _: [1],
    "last-byte": lambda answer: [len(answer.body) - 1],
    "one-then-rest": lambda answer: [1, 2, 3, len(answer.body) - 2],
    "inside-events": _in_each_event,
    "two-events-at-once": _two_events_at_once,
    "between-line-ends": _ends_but(1),
    "before-blank-lines": _ends_but(2),
    "inside-field-names": _pattern(rb"(?m)^data", 2),
    "after-colons": _pattern(rb"(?m)^data:", 5),
    "after-spaces": _pattern(rb"(?m)^data: ", 6),
    "inside-escapes": _pattern(rb"\\u[0-9a-fA-F]{4}", 3),
    "after-backslashes": _pattern(rb"\\[nrt\"\\/]", 1),
    "after-quotes": _pattern(rb'"', 1),
    "inside-the-mark": _inside_the_mark,
    "before-the-mark": _before_the_mark,
}
_WORDS: Final = (
    *("whole", "events", "lines", "bytes", "utf8", "crlf"),
    *(f"every:{size}" for size in (2, 3, 5, 7, 11, 16, 31, 64, 100, 256, 1000)),
    *(f"random:{seed}" for seed in range(1, 11)),
)
_SHORT: Final = frozenset({"whole", "bytes", "utf8", "between-line-ends"})

CHUNK_RULES: Final[tuple[Rule, ...]] = (
    *(
        Rule(f"chunks/{word}", partial(_with_chunks, chunks=Chunking.parse(word)), _CLAUSE, short=word in _SHORT)
        for word in _WORDS
    ),
    *(
        Rule(f"chunks/{name}", partial(_cut_at, places=places), _CLAUSE, short=name in _SHORT)
        for name, places in _AT.items()
    ),
)
"""Equivalents: cuts at any place."""
