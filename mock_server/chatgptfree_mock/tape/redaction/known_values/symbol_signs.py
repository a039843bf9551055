r"""
Signs of a value that has no long run of letters and digits: a symbol of it as it is, and how each coding escapes it.

`ünï😀pw` is where `😀` is, or `\ud83d\ude00`, `&#128512;`, `&#x1F600;` or `%F0%9F%98%80`, and these in one another.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.findings import unescaped
from chatgptfree_mock.tape.redaction.text.views import as_bytes

_NAMED: Final = {
    character: [name for name, _ in names]
    for character, names in groupby(
        sorted(html.entities.html5.items(), key=lambda each: each[1]), key=lambda each: each[1]
    )
}
"""The names of each character reference (WHATWG HTML, 13.5)."""
_BEFORE_SYMBOL: Final = LazyPattern(r"([A-Za-z0-9]+)([^A-Za-z0-9])", re.ASCII)
_DEEPEST: Final = 4
"""The largest number of nested percent-encodings that are decoded."""


def symbol_signs(value: str) -> frozenset[str]:
    """Return texts, one character a byte, of which each spelling of *value* has one unless its letters are escaped."""
    text = unescaped(value)
    if not text.isascii():
        symbol = max(text)
        own = {as_bytes(symbol), symbol} if symbol <= "\xff" else {as_bytes(symbol)}
        return frozenset({*own, *_escapes(symbol)})
    runs = _BEFORE_SYMBOL.findall(text)
    if not runs:
        return frozenset({text[:2], *_escapes(text[0]), f"\\{text[0]}"})
    run, symbol = max(runs, key=lambda each: len(each[0]))
    return frozenset(run + sign for sign in (symbol, "%", "&", "\\", *("+" if symbol == " " else "")))


def _escapes(symbol: str) -> Iterator[str]:
    """Yield what is in each escape of *symbol*, without what another coding may escape."""
    code = ord(symbol)
    units = symbol.encode("utf-16-be", "surrogatepass").hex()
    for digits in {f"{code:x}", f"{code:X}"}:
        yield from (f"x{digits.zfill(width)}" for width in range(2, 7))
        yield from (f"u{{{digits.zfill(width)}" for width in range(1, 7))
    for unit in {units[-4:], units[-4:].upper()}:
        yield f"u{unit}"
    yield from (f"#{'0' * zeros}{code}" for zeros in range(3))
    yield from _NAMED.get(symbol, ())
    yield from _percent_encoded(symbol)


def _percent_encoded(symbol: str) -> Iterator[str]:
    last = symbol.encode("utf-8", "surrogatepass")[-2:]
    for depth in range(_DEEPEST):
        for digits in {last.hex("%"), last.hex("%").upper()}:
            yield f"%{'25' * depth}{digits}" if len(last) == 1 else digits.replace("%", f"%{'25' * depth}")
