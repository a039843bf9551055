"""
Relay the bytes that the plugin's curl reads while it streams.

Every read is passed on unchanged, so an answer may be cut anywhere.  An error of the model's API is sent word by word,
as if it were an answer.  The function that does so returns a wrong number of bytes to curl, so curl aborts, WordPress
repeats the request, and everything is sent twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress.php import BLANKS
from chatgptfree_mock.tape.json_value import json_or_none

TimedBytes = tuple[int, bytes]
_STOP = b'data: {"choices":[{"finish_reason":"stop"}]}\n\n'
_TAG = re.compile(r"<[^<>]*>")
_BAD_KEY = "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."


class Relayed(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one call: the *chunks* to send, and whether curl aborted, so that the call is repeated."""

    chunks: tuple[TimedBytes, ...]
    again: bool = False


def relay(upstream: ModelResponse, how: Literal["verbatim", "data-lines"]) -> Relayed:
    """Convert the reads of one call to chunks for the visitor."""
    if how == "data-lines":
        return Relayed(chunks=tuple((ms, data) for ms, read in upstream.reads if (data := _data_lines(read))))
    chunks: list[TimedBytes] = []
    for ms, read in upstream.reads:
        error = error_message(read)
        if error is not None:
            return Relayed(chunks=(*chunks, *((ms, write) for write in _words(error))), again=True)
        chunks.append((ms, read))
    whole = error_message(upstream.body) if len(upstream.reads) > 1 else None
    if whole is not None:
        chunks += [(upstream.ended_ms, write) for write in (*_word(whole), _STOP)]
    return Relayed(chunks=tuple(chunks))


def error_message(body: bytes) -> str | None:
    """Return the message of the API's error, if *body* is JSON with an error in it."""
    # Most reads are events, which need no attempt at JSON.
    return None if body.startswith(b"data:") else error_in(json_or_none(body))


def error_in(value: Any) -> str | None:
    """Return the message of an error object, or None if *value* is not one."""
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return None
    message = error.get("message") or ""
    return _BAD_KEY if not message and error.get("code") == "invalid_api_key" else str(message)


def text_of(streams: Iterable[ModelResponse]) -> str:
    """Return the text that the plugin collects from the streams of its calls."""
    lines = b"".join(upstream.body for upstream in streams).split(b"\n")
    return "".join(_delta(line.strip()[5:]) for line in lines if line.strip().startswith(b"data:"))


def choice_text(value: Any) -> str | None:
    """Return the text of the first choice, in any of the forms that it may have."""
    choices = value.get("choices") if isinstance(value, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        return ""
    for key in ("delta", "message"):
        if isinstance(first.get(key), dict):
            content = first[key].get("content", "")
            return content if isinstance(content, str) or content is None else ""
    text = first.get("text", "")
    return text if isinstance(text, str) else ""


def _delta(data: bytes) -> str:
    try:
        return choice_text(json.loads(data)) or ""
    except ValueError:
        return ""


def _data_lines(read: bytes) -> bytes:
    """Keep the lines of one read that begin with `data:`; if a read begins inside a line, that rest is lost."""
    lines = (line.strip(BLANKS.encode()) for line in read.split(b"\n"))
    return b"".join(line + b"\n\n" for line in lines if line.startswith(b"data:"))


def _words(message: str) -> Iterator[bytes]:
    """Yield the plugin's writes, one at a time; everything in the form of a tag is removed from the words."""
    for place, word in enumerate(_TAG.sub("", message).split(" ")):
        yield from _word(f" {word}" if place else word)
    yield _STOP


def _word(text: str) -> tuple[bytes, bytes]:
    # Not escaped: a quote in an error's text breaks the JSON.
    data = f'data: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'
    return b"event: message\n", data.encode("utf-8", "replace")
