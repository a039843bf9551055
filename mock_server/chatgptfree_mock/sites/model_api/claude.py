"""Anthropic's Messages API: named events around blocks of content."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatgptfree_mock.sites.model_api.dialect import ModelEvent, data_event, to_json, tokens
from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest

_REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


class Claude:
    """`POST /v1/messages`."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write the start of the message and of its text block."""
        message = {**_message(call, []), "stop_reason": None, "usage": {"input_tokens": 20, "output_tokens": 1}}
        block = {"index": _text_index(call), "content_block": {"type": "text", "text": ""}}
        searched = [
            event for index, block in enumerate(_search_blocks(call)) for event in _whole_block(call, index, block)
        ]
        start = _event(call, "message_start", {"message": message})
        return [start, *searched, _event(call, "content_block_start", block)]

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta of the text block."""
        value = {"index": _text_index(call), "delta": {"type": "text_delta", "text": text}}
        return _event(call, "content_block_delta", value, pause=True)

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the end of the block, the stop reason, and the end of the message."""
        index = _text_index(call)
        events = [_event(call, "content_block_stop", {"index": index}, pause=True)]
        if call.settings.citations:
            cited = {"index": index, "delta": {"type": "citations_delta", "citation": _citation(text)}}
            events.insert(0, _event(call, "content_block_delta", cited))
        if not call.settings.no_finish:
            reason = {"stop_reason": _REASONS[call.settings.finish], "stop_sequence": None}
            value = {"delta": reason, "usage": {"output_tokens": tokens(text)}}
            events.append(_event(call, "message_delta", value))
        return events if call.settings.no_end_mark else [*events, _event(call, "message_stop", {})]

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write Anthropic's error, as an event or bare."""
        value = {"error": {"type": error.code or "overloaded_error", "message": error.message}}
        if error.plain_json:
            return to_json({"type": "error", **value}, ascii_only=call.settings.ascii)
        return _event(call, "error", value).data

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error."""
        return {"type": "error", "error": {"type": error.type, "message": error.message}}

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return a finished message."""
        content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        if call.settings.citations and content:
            content[0]["citations"] = [_citation(text)]
        content = [*_search_blocks(call), *content]
        usage = {"input_tokens": 20, "output_tokens": tokens(text)}
        return {**_message(call, content), "stop_reason": _REASONS[call.settings.finish], "usage": usage}


def _event(call: ModelRequest, kind: str, value: dict[str, Any], *, pause: bool = False) -> ModelEvent:
    return data_event(call, {"type": kind, **value}, name=kind, pause=pause)


def _search_blocks(call: ModelRequest) -> list[dict[str, Any]]:
    """
    Return the blocks of a web search and its result, if the model searches.

    Source: Anthropic's documentation of the web search tool.
    """
    error = call.settings.web_search_error
    if not call.settings.web_search and error is None:
        return []
    ident = f"srvtoolu_fake{call.number:04d}"
    page = {"type": "web_search_result", "url": "https://example.org/a?b=1&c=2", "title": 'Example "A"'}
    found: Any = [{**page, "encrypted_content": "", "page_age": None}]
    if error is not None:
        found = {"type": "web_search_tool_result_error", "error_code": error}
    return [
        {"type": "server_tool_use", "id": ident, "name": "web_search", "input": {"query": "example"}},
        {"type": "web_search_tool_result", "tool_use_id": ident, "content": found},
    ]


def _text_index(call: ModelRequest) -> int:
    return len(_search_blocks(call))


def _whole_block(call: ModelRequest, index: int, block: dict[str, Any]) -> list[ModelEvent]:
    started = _event(call, "content_block_start", {"index": index, "content_block": block})
    return [started, _event(call, "content_block_stop", {"index": index})]


def _message(call: ModelRequest, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"msg_fake{call.number:04d}",
        "type": "message",
        "role": "assistant",
        "model": call.settings.name or call.model,
        "content": content,
        "stop_sequence": None,
    }


def _citation(text: str) -> dict[str, Any]:
    return {
        "type": "char_location",
        "cited_text": text[:11],
        "document_index": 0,
        "document_title": 'Example "A"',
        "start_char_index": 0,
        "end_char_index": min(11, len(text)),
    }
