"""Show in one line how a recorded text and one that was sent differ."""

from __future__ import annotations

from bisect import bisect_left
from typing import AnyStr, Final

LONGEST: Final = 72
"""Characters or bytes of a text that are shown."""
_BEFORE: Final = 20
"""How many of them come before the first difference of two long texts."""


def shown_difference(recorded: AnyStr | None, sent: AnyStr | None) -> str:
    """Return both texts, long ones from shortly before the place where they differ; None is one that is not there."""
    start = 0
    if recorded is not None and sent is not None and max(len(recorded), len(sent)) > LONGEST:
        start = max(0, _length_in_common(recorded, sent) - _BEFORE)
    return f"recorded {shown_text(recorded, start)}   got {shown_text(sent, start)}"


def shown_text(text: str | bytes | None, start: int = 0) -> str:
    """Return a *text* in quotation marks, from *start* and shortened; bytes that are not UTF-8 are escaped."""
    if text is None:
        return "nothing"
    part = text[start : start + LONGEST]
    shown = part.decode(errors="backslashreplace") if isinstance(part, bytes) else part
    return repr(f"{'…' if start else ''}{shown}{'…' if len(text) > start + LONGEST else ''}")


def _length_in_common(one: AnyStr, other: AnyStr) -> int:
    lengths = range(1, min(len(one), len(other)) + 1)
    return bisect_left(lengths, True, key=lambda length: one[:length] != other[:length])
