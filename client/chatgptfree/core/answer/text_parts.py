"""Text in a value of an answer: in itself or its parts, without what is not for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, Final

SILENCERS: Final = ("type", "role", "phase", "channel", "thought")
"""Keys that may mark the text of the same object as not for the reader."""
_DEEPEST: Final = 5
UNSPOKEN: Final = re.compile(
    "think|thought|reason|tool|function|json|argument|signature|citation|annotation|source|search"
    "|audio|transcript|image|video|file|summary|refusal|input",
    re.IGNORECASE,
)
"""In the name of a part or an event whose text, if it has any, is not the answer's."""
_GEMINI_PARTS: Final = frozenset(
    {"functionCall", "functionResponse", "executableCode", "codeExecutionResult", "inlineData", "fileData"}
)
"""Keys of parts without text in Google's generateContent; a part with text may have them as well."""
_TEXT_PARTS: Final = frozenset({"text", "textdelta", "outputtext", "markdown", "message"})


def text_of(value: object, *, deep: int = _DEEPEST) -> str | None:
    """
    Return the text in *value*: itself, or that of its parts; None if it is not text at all.

    A number is text (42, 0, 1.5), since APIs that parse what a model writes send one for it; true and false are not.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value) if not isinstance(value, bool) and isfinite(value) else None
    if not deep:
        return None
    if isinstance(value, list):
        parts = [text_of(part, deep=deep - 1) for part in value]
        return None if None in parts else "".join(part for part in parts if part)
    if not isinstance(value, dict):
        return None
    if is_unspoken(value) or not is_text_part(value):
        return ""
    for key in ("text", "value", "content", "message"):
        if key in value:
            return text_of(value[key], deep=deep - 1)
    return "" if "type" in value or value.keys() & _GEMINI_PARTS or not value else None


def loose_text(value: object) -> str:
    """Return the text in *value*, which may be a list of parts, but not an object."""
    return text_of(value) or "" if not isinstance(value, dict) else ""


def is_first(choice: object) -> bool:
    """Return whether *choice* is the first answer to a question; a choice without an index is."""
    return isinstance(choice, dict) and choice.get("index") in (0, None, "0")


def is_unspoken(place: dict[str, Any]) -> bool:
    """Return whether *place* names itself as what is not for the reader."""
    if place.get("thought") is True or place.get("role") in ("tool", "function"):
        return True
    if any(place.get(key) in ("analysis", "commentary") for key in ("channel", "phase")):
        return True
    return any(isinstance(word := place.get(key), str) and UNSPOKEN.search(word) for key in ("type", "phase"))


def is_text_part(part: dict[str, Any]) -> bool:
    """Return whether the type of *part*, if it has one, is a known one of text."""
    kind = part.get("type")
    return not isinstance(kind, str) or re.sub(r"[\W_]", "", kind.casefold()) in _TEXT_PARTS


def refusal_of(places: Iterable[object]) -> str:
    """Return the words with which the model refuses, in one of *places* or in the parts of one."""
    for place in places:
        if isinstance(place, list):
            if words := refusal_of(place):
                return words
        elif isinstance(place, dict) and isinstance(place.get("refusal"), str):
            return str(place["refusal"])
    return ""
