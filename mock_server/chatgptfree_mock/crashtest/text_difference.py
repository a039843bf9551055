"""
The differences of a text from the expected one, character by character.

Texts with many differences are compared word by word, and texts with little in common as a whole, since a detailed
comparison would be slow and hard to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

from chatgptfree_mock.crashtest.printed_text import common_length

_MOST_COMPARISONS: Final = 60_000
"""The product of both lengths up to which all characters, or all words, are compared."""
_LIKENESS: Final = 0.4
"""The share of characters, or words, in common from which two texts are compared part by part."""
_WORDS: Final = re.compile(r"\w+|\s+|.", re.DOTALL)
_SAME_SHOWN: Final = 60
_OTHER_SHOWN: Final = 400
_VISIBLE: Final = {"\n": "↵\n", "\r": "\\r", "\t": "→\t"}
"""Visible characters, in every font, for invisible ones."""


class TextPart(NamedTuple):
    """
    A part of the comparison: *text* that both have, that is *missing* from the printed one, or that only that one has.

    `left out` marks a long common text that is not shown.
    """

    kind: Literal["same", "missing", "surplus", "left out"]
    text: str


def differences(wanted: str, got: str) -> list[TextPart]:
    """Return the parts of which *wanted* is the same and the missing ones, and *got* the same and the surplus ones."""
    start = common_length(wanted, got)
    end = common_length(wanted[start:][::-1], got[start:][::-1])
    middle = _compared(wanted[start : len(wanted) - end], got[start : len(got) - end])
    parts = [TextPart("same", wanted[:start]), *middle, TextPart("same", wanted[len(wanted) - end :])]
    return [part for part in parts if part.text]


def shortened(parts: Iterable[TextPart]) -> list[TextPart]:
    """Return *parts* short enough for a person: what is the same is shown around the differences only."""
    return [short for part in parts for short in (_clipped(part) if part.kind == "same" else _start_of(part))]


def visible(text: str) -> str:
    """Return *text* with line ends and control characters made visible."""
    return "".join(_VISIBLE.get(one) or (one if one.isprintable() else f"\\u{ord(one):04x}") for one in text)


def _compared(wanted: str, got: str) -> Iterator[TextPart]:
    for cut in (list, _WORDS.findall):
        one, other = cut(wanted), cut(got)
        if len(one) * len(other) <= _MOST_COMPARISONS:
            return _matched(one, other)
    return iter([TextPart("missing", wanted), TextPart("surplus", got)])


def _matched(wanted: Sequence[str], got: Sequence[str]) -> Iterator[TextPart]:
    matcher = SequenceMatcher(None, wanted, got, autojunk=False)
    if matcher.ratio() < _LIKENESS:
        yield TextPart("missing", "".join(wanted))
        yield TextPart("surplus", "".join(got))
        return
    for kind, start, end, from_, to in matcher.get_opcodes():
        if kind == "equal":
            yield TextPart("same", "".join(wanted[start:end]))
            continue
        yield TextPart("missing", "".join(wanted[start:end]))
        yield TextPart("surplus", "".join(got[from_:to]))


def _clipped(part: TextPart) -> list[TextPart]:
    text = part.text
    left = len(text) - 2 * _SAME_SHOWN
    if left <= _SAME_SHOWN:
        return [part]
    gap = TextPart("left out", f"… {left} characters …")
    return [TextPart("same", text[:_SAME_SHOWN]), gap, TextPart("same", text[-_SAME_SHOWN:])]


def _start_of(part: TextPart) -> list[TextPart]:
    left = len(part.text) - _OTHER_SHOWN
    if left <= 0:
        return [part]
    return [TextPart(part.kind, part.text[:_OTHER_SHOWN]), TextPart("left out", f"… {left} more characters …")]
