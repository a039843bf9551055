"""
Google's Gemini, through both of its APIs.

generateContent streams complete answer objects, each with one delta, in lines that end in CR LF; the Interactions
API streams events, of which the first and the last have the interaction and its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatgptfree_mock.sites.model_api.dialect import ModelEvent, to_json, tokens
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest

_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_STATES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class Google:
    """`POST /v1beta/models/{model}:streamGenerateContent?alt=sse`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write nothing: the first chunk holds text already."""
        return ()

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one text as a complete answer object."""
        return _event(call, _answer(call, text))

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write an empty text with the reason; this API has no end mark."""
        if call.settings.no_finish:
            return ()
        return [_event(call, _finished(call, "", text))]

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write Google's error object, as an event or bare."""
        value = _error(500, error.message)
        if error.plain_json:
            return to_json(value, ascii_only=call.settings.ascii)
        return _event(call, value).data

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error."""
        return _error(error.status, error.message)

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return one answer with all the text."""
        return _answer(call, text) if call.settings.no_finish else _finished(call, text, text)


class Interactions(Google):
    """`POST /v1beta/interactions` with `stream: true`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write the start of the interaction, with its id."""
        return [_interaction(call, "interaction.start", {"status": "in_progress"})]

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta."""
        return _content(call, {"type": "text", "text": text})

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the searches, and the end of the interaction; this API has no end mark."""
        searched = [_content(call, part) for part in _searched()] if call.settings.grounding else []
        if call.settings.no_finish or call.settings.no_end_mark:
            return searched
        status = "blocked" if call.settings.finish == "content_filter" else "completed"
        end = {"status": status, "usage": {"total_tokens": 20 + tokens(text)}}
        return [*searched, _interaction(call, "interaction.complete", end)]

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return a finished interaction."""
        searched = _searched() if call.settings.grounding else []
        outputs = [*searched, *([{"type": "text", "text": text}] if text else [])]
        usage = {"total_tokens": 20 + tokens(text)}
        return {"id": _interaction_id(call), "status": "completed", "outputs": outputs, "usage": usage}


def _interaction_id(call: ModelRequest) -> str:
    return f"int_fake{call.number:04d}"


def _interaction(call: ModelRequest, kind: str, value: dict[str, Any]) -> ModelEvent:
    head = {"id": _interaction_id(call), "model": call.settings.name or call.model}
    return _event(call, {"event_type": kind, "interaction": {**head, **value}})


def _content(call: ModelRequest, delta: dict[str, Any]) -> ModelEvent:
    return _event(call, {"event_type": "content.delta", "index": 0, "delta": delta})


def _searched() -> list[dict[str, Any]]:
    shown = _grounding()["searchEntryPoint"]["renderedContent"]
    result = {"type": "google_search_result", "result": [{"rendered_content": shown}]}
    return [{"type": "google_search_call", "arguments": {"queries": ["example"]}}, result]


def _event(call: ModelRequest, value: dict[str, Any]) -> ModelEvent:
    return ModelEvent(data=b"data: " + to_json(value, ascii_only=call.settings.ascii) + b"\r\n\r\n")


def _answer(call: ModelRequest, text: str) -> dict[str, Any]:
    parts = [{"text": text}] if text else []
    return {
        "candidates": [{"content": {"parts": parts, "role": "model"}, "index": 0}],
        "modelVersion": call.settings.name or call.model,
        "responseId": _interaction_id(call),
    }


def _finished(call: ModelRequest, delta: str, text: str) -> dict[str, Any]:
    answer = _answer(call, delta)
    answer["candidates"][0]["finishReason"] = _REASONS[call.settings.finish]
    if call.settings.grounding:
        answer["candidates"][0]["groundingMetadata"] = _grounding()
    count = tokens(text)
    usage = {"promptTokenCount": 20, "candidatesTokenCount": count, "totalTokenCount": 20 + count}
    return {**answer, "usageMetadata": usage}


def _grounding() -> dict[str, Any]:
    web = {"uri": "https://example.org/a?b=1&c=2", "title": "example.org"}
    return {
        "searchEntryPoint": {"renderedContent": '<div class="container">example</div>'},
        "groundingChunks": [{"web": web}],
        "webSearchQueries": ["example"],
    }


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": _STATES.get(status, "INTERNAL")}}
