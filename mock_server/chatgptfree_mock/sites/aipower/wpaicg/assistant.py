"""
Relay an OpenAI assistant (1.8.95 and later): named events, of which the plugin passes on two kinds.

A read that contains a delta or the end is passed on as a whole; all others are dropped, so that a failed run is an
answer without text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.wpaicg.relay import error_message
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress import php

_KEPT = (b"event: thread.message.delta", b"event: done")


def relay(upstream: ModelResponse, known: str) -> Iterator[tuple[int, bytes]]:
    """Yield the output for the visitor; *known* is the thread to continue, or empty."""
    failed = _failure(upstream)
    if failed is not None:
        error = php.json_encode({"status": "error", "msg": failed})
        yield upstream.ended_ms, f"event: assistant_error\ndata: {error}\n\nevent: done\ndata: \n\n".encode()
        return
    if not known:
        yield 0, f"event: thread_id\ndata: {_thread(upstream)}\n\n".encode()
    for ms, read in upstream.reads:
        if any(mark in read for mark in _KEPT):
            yield ms, read


def json_answer(upstream: ModelResponse, known: str, instruction: str, log: int | str | bool) -> dict[str, object]:
    """Return the JSON answer of an assistant that does not stream."""
    thread = known or _thread(upstream)
    failed = _failure(upstream)
    head = {"status": "error" if failed is not None else "success", "msg": failed or sentences.SOMETHING_WRONG}
    if failed is not None:
        return {**head, "greeting_message": instruction, "thread_id": thread, "log": log}
    return {**head, "greeting_message": instruction, "data": _answer_in(upstream), "thread_id": thread, "log": log}


def _failure(upstream: ModelResponse) -> str | None:
    if upstream.failure is not None and not upstream.reads:
        return str(upstream.failure)
    return error_message(upstream.body)


def _thread(upstream: ModelResponse) -> str:
    found = re.search(rb'"thread_id": ?"(thread_\w+)"', upstream.body)
    return found[1].decode() if found else ""


def _answer_in(upstream: ModelResponse) -> str:
    try:
        value = json.loads(upstream.body)
        return str(value["data"][0]["content"][0]["text"]["value"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
