"""
The events that generation 2 writes, byte for byte.

Always one `data:` line, JSON with raw UTF-8 and escaped slashes; only errors and warnings carry an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatgptfree_mock.sites.wordpress import php

PREAMBLE: Final = b":" + b" " * 4096 + b"\n\n"
"""A comment that makes proxies let go of what they hold back."""
KIND: Final = "text/event-stream; charset=utf-8"
CACHE_CONTROL: Final = "no-cache, no-store, must-revalidate, max-age=0"


def event(data: object, name: str = "", ident: str = "") -> bytes:
    """Write one event."""
    head = (f"event: {name}\n" if name else "") + (f"id: {ident}\n" if ident else "")
    # PHP's json_encode gives up on what is no UTF-8, and nothing is left of the data.
    coded = php.json_encode(data, php.Json.UNESCAPED_UNICODE) if _is_utf8(data) else ""
    return f"{head}data: {coded}\n\n".encode()


def _is_utf8(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_utf8(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_utf8(item) for item in value)
    return php.is_utf8(value) if isinstance(value, str) else True


def delta(text: str) -> bytes:
    """Write a piece of the answer."""
    return event({"delta": text})


def message_start(message_id: str) -> bytes:
    """Write the event that opens an answer."""
    return event({"message_id": message_id}, "message_start")


def trouble(name: str, words: str, *, now: float, more: Mapping[str, Any] | None = None) -> bytes:
    """Write an `error` or a `warning`; its id is the second in which it was written."""
    return event({"error": words, **(more or {})}, name, f"err-{int(now)}")


def done(more: Mapping[str, Any] | None = None) -> bytes:
    """Write the last event of an answer that ended well, or that was refused beforehand."""
    return event({"finished": True, **(more or {})}, "done")
