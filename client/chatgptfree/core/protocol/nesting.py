"""
How deep JSON may be nested, so that whatever walks through a value stays far from Python's own limit.

Python's readers of JSON have limits that differ by release (about 1,000 levels to 3.13, about 50,000 from 3.14 on),
and what they read may still be too deep for the function that walks through it.  One limit holds everywhere instead.
"""

from __future__ import annotations

import re
from typing import Final

MAX_NESTING: Final = 256
"""Levels of objects and lists within each other; chat sites send about ten."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)


def is_too_deep(text: str | bytes) -> bool:
    """Return whether the JSON in *text*, whole or cut off, is nested deeper than `MAX_NESTING` levels."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")  # only ASCII counts here
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = text[token.start()]
        if mark in "[{":
            depth += 1
            if depth > MAX_NESTING:
                return True
        elif mark in "]}":
            depth -= 1
    return False
