"""
Chunking: the places at which a body is cut into HTTP chunks, and the words for it.

Cuts never change the bytes: whatever the word, the chunks joined are the body.  Words for text (`events`, `lines`,
`utf8`, `crlf`) apply to the bytes that they get, encoded or not.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import sub

from msgspec import Struct

from chatgptfree_mock.errors import DeliveryError
from chatgptfree_mock.replay.words import nearest

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r){2}")
_BLANK_LINE_OF_LF = re.compile(rb"\n\n")
_MULTI_BYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")

Cut = Callable[[bytes, Sequence[int], tuple[int, ...]], Iterator[int] | Sequence[int]]
"""
A function from the body, the recorded cuts and the word's numbers to the offsets at which to cut.

They may come in any order; 0 and the size of the body may be among them.
"""


def _as_recorded(_body: bytes, recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    return recorded


def _no_cuts(_body: bytes, _recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    return ()


def _events(body: bytes, _recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    return event_ends(body)


def _lines(body: bytes, _recorded: Sequence[int], _numbers: tuple[int, ...]) -> Iterator[int]:
    return (match.end() for match in _LINE_END.finditer(body))


def _bytes(body: bytes, _recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    return range(1, len(body))


def _utf8(body: bytes, recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    inside = () if body.isascii() else (match.start() + 1 for match in _MULTI_BYTE.finditer(body))
    return [*recorded, *inside]


def _crlf(body: bytes, recorded: Sequence[int], _numbers: tuple[int, ...]) -> Sequence[int]:
    return [*recorded, *(match.start() + 1 for match in re.finditer(rb"\r\n", body))]


def _at(_body: bytes, _recorded: Sequence[int], numbers: tuple[int, ...]) -> Sequence[int]:
    return numbers


def _every(body: bytes, _recorded: Sequence[int], numbers: tuple[int, ...]) -> Sequence[int]:
    return range(numbers[0], len(body), numbers[0])


def _random(body: bytes, _recorded: Sequence[int], numbers: tuple[int, ...]) -> Iterator[int]:
    at = 0
    for scale, draw in draws(numbers[0]):
        at += 1 + draw % (1 << scale % 11)
        if at >= len(body):
            return
        yield at


_CUTS: dict[str, Cut] = {
    "as-recorded": _as_recorded,
    "whole": _no_cuts,
    "events": _events,
    "lines": _lines,
    "bytes": _bytes,
    "utf8": _utf8,
    "crlf": _crlf,
    "at": _at,
    "every": _every,
    "random": _random,
}
_NUMBERS = {"at": "at:N[,N…]", "every": "every:N", "random": "random:SEED"}
_MEANINGS = {
    "as-recorded": "the recorded chunks, or those that the site makes",
    "whole": "one chunk",
    "events": "one chunk per event of an event stream",
    "lines": "one chunk per line",
    "bytes": "one chunk per byte",
    "utf8": "cut again inside each character of several bytes",
    "crlf": "also between CR and LF",
    "at": "cut at these offsets, in bytes",
    "every": "N bytes per chunk",
    "random": "sizes drawn from the seed, from 1 byte to 1 KiB, the same on every machine",
}
_LOOKED_FOR = {
    "events": "event of an event stream",
    "lines": "line end",
    "utf8": "character of several bytes",
    "crlf": "CR before LF",
}
"""The parts of text that these words search for."""
CHUNK_WORDS = {_NUMBERS.get(name, name): _MEANINGS[name] for name in _CUTS}
"""The syntax of each word, and its meaning."""


ALL_CHUNKS = ("as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf", "every:7", "random:1")
"""The ways to cut an answer that `all` includes."""


def draws(seed: int | str) -> Iterator[tuple[int, int]]:
    """
    Yield pairs of pseudo-random numbers, the same for the same *seed* on any machine and release of Python.

    The first is below 256, the second below 65,536.
    """
    block = 0
    while True:
        digest = hashlib.blake2b(f"{seed}:{block}".encode()).digest()
        for at in range(0, 63, 3):
            yield digest[at], digest[at + 1] << 8 | digest[at + 2]
        block += 1


def event_ends(body: bytes) -> list[int]:
    """Return the offset after the blank line of each event of an event stream (WHATWG HTML, section 9.2.6)."""
    blank_line = _BLANK_LINE if b"\r" in body else _BLANK_LINE_OF_LF
    return [match.end() for match in blank_line.finditer(body)]


class Chunking(Struct, frozen=True):
    """
    A word for chunks and its numbers.

    *name*: as in `CHUNK_WORDS`.  *numbers*: offsets in bytes for `at`, a size in bytes for `every`, a seed
    for `random`.
    """

    name: str = "as-recorded"
    numbers: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Chunking:
        """
        Read a word such as ``utf8``, ``at:10,20`` or ``random:7``.

        Raises:
            DeliveryError: the word does not exist, or its numbers are wrong.
        """
        name, _, rest = text.strip().partition(":")
        if name not in _CUTS:
            raise DeliveryError(f"chunks: {nearest(text, CHUNK_WORDS)}")
        if (name in _NUMBERS) != bool(rest):
            raise DeliveryError(f"chunks: `{text}` should be `{_NUMBERS.get(name, name)}`")
        if not rest:
            return cls(name)
        if not re.fullmatch(r"\d+(,\d+)*", rest) or (name != "at" and "," in rest):
            raise DeliveryError(f"chunks: `{text}` should be `{_NUMBERS[name]}` with whole numbers")
        numbers = tuple(int(number) for number in rest.split(","))
        if name != "random" and 0 in numbers:
            raise DeliveryError(f"chunks: `{text}` would cut empty chunks; the smallest number is 1")
        return cls(name, numbers)

    def __str__(self) -> str:
        return self.name + (":" + ",".join(map(str, self.numbers)) if self.numbers else "")

    @property
    def keeps_single_chunk(self) -> bool:
        """Whether a body of one recorded chunk stays in one chunk."""
        return self.name in ("as-recorded", "whole")

    def lacking(self, body: bytes) -> str:
        """Return the part that the word searches for and *body* lacks, such as `line end`; empty if it has one."""
        if self.name in _LOOKED_FOR and not any(_CUTS[self.name](body, (), ())):
            return _LOOKED_FOR[self.name]
        if self.name == "at" and min(self.numbers) >= len(body):
            return "byte at that offset"
        return ""

    def sizes(self, body: bytes, recorded: Sequence[int] = ()) -> list[int]:
        """Return the sizes of the chunks of *body*, in bytes; *recorded* are the sizes of the recorded chunks."""
        length = len(body)
        if not recorded and self.keeps_single_chunk:
            return [length] if body else []
        cuts = sorted({0, length, *_CUTS[self.name](body, list(accumulate(recorded)), self.numbers)})
        ends = cuts[bisect_right(cuts, 0) : bisect_right(cuts, length)]
        return list(map(sub, ends, [0, *ends]))
