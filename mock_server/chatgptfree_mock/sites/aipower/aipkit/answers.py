"""
Convert the bytes of the model's API to the plugin's output: each read of a stream, or a whole answer.

A stream is cut into events across reads; an event is sent with the read that completes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from chatgptfree_mock.sites.aipower.aipkit.error_words import coded_words, worded
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput, mapping
from chatgptfree_mock.sites.aipower.aipkit.response_parsers import STREAM_READERS, WHOLE_READERS
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress import php

LONGEST_ERROR: Final = 200
"""Bytes of an error page that are sent if it is not JSON."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_END_MARK: Final = b"data: [DONE]"
_ANY_LINE = re.compile(rb"\r?\n")


class StreamReading:
    """Reads one stream of the model's API, read by read."""

    def __init__(self, traits: ProviderTraits) -> None:
        self._reader = STREAM_READERS[traits.api]
        self._traits = traits
        self._rest = b""
        self.ended = False
        """The end mark of the API has come."""

    def read(self, data: bytes) -> ModelOutput:
        """Return the output for the events that are complete with *data*; the rest waits for the next read."""
        *blocks, self._rest = _BLANK_LINE.split(self._rest + data)
        self.ended = self.ended or any(block.strip() == _END_MARK for block in blocks)
        output = ModelOutput()
        for payload in _payloads(blocks):
            self._reader(payload, output, self._traits)
            if output.error is not None:
                break
        if self._traits.empty_reads and output.text is None and output.error is None:
            output.text = ""
        if self._traits.drops_zero and self._traits.api == "chat-completions" and output.text == "0":
            output.text = None
        return output


def whole_answer(body: bytes, traits: ProviderTraits) -> ModelOutput | None:
    """Return the output for a whole answer, or None if it is not a JSON object."""
    payload = _object(body)
    if payload is None:
        return None
    output = ModelOutput()
    WHOLE_READERS[traits.api](payload, output, traits)
    return output


def http_error_words(upstream: ModelResponse, traits: ProviderTraits) -> str:
    """Return the plugin's message for an HTTP error: the API's message with its code, or else the whole body."""
    body = upstream.body.strip(php.BLANKS.encode())
    error = mapping((_object(body) or {}).get("error"))
    if traits.coded_errors:
        return coded_words(error)
    if not isinstance(error.get("message"), str):
        return php.trim(body[:LONGEST_ERROR].decode("utf-8", "surrogateescape"))
    if not error["message"] and traits.names_nameless:
        return sentences.UNKNOWN_ERROR
    return worded(error, traits.suffixes)


def _payloads(blocks: list[bytes]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        lines = [line[5:].strip() for line in _ANY_LINE.split(block) if line.startswith(b"data:")]
        payload = _object(b"\n".join(lines))
        if payload is not None:
            yield payload


def _object(data: bytes) -> dict[str, Any] | None:
    """Decode a JSON object as PHP does, which refuses an unpaired surrogate."""
    try:
        value = json.loads(data)
        if rb"\ud" in data.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
