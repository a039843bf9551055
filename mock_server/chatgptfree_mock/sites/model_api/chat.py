"""
Chat Completions and the legacy Completions, of OpenAI and of Azure, OpenRouter, DeepSeek and others.

Key order and nulls are those of the recordings, which WPAICG passes through byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatgptfree_mock.sites.model_api.dialect import (
    ModelEvent,
    data_event,
    error_object,
    reported_model,
    to_json,
    tokens,
)
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest

_COMMENT = b": OPENROUTER PROCESSING\n\n"
_FILTERS = ("hate", "self_harm", "sexual", "violence")


class ChatCompletions:
    """`POST /v1/chat/completions`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write OpenRouter's comments, Azure's verdict on the prompt, and the chunk that names the role."""
        events = [ModelEvent(data=_COMMENT) for _ in range(3)] if call.settings.comments else []
        if call.provider == "Azure":
            events.append(data_event(call, _azure_prompt_verdict(call)))
        return [*events, _chunk(call, {"role": "assistant", "content": "", "refusal": None})]

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta."""
        return _chunk(call, {"content": text})

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the finish reason, the usage if it is requested, and `[DONE]`, all at once."""
        events = []
        if call.settings.refusal is not None:
            events.append(_chunk(call, {"refusal": call.settings.refusal}))
        if not call.settings.no_finish:
            events.append(_chunk(call, {}, call.settings.finish))
        if call.settings.usage_chunk or call.usage:
            events.append(data_event(call, {**_head(call), "choices": [], "usage": _usage(text)}, pause=False))
        if not call.settings.no_end_mark:
            events.append(ModelEvent(data=b"data: [DONE]\n\n", pause=False))
        return events

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write OpenAI's error object, as an event or bare."""
        value = error_object(error)
        if error.plain_json:
            return to_json(value, ascii_only=call.settings.ascii)
        return data_event(call, value).data

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error."""
        return error_object(error)

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return a `chat.completion`."""
        settings = call.settings
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": settings.refusal}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": settings.finish}
        if settings.no_finish:
            choice["finish_reason"] = None
        head = {**_head(call), "object": "chat.completion"}
        return {**head, "choices": [_judged(call, choice)], "usage": _usage(text)}


class Completions(ChatCompletions):
    """`POST /v1/completions`: the text is in the choice itself."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write nothing: this API has no role."""
        return ()

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta as `choices[0].text`."""
        return data_event(call, self._value(call, text, None))

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write an empty text with the reason, and `[DONE]`."""
        settings = call.settings
        events = [] if settings.no_finish else [data_event(call, self._value(call, "", settings.finish))]
        return events if settings.no_end_mark else [*events, ModelEvent(data=b"data: [DONE]\n\n", pause=False)]

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return a `text_completion`."""
        return {**self._value(call, text, call.settings.finish), "usage": _usage(text)}

    @staticmethod
    def _value(call: ModelRequest, text: str, finish: str | None) -> dict[str, Any]:
        choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
        return {
            "id": f"cmpl-ARfake{call.number:022d}",
            "object": "text_completion",
            "created": call.created,
            "choices": [choice],
            "model": call.settings.name or call.model,
        }


def _head(call: ModelRequest) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-ARfake{call.number:022d}",
        "object": "chat.completion.chunk",
        "created": call.created,
        "model": reported_model(call),
        "system_fingerprint": None,
    }


def _chunk(call: ModelRequest, delta: dict[str, Any], finish: str | None = None) -> ModelEvent:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return data_event(call, {**_head(call), "choices": [_judged(call, choice)]})


def _judged(call: ModelRequest, choice: dict[str, Any]) -> dict[str, Any]:
    return {**choice, "content_filter_results": _safe()} if call.provider == "Azure" else choice


def _azure_prompt_verdict(call: ModelRequest) -> dict[str, Any]:
    verdict = [{"prompt_index": 0, "content_filter_results": _safe()}]
    empty = {"id": "", "object": "", "created": 0, "model": ""}
    return {"choices": [], **empty, "prompt_filter_results": verdict}


def _safe() -> dict[str, Any]:
    return {name: {"filtered": False, "severity": "safe"} for name in _FILTERS}


def _usage(text: str) -> dict[str, int]:
    prompt, completion = 20, tokens(text)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
