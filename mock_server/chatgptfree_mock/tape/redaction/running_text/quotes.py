"""Where a quoted value opens and closes, in any language."""

from __future__ import annotations

from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

QUOTE: Final = LazyPattern(r"\\*(?:\"\"\"|'''|[\"'`])")
LONGEST: Final = 2048
"""The longest value."""


def closing(text: str, start: int, mark: str) -> int:
    r"""Return where the quote *mark* closes, -1 if it does not: `\"` inside `"…"` is part of the value."""
    limit = start + LONGEST
    end = text.find(mark, start, limit)
    while end > start:
        slashes = end - len(text[start:end].rstrip("\\")) - start
        if slashes % 2 == 0:
            break
        end = text.find(mark, end + 1, limit)
    return end
