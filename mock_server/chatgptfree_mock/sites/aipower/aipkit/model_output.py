"""
The output of AIPKit for an answer of the model's API, in the same form for every API.

Everything in one read of its curl is output together: texts are joined, and of several states the last one counts.
"""

from __future__ import annotations

from typing import Any

import msgspec


class ModelOutput(msgspec.Struct, kw_only=True):
    """The contents of one read of a stream, or of a whole answer."""

    text: str | None = None
    """None if there was no text at all; an empty text is a delta of its own."""
    warned: bool = False
    """Part of the text is a warning; the plugin then sends the whole text as one."""
    error: str | None = None
    status: dict[str, Any] | None = None
    response_id: str | None = None
    interaction_id: str | None = None
    grounding: dict[str, Any] | None = None
    citations: list[dict[str, Any]] = msgspec.field(default_factory=list)
    error_details: dict[str, Any] = msgspec.field(default_factory=dict)
    """The members of an error event besides its message."""
    error_lost: bool = False
    """There was an error, and the plugin outputs nothing about it."""
    tokens: int | None = None
    """Token counts of the answer; None if the API did not send them."""

    def add_text(self, text: str) -> None:
        """Append *text*; an empty *text* changes nothing, so that `text` may stay None."""
        if text:
            self.text = (self.text or "") + text

    def cite(self, found: list[dict[str, Any]]) -> None:
        """Add those of *found* that are new."""
        self.citations += [citation for citation in found if citation not in self.citations]

    def warn(self, words: str) -> None:
        """Append a warning to the text."""
        self.add_text(words)
        self.warned = True


def string(value: object) -> str:
    """Return *value* if it is a text, else an empty one, as PHP's `??` with an empty default does."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[dict[str, Any]]:
    """Return the objects in the list *value*, without its other items."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def cited(annotation: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the citation for an annotation of OpenAI's: its place in *text* and the words there."""
    start, end = annotation.get("start_index", 0), annotation.get("end_index", 0)
    title = string(annotation.get("title"))
    return {
        "type": "char_location",
        "url": string(annotation.get("url")),
        "title": title,
        "source_title": title,
        "start_char_index": start,
        "end_char_index": end,
        "cited_text": text[start:end].strip(),
    }


def linked(value: object) -> list[dict[str, Any]]:
    """Return the citations of web pages anywhere inside *value*, each URL once."""
    found: dict[str, dict[str, Any]] = {}
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            url = string(one.get("url"))
            if url.startswith(("http://", "https://")):
                found.setdefault(url, {"url": url, **{name: string(one.get(name)) for name in ("title", "snippet")}})
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(reversed(one))
    return list(found.values())
