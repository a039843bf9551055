"""Other spellings of a value in a body, with the same meaning in HTML, JSON or JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_RAW: Final = re.compile(r"<(script|style|textarea|title)\b[^>]*>(.*?)</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
"""Elements whose content has no tags (WHATWG HTML 13.1.2), and comments."""
_TAG: Final = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE: Final = re.compile(r"""=\s*("[^"]*"|'[^']*')""")
_STRING: Final = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")


def as_html_references(media_type: str, body: str, value: str) -> str:
    """Return *body* with *value*, where it is in an attribute of HTML, as character references."""
    if "html" not in media_type:
        return body
    return _replaced(body, value, "".join(f"&#x{ord(each):x};" for each in value), _attributes(body))


def as_string_escapes(media_type: str, body: str, value: str) -> str:
    r"""Return *body* with *value*, where it is in a string of JSON or of a script, in `\u` escapes."""
    spans = list(_scripts(body)) if "html" in media_type else [(0, len(body))] if _is_data(media_type) else []
    strings = [
        (start + found.start(), start + found.end())
        for start, end in spans
        for found in _STRING.finditer(body[start:end])
    ]
    return _replaced(body, value, "".join(f"\\u{ord(each):04x}" for each in value), strings)


def _is_data(media_type: str) -> bool:
    return any(word in media_type for word in ("json", "javascript", "event-stream"))


def _attributes(body: str) -> Iterator[tuple[int, int]]:
    raw = [found.span() for found in _RAW.finditer(body)]
    for tag in _TAG.finditer(body):
        if not any(start < tag.start() < end for start, end in raw):
            for attribute in _ATTRIBUTE.finditer(tag[0]):
                yield tag.start() + attribute.start(1), tag.start() + attribute.end(1)


def _scripts(body: str) -> Iterator[tuple[int, int]]:
    return (found.span(2) for found in _RAW.finditer(body) if (found[1] or "").lower() == "script")


def _replaced(body: str, value: str, spelled: str, spans: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (body[at:start], body[start:end].replace(value, spelled))
        at = end
    return "".join([*parts, body[at:]])
