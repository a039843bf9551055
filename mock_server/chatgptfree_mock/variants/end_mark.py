"""
Find the end mark of an event stream, and decide whether an answer is whole.

The end mark is the event after the text that differs in kind from the events with text: ``[DONE]``, ``event: done``, a
finish reason, ``response.completed``.  There are too many dialects to list, so besides known words the structure
decides: the events with text are those with the JSON path under which most text is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.json_value import read_json
from chatgptfree_mock.tape.model import End, Response
from chatgptfree_mock.variants.event_blocks import Block, split_blocks
from chatgptfree_mock.variants.json_text import is_json, is_json_lines

_NAMES: Final = re.compile(
    r"(?:.*[._-])?(?:done|end|ended|finish|finished|complete|completed|close|closed|stop|stopped|eof|message_stop)",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"\[?\W*(?:DONE|END|EOF|STOP|FINISHED|COMPLETE|COMPLETED)\W*\]?", re.IGNORECASE)
_REASONS: Final = frozenset(
    {"finish_reason", "finishreason", "stop_reason", "stopreason", "finish", "finished", "done", "is_final", "is_end"}
)
_ERROR_NAMES: Final = frozenset({"error", "errors"})


def is_event_stream(response: Response) -> bool:
    """Return whether *response* is an event stream, by its media type or else by its bytes."""
    kind = response.header("Content-Type").lower()
    if "event-stream" in kind:
        return True
    return "json" not in kind and "html" not in kind and bool(re.match(rb"(?:data|event|id|retry):", response.body))


def end_mark(blocks: Sequence[Block], wanted: str | None = None) -> int | None:
    """
    Return the index of the block that is the end mark, None if the stream has none.

    *wanted*: a text in the mark; the last block with it is the mark.

    Raises:
        SettingsError: no block contains *wanted*.
    """
    if wanted is not None:
        found = [place for place, block in enumerate(blocks) if wanted.encode() in block.to_bytes()]
        if not found:
            raise SettingsError(f"no event of the recorded answer holds the end mark `{wanted}`")
        return found[-1]
    events = [place for place, block in enumerate(blocks) if block.has_data]
    if not events:
        return None
    values = {place: _value(blocks[place].data) for place in events}
    texts = _with_text(values)
    after = [place for place in events if place not in texts and (not texts or place > max(texts))]
    named = [place for place in events if is_mark(blocks[place]) and (not texts or place >= max(texts))]
    return max([*named, *(after if texts else [])], default=None)


def is_mark(block: Block) -> bool:
    """Return whether *block* alone marks the end of the text."""
    if _NAMES.fullmatch(block.event.decode("utf-8", "replace")):
        return True
    value = _value(block.data)
    if isinstance(value, str):
        return _WORDS.fullmatch(value.strip()) is not None
    return any(_ends(name, inner) for name, inner in _members(value))


def _ends(name: str, value: object) -> bool:
    if name in ("type", "event", "status"):
        return isinstance(value, str) and _NAMES.fullmatch(value) is not None
    return name.lower() in _REASONS and value not in (None, False, "", 0)


def _value(data: bytes) -> Any:
    text = data.decode("utf-8", "replace")
    try:
        return read_json(text)
    except ValueError:
        return text


def _members(value: object) -> Iterator[tuple[str, object]]:
    """Yield the names and values of all objects in *value*."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from _members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _members(inner)


def _texts(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts in *value*, each with its path; all items of a list have one path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, (*path, "[]"))


def _with_text(values: dict[int, Any]) -> set[int]:
    """Return the events with text: those with the path whose texts differ most between events."""
    carried: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
    for place, value in values.items():
        for path, text in _texts(value):
            if text and not (path == () and _WORDS.fullmatch(text.strip())):
                carried[path][place] = text
    if not carried:
        return set()
    weights = {path: sum(map(len, set(texts.values()))) for path, texts in carried.items() if not _is_label(path)}
    return set(carried[max(weights, key=weights.__getitem__)]) if weights else set()


def _is_label(path: tuple[str, ...]) -> bool:
    """Return whether *path* leads to the kind of an event, not to its content."""
    return bool(path) and path[-1].lower() in {"id", "object", "model", "type", "role", "event", *_REASONS}


def what_is_missing(response: Response, wanted: str | None = None) -> str | None:
    """
    Return why *response* is not a whole answer, in words; None if it is.

    One that the client closed is whole if its own contents show that nothing is missing: many clients leave at the end
    mark, before the site ends its response.  *wanted*: the text of the end mark, see `end_mark`.
    """
    closed_at_the_end = response.end is End.CLIENT_CLOSED and _shows_its_end(response, wanted)
    if response.end is not End.COMPLETE and not closed_at_the_end:
        return f"it was recorded broken off (end: {response.end})"
    if not 200 <= response.status < 300:
        return f"its status is {response.status}"
    if is_event_stream(response):
        return _missing_of_stream(split_blocks(response.body), wanted)
    if is_json_lines(response.body):
        return "it holds an error object" if any(map(is_error, map(_value, response.body.splitlines()))) else None
    value = _value(response.body)
    if isinstance(value, str):
        kind = response.header("Content-Type").lower()
        claims = "json" in kind and "json-seq" not in kind  # RFC 7464: each value after a record separator
        return "its body is not JSON, although its media type is" if claims and response.body else None
    return "it is an error object" if is_error(value) else None


def _shows_its_end(response: Response, wanted: str | None) -> bool:
    """Return whether the body is a JSON value, or has an end mark that is known by itself or by *wanted*."""
    if is_event_stream(response):
        blocks = split_blocks(response.body)
        mark = end_mark(blocks, wanted)
        return mark is not None and (wanted is not None or is_mark(blocks[mark]))
    return is_json(response.body)


def _missing_of_stream(blocks: Sequence[Block], wanted: str | None) -> str | None:
    for block in blocks:
        if block.has_data and (block.event in (b"error", b"response.failed") or is_error(_value(block.data))):
            return "it holds an error event"
    if blocks and not blocks[-1].whole:
        return "its last event lacks the blank line after it"
    if blocks and not any(block.has_data for block in blocks):
        return "it has comments alone, and no event with data"
    if blocks and end_mark(blocks, wanted) is None:
        return "the stream has no end mark; if it has one, name it with --end-mark"
    return None


def is_error(value: object) -> bool:
    """Return whether a JSON *value* reports an error: a member `error`, `success: false`, `status` or `type: error`."""
    if not isinstance(value, dict):
        return False
    if any(value.get(name) for name in _ERROR_NAMES) or value.get("success") is False:
        return True
    return any(value.get(name) == "error" for name in ("status", "type"))
