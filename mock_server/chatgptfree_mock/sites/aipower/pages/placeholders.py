"""
Placeholders in a rendered page, filled in for each request.

A mark is made of letters only, so that it passes through every kind of escaping unchanged.
"""

from __future__ import annotations

import re

from markupsafe import Markup

_MARK = re.compile(r"qzxj([a-z0-9_]+)jxzq")


def mark(name: str) -> Markup:
    """Return the mark called *name*: lower-case letters, digits, underscores."""
    return Markup("qzxj{}jxzq").format(name)


def split(page: str) -> list[bytes | str]:
    """Split a page at its marks: bytes are fixed content, a string is the name of a mark."""
    return [piece if place % 2 else piece.encode() for place, piece in enumerate(_MARK.split(page))]
