"""
The Responses API, which AIPKit uses for OpenAI bots.

Every event has a number and a name.  The first has the id of the answer, by which OpenAI can continue the conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chatgptfree_mock.sites.model_api.dialect import ModelEvent, data_event, error_object, to_json, tokens
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest

_SEARCH_STEPS = ("in_progress", "searching", "completed")
_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


class Responses:
    """`POST /v1/responses`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write the start of the answer, the steps of a web search if there is one, and the start of the text part."""
        events = [
            _event(call, 0, "response.created", {"response": _response(call, "in_progress", [])}),
            _event(call, 1, "response.in_progress", {"response": _response(call, "in_progress", [])}),
        ]
        if call.settings.web_search:
            item = {"output_index": 0, "item_id": f"ws_fake{call.number:04d}"}
            kinds = [f"response.web_search_call.{step}" for step in _SEARCH_STEPS]
            events += [_event(call, 2 + number, kind, item) for number, kind in enumerate(kinds)]
        if _is_silent(call) or not _has_items(call):
            return events
        first = _first_number(call) - 2
        added = {"output_index": _output_index(call), "item": _item(call, "in_progress", [])}
        part = {**_place(call), "part": _text_part("", [])}
        return [
            *events,
            _event(call, first, "response.output_item.added", added),
            _event(call, first + 1, "response.content_part.added", part),
        ]

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta; the first follows the start of the text part without a pause."""
        value = {**_place(call), "delta": text, "logprobs": []}
        kind = "response.output_text.delta"
        return _event(call, _first_number(call) + number, kind, value, pause=number > 0)

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the text again, with its citations, and the whole answer with its status."""
        if call.settings.no_end_mark:
            return ()
        silent = _is_silent(call)
        values = [] if silent or not _has_items(call) else list(_done_values(call, text))
        kind = "response.incomplete" if call.settings.finish in _REASONS else "response.completed"
        values.append((kind, {"response": _finished(call, text)}))
        # No delta is empty, so there are at most as many deltas before this as the text has characters.
        numbered = enumerate(values, _first_number(call) + len(text))
        return [
            _event(call, number, kind, value, pause=not silent and value is values[0][1])
            for number, (kind, value) in numbered
        ]

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write the API's `error` event, the failed answer, or the error as bare JSON."""
        if error.plain_json:
            value = error_object(error)
            return to_json(value, ascii_only=call.settings.ascii)
        if error.response_failed:
            response = {**_response(call, "failed", []), "error": {"code": error.code, "message": error.message}}
            return _event(call, 99, "response.failed", {"response": response}).data
        value = {"code": error.code, "message": error.message, "param": error.param}
        return _event(call, 99, "error", value).data

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error."""
        return error_object(error)

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return a finished `response`; one without text has an empty text."""
        response = _finished(call, text)
        if _is_silent(call):
            response["output"] = [_item(call, "completed", [_text_part("", [])])]
        return response


def response_id(call: ModelRequest) -> str:
    """Return the id of the answer to *call*."""
    return f"resp_fake{call.number:04d}"


def _is_silent(call: ModelRequest) -> bool:
    return call.settings.empty and call.settings.refusal is None


def _has_items(call: ModelRequest) -> bool:
    chosen = call.settings.item_events
    return call.provider == "OpenAI" or call.settings.refusal is not None if chosen is None else chosen


def _event(call: ModelRequest, number: int, kind: str, value: dict[str, Any], *, pause: bool = False) -> ModelEvent:
    return data_event(call, {"type": kind, "sequence_number": number, **value}, name=kind, pause=pause)


def _response(call: ModelRequest, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": response_id(call),
        "object": "response",
        "created_at": call.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": call.settings.name or call.model,
        "output": output,
        "usage": None,
    }


def _finished(call: ModelRequest, text: str) -> dict[str, Any]:
    reason = _REASONS.get(call.settings.finish)
    output = [] if _is_silent(call) else [_item(call, "completed", _parts(call, text))]
    response = _response(call, "incomplete" if reason else "completed", output)
    if reason:
        response["incomplete_details"] = {"reason": reason}
    count = tokens(text)
    response["usage"] = {"input_tokens": 20, "output_tokens": count, "total_tokens": 20 + count}
    return response


def _done_values(call: ModelRequest, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the names and values of the events that repeat the text, part by part."""
    place, refusal = _place(call), call.settings.refusal
    if text:
        yield "response.output_text.done", {**place, "text": text, "logprobs": []}
    if refusal is not None:
        yield "response.refusal.delta", {**place, "delta": refusal}
        yield "response.refusal.done", {**place, "refusal": refusal}
    for part in _parts(call, text):
        yield "response.content_part.done", {**place, "part": part}
    item = _item(call, "completed", _parts(call, text))
    yield "response.output_item.done", {"output_index": _output_index(call), "item": item}


def _parts(call: ModelRequest, text: str) -> list[dict[str, Any]]:
    parts = [_text_part(text, _annotations(call, text))] if text else []
    if call.settings.refusal is not None:
        parts.append({"type": "refusal", "refusal": call.settings.refusal})
    return parts


def _text_part(text: str, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "annotations": annotations, "logprobs": [], "text": text}


def _annotations(call: ModelRequest, text: str) -> list[dict[str, Any]]:
    if not call.settings.citations:
        return []
    where = {"start_index": 0, "end_index": min(11, len(text))}
    source = {"url": "https://example.org/a?b=1&c=2", "title": 'Example "A"'}
    return [{"type": "url_citation", **where, **source}]


def _item(call: ModelRequest, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    head = {"id": f"msg_fake{call.number:04d}", "type": "message", "status": status}
    return {**head, "content": parts, "role": "assistant"}


def _place(call: ModelRequest) -> dict[str, Any]:
    return {"item_id": f"msg_fake{call.number:04d}", "output_index": _output_index(call), "content_index": 0}


def _output_index(call: ModelRequest) -> int:
    return 1 if call.settings.web_search else 0


def _first_number(call: ModelRequest) -> int:
    return 4 + (len(_SEARCH_STEPS) if call.settings.web_search else 0)
