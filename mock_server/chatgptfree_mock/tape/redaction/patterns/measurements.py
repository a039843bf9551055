"""
Numbers in JSON that are measured: embeddings, probabilities, coordinates.  Nothing in them is a secret by its looks.

Each of them is a run of digits that the readers of keys, phones and addresses would look at.
"""

from __future__ import annotations

import re
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern

_LIST: Final = LazyPattern(r"\[(?:\s*+-?[0-9]{1,6}+(?:\.[0-9]{1,20}+)?(?:[eE][+-]?[0-9]{1,3}+)?\s*+,){8,}+", re.ASCII)
"""Eight numbers or more, each too short for a phone or a card before its point; the last of the list is left out."""
_FRACTION: Final = LazyPattern(
    r"\.(?:(?<=\":[0-9]\.)|(?<=\": [0-9]\.)|(?<=\":-[0-9]\.)|(?<=\": -[0-9]\.))[0-9]{4,20}+(?=[,}\]])", re.ASCII
)
"""The digits after the point of a number that follows a key."""
_FILLING: Final = ","


def without_measurements(text: str) -> str:
    """Return *text* with commas in place of measured numbers."""
    if "." not in text:
        return text
    return _FRACTION.sub(_filled, _LIST.sub(_filled, text))


def _filled(found: re.Match[str]) -> str:
    return found[0][0] + _FILLING * (len(found[0]) - 1)
