"""
AIPKit's parsers of the model's APIs: for each API, one of an event of a stream and one of a whole answer.

The plugin ignores unknown shapes, so an error of an unknown shape can become a good answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chatgptfree_mock.sites.aipower.aipkit.error_words import coded_error, error_message, worded
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput, cited, items, linked, mapping, string
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.model_api.upstream import Api
from chatgptfree_mock.sites.wordpress import php

Reader = Callable[[dict[str, Any], ModelOutput, ProviderTraits], None]
FILTERED: Final = " (Warning: Content Filtered)"
_STATES: Final = ("created", "in_progress", "queued", "completed", "done", "incomplete")
_REPORTED_BLOCKS: Final = ("tool_use", "server_tool_use", "web_search_tool_result", "thinking")
_ANNOTATION: Final = "response.output_text.annotation.added"


def chat_chunk(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read a chunk of Chat Completions."""
    if "error" in payload:
        output.error = error_message(payload, traits)
        if traits.coded_errors:
            output.error, output.error_details = coded_error(mapping(payload["error"]))
        return
    output.tokens = mapping(payload.get("usage")).get("total_tokens", output.tokens)
    for choice in items(payload.get("choices"))[:1]:
        content = mapping(choice.get("delta")).get("content", choice.get("text"))
        if isinstance(content, str) and (content or traits.empty_deltas):
            output.text = (output.text or "") + content
        if choice.get("finish_reason") == "content_filter":
            output.warn(FILTERED)


def chat_whole(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole answer of Chat Completions."""
    for choice in items(payload.get("choices"))[:1]:
        content = mapping(choice.get("message")).get("content", choice.get("text"))
        if isinstance(content, str):
            output.text = php.trim(content)
        if choice.get("finish_reason") == "content_filter" and not output.text:
            output.error = sentences.FILTERED_ANSWER
    if output.text is None and output.error is None:
        output.error = sentences.SHAPELESS_CHAT
    output.tokens = mapping(payload.get("usage")).get("total_tokens")


def responses_event(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of the Responses API."""
    kind = string(payload.get("type"))
    response = mapping(payload.get("response"))
    if kind in traits.statuses:
        output.status = _status(kind, payload, response)
        if traits.item_statuses:
            output.status |= _item_status(payload)
    _cite(kind, payload, output, traits)
    if kind == "response.output_text.delta":
        output.add_text(string(payload.get("delta")))
    elif kind == "response.refusal.delta":
        output.warn(f" (Refusal: {string(payload.get('delta'))})")
    elif kind in ("response.completed", "response.incomplete"):
        _finish(response, output, traits)
    elif kind == "response.failed":
        output.error = _failure(mapping(response.get("error")), traits)
    elif kind == "error":
        output.error = error_message(payload, traits)


def _status(kind: str, payload: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    if kind.removeprefix("response.") in _STATES:
        return {"type": kind, "status": response.get("status"), "response_id": response.get("id")}
    item = payload.get("item_id", mapping(payload.get("item")).get("id"))
    return {"type": kind, "item_id": item, "output_index": payload.get("output_index")}


def _item_status(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the additional keys of OpenRouter's and xAI's statuses; their order is a guess."""
    item = mapping(payload.get("item"))
    found = {
        "call_id": item.get("call_id", payload.get("call_id")),
        "item_type": item.get("type"),
        "item_status": item.get("status"),
        "name": item.get("name", payload.get("name")),
    }
    return {key: value for key, value in found.items() if value is not None}


def _cite(kind: str, payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    if traits.citations == "snippets":
        output.cite(linked(payload))
    elif kind == _ANNOTATION and "url" in mapping(payload.get("annotation")):
        output.status = None
        output.cite([cited(payload["annotation"], "")])
    elif kind == "response.content_part.done":
        _cite_part(mapping(payload.get("part")), output)
    elif kind == "response.output_item.done":
        _cite_item(mapping(payload.get("item")), output)


def _failure(error: dict[str, Any], traits: ProviderTraits) -> str:
    if traits.failed == "worded":
        return worded(error, traits.suffixes) or sentences.UNKNOWN_ERROR
    return f" (Error: {string(error.get('message'))})"


def responses_whole(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole answer of the Responses API."""
    for item in items(payload.get("output")):
        for part in items(item.get("content"))[:1]:
            if part.get("type") == "output_text" and output.text is None:
                output.text = php.trim(string(part.get("text")))
    if output.text is None:
        reason = mapping(payload.get("incomplete_details")).get("reason")
        output.error = sentences.INCOMPLETE.format(reason=reason) if reason else sentences.SHAPELESS_RESPONSE
    _finish(payload, output, traits)


def _finish(response: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    if traits.response_id:
        output.response_id = string(response.get("id")) or None
    output.tokens = mapping(response.get("usage")).get("total_tokens")
    for item in items(response.get("output")) if traits.citations == "places" else []:
        _cite_item(item, output)
    if response.get("status") == "incomplete":
        output.warn(f" (Incomplete: {string(mapping(response.get('incomplete_details')).get('reason'))})")


def _cite_item(item: dict[str, Any], output: ModelOutput) -> None:
    for part in items(item.get("content")):
        _cite_part(part, output)


def _cite_part(part: dict[str, Any], output: ModelOutput) -> None:
    text = string(part.get("text"))
    output.cite([cited(annotation, text) for annotation in items(part.get("annotations"))])


def google_chunk(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read an answer of Gemini's generateContent; the pieces of a stream have the same form as a whole answer."""
    if "error" in payload:
        output.error = error_message(payload, traits)
        return
    for candidate in items(payload.get("candidates"))[:1]:
        parts = items(mapping(candidate.get("content")).get("parts"))
        output.add_text("".join(string(part.get("text")) for part in parts))
        if candidate.get("finishReason") == "SAFETY":
            output.warn(FILTERED)
        if "groundingMetadata" in candidate:
            output.grounding = mapping(candidate["groundingMetadata"])
    output.tokens = mapping(payload.get("usageMetadata")).get("totalTokenCount", output.tokens)


def interactions_event(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of Gemini's Interactions API."""
    if "error" in payload:
        if traits.errors_lost:
            # The plugin does not check for errors here, and sends the text of the same read as one.
            output.error_lost = True
        else:
            output.error = error_message(payload, traits)
        return
    interaction, delta = mapping(payload.get("interaction")), mapping(payload.get("delta"))
    output.interaction_id = string(interaction.get("id")) or output.interaction_id
    output.tokens = mapping(interaction.get("usage")).get("total_tokens", output.tokens)
    if interaction.get("status") == "blocked":
        output.warn(FILTERED)
    _google_part(delta, output, traits)


def interactions_whole(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole answer of Gemini's Interactions API."""
    if "error" in payload:
        output.error = error_message(payload, traits)
        return
    for part in items(payload.get("outputs")):
        _google_part(part, output, traits)
    output.tokens = mapping(payload.get("usage")).get("total_tokens")


def _google_part(part: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    kind = string(part.get("type"))
    if kind == "text":
        output.add_text(string(part.get("text")))
    elif kind in traits.statuses:
        output.status = {"type": kind}
    elif kind == "google_search_result":
        shown = next((string(result.get("rendered_content")) for result in items(part.get("result"))), "")
        output.grounding = {"searchEntryPoint": {"renderedContent": shown}}


def claude_event(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of Anthropic's."""
    kind = string(payload.get("type"))
    delta = mapping(payload.get("delta"))
    if kind in traits.statuses:
        output.status = _claude_status(kind, payload) or output.status
    if kind == "content_block_start" and traits.search_errors:
        output.error = _search_error(mapping(payload.get("content_block")))
    elif kind == "content_block_delta":
        output.add_text(string(delta.get("text")))
        if delta.get("type") == "citations_delta":
            output.citations.append(mapping(delta.get("citation")))
    elif kind == "message_delta" and delta.get("stop_reason") == "max_tokens" and traits.warns_of_length:
        output.warn(sentences.CLAUDE_LENGTH)
    elif kind == "error":
        output.error = error_message(payload, traits)


def _claude_status(kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    if kind == "message_start":
        message = mapping(payload.get("message"))
        return {"type": kind, "message_id": message.get("id"), "model": message.get("model")}
    if kind == "content_block_start":
        block = mapping(payload.get("content_block"))
        status = {"type": kind, "index": payload.get("index"), "content_block_type": string(block.get("type"))}
        status |= {name: block[name] for name in ("name", "tool_use_id") if name in block}
        return status if block.get("type") in _REPORTED_BLOCKS else None
    if kind == "message_delta":
        return {"type": kind, "stop_reason": mapping(payload.get("delta")).get("stop_reason")}
    return {"type": kind}


def _search_error(block: dict[str, Any]) -> str | None:
    """Return the message for a failed web search, which the API reports as the result of a tool."""
    result = mapping(block.get("content"))
    if result.get("type") != "web_search_tool_result_error":
        return None
    return sentences.CLAUDE_SEARCH.format(reason=string(result.get("error_code")))


def claude_whole(payload: dict[str, Any], output: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole message of Anthropic's."""
    for block in items(payload.get("content")):
        if traits.search_errors:
            output.error = output.error or _search_error(block)
        output.add_text(string(block.get("text")))
        output.citations += items(block.get("citations"))
    usage = mapping(payload.get("usage"))
    output.tokens = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)


STREAM_READERS: Final[dict[Api, Reader]] = {
    "chat-completions": chat_chunk,
    "completions": chat_chunk,
    "responses": responses_event,
    "google": google_chunk,
    "interactions": interactions_event,
    "claude": claude_event,
}
WHOLE_READERS: Final[dict[Api, Reader]] = {
    "chat-completions": chat_whole,
    "completions": chat_whole,
    "responses": responses_whole,
    "google": google_chunk,
    "interactions": interactions_whole,
    "claude": claude_whole,
}
