"""What a client printed, beside what was expected of it: how much is the same, and a short form for a message."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

_SHOWN: Final = 60


def common_length(one: str | bytes, other: str | bytes) -> int:
    """Return how many characters, or bytes, both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def is_part(got: str, wanted: str) -> bool:
    """Return whether *got* is *wanted* with something missing, at the end or inside."""
    rest = iter(wanted)
    return len(got) < len(wanted) and all(character in rest for character in got)


def same_text(got: str, wanted: str) -> bool:
    """Return whether *got* is *wanted*, but for one line end that a program prints after its output."""
    return got == wanted or got in (wanted + "\n", wanted + "\r\n")


def excerpt(text: str) -> str:
    """Return *text*, cut if it is too long for a message."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def without_port(text: str, url: str) -> str:
    """Return *text* without the address *url* of a run, whose port is another one in each."""
    return text.replace(url, "{url}").replace(urlsplit(url).netloc, "{host}")
