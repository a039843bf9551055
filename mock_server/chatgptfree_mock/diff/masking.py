"""Mask what varies between recordings of one site (hosts, nonces, ids, numbers) before texts are compared."""

from __future__ import annotations

import re
from typing import Final

_SITE: Final = re.compile(r"(https?:(?:\\?/){2})[^/\\\s\"'<>;,)]+")
_ADDRESS: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b")
_UUID: Final = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_ID: Final = re.compile(r"\b[A-Za-z]+[_-](?=[A-Za-z0-9]*\d)[A-Za-z0-9.]{8,}\b")
_HEX: Final = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{10,}\b")
_NUMBER: Final = re.compile(r"\d{4,}")


def masked(text: str) -> str:
    """Return *text* with what varies between recordings masked, years and longer numbers included."""
    for pattern, stand_in in (
        (_SITE, r"\1SITE"),
        (_ADDRESS, "ADDRESS"),
        (_UUID, "UUID"),
        (_ID, "ID"),
        (_HEX, "HEX"),
        (_NUMBER, "N"),
    ):
        text = pattern.sub(stand_in, text)
    return text


def quoted(text: str, limit: int = 100) -> str:
    """Return *text* for a sentence: one line, in quotes, cut if it is long."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= limit else line[:limit] + "…"}"'
