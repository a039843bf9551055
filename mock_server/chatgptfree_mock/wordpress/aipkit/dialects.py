"""
How generation 2 reads the model's APIs: one event of a stream, and one whole answer, per API.

What it does not know it passes over without a word; that is why an error of the wrong shape can end as a good answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chatgptfree_mock.wordpress import php
from chatgptfree_mock.wordpress.aipkit.told import Told, cited, items, mapping, string
from chatgptfree_mock.wordpress.model import Api
from chatgptfree_mock.wordpress.releases.aipkit import Traits

Reader = Callable[[dict[str, Any], Told, Traits], None]
UNKNOWN_ERROR: Final = "An unknown API error occurred."
FILTERED: Final = " (Warning: Content Filtered)"
_SHAPELESS: Final = "Unexpected response structure from OpenAI Responses API."
_STEPS: Final = ("response.web_search_call.", "response.file_search_call.", "response.image_generation_call.")


def chat_chunk(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read a chunk of Chat Completions."""
    if "error" in payload:
        told.error = error_message(payload, traits)
        return
    told.tokens = mapping(payload.get("usage")).get("total_tokens", told.tokens)
    for choice in items(payload.get("choices"))[:1]:
        content = mapping(choice.get("delta")).get("content", choice.get("text"))
        if isinstance(content, str) and (content or traits.empty_deltas):
            told.text = (told.text or "") + content
        if choice.get("finish_reason") == "content_filter":
            told.warn(FILTERED)


def chat_whole(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read a whole answer of Chat Completions."""
    for choice in items(payload.get("choices"))[:1]:
        content = mapping(choice.get("message")).get("content", choice.get("text"))
        if isinstance(content, str):
            told.text = php.trim(content)
        if choice.get("finish_reason") == "content_filter" and not told.text:
            told.error = "Response blocked due to content filtering."
    if told.text is None and told.error is None:
        told.error = "Unexpected response structure from Chat Completions API."
    told.tokens = mapping(payload.get("usage")).get("total_tokens")


def responses_event(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read an event of the Responses API."""
    kind = string(payload.get("type"))
    response = mapping(payload.get("response"))
    if kind in ("response.created", "response.in_progress", "response.queued"):
        told.status = {"type": kind, "status": response.get("status"), "response_id": response.get("id")}
    elif kind.startswith(_STEPS):
        told.status = {"type": kind, "item_id": payload.get("item_id"), "output_index": payload.get("output_index")}
    elif kind == "response.output_text.delta":
        told.say(string(payload.get("delta")))
    elif kind == "response.refusal.delta":
        told.warn(f" (Refusal: {string(payload.get('delta'))})")
    elif kind == "response.content_part.done":
        _cite_part(mapping(payload.get("part")), told)
    elif kind == "response.output_item.done":
        _cite_item(mapping(payload.get("item")), told)
    elif kind in ("response.completed", "response.incomplete"):
        _finish(response, told)
    elif kind == "response.failed":
        told.error = f" (Error: {string(mapping(response.get('error')).get('message'))})"
    elif kind == "error":
        told.error = error_message(payload, traits)


def responses_whole(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read a whole answer of the Responses API."""
    for item in items(payload.get("output")):
        for part in items(item.get("content"))[:1]:
            if part.get("type") == "output_text" and told.text is None:
                told.text = php.trim(string(part.get("text")))
    if told.text is None:
        reason = mapping(payload.get("incomplete_details")).get("reason")
        told.error = f"Response incomplete due to: {reason}" if reason else _SHAPELESS
    _finish(payload, told)


def _finish(response: dict[str, Any], told: Told) -> None:
    told.response_id = string(response.get("id")) or None
    told.tokens = mapping(response.get("usage")).get("total_tokens")
    for item in items(response.get("output")):
        _cite_item(item, told)
    if response.get("status") == "incomplete":
        told.warn(f" (Incomplete: {string(mapping(response.get('incomplete_details')).get('reason'))})")


def _cite_item(item: dict[str, Any], told: Told) -> None:
    for part in items(item.get("content")):
        _cite_part(part, told)


def _cite_part(part: dict[str, Any], told: Told) -> None:
    text = string(part.get("text"))
    found = [cited(annotation, text) for annotation in items(part.get("annotations"))]
    told.citations += [citation for citation in found if citation not in told.citations]


def google_chunk(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read an answer of Gemini's, which is the same whether whole or in pieces."""
    if "error" in payload:
        told.error = uncoded(payload)
        return
    for candidate in items(payload.get("candidates"))[:1]:
        parts = items(mapping(candidate.get("content")).get("parts"))
        told.say("".join(string(part.get("text")) for part in parts))
        if candidate.get("finishReason") == "SAFETY":
            told.warn(FILTERED)
        if "finishReason" in candidate and traits.google_interactions:
            told.interaction_id = string(payload.get("responseId")) or None
        if "groundingMetadata" in candidate:
            told.grounding = mapping(candidate["groundingMetadata"])
            if traits.google_interactions:
                told.status = {"type": "google_search_call"}
                told.grounding = {"searchEntryPoint": told.grounding.get("searchEntryPoint")}
    told.tokens = mapping(payload.get("usageMetadata")).get("totalTokenCount", told.tokens)


def claude_event(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read an event of Anthropic's."""
    kind = string(payload.get("type"))
    delta = mapping(payload.get("delta"))
    if kind == "message_start":
        message = mapping(payload.get("message"))
        told.status = {"type": kind, "message_id": message.get("id"), "model": message.get("model")}
    elif kind == "content_block_start":
        block = mapping(payload.get("content_block"))
        told.status = {"type": kind, "index": payload.get("index"), "content_block_type": block.get("type")}
    elif kind == "content_block_delta":
        told.say(string(delta.get("text")))
        if delta.get("type") == "citations_delta":
            told.citations.append(mapping(delta.get("citation")))
    elif kind == "message_delta":
        told.status = {"type": kind, "stop_reason": delta.get("stop_reason")}
    elif kind == "message_stop":
        told.status = {"type": kind}
    elif kind == "error":
        told.error = uncoded(payload)


def claude_whole(payload: dict[str, Any], told: Told, traits: Traits) -> None:
    """Read a whole message of Anthropic's."""
    for block in items(payload.get("content")):
        told.say(string(block.get("text")))
        told.citations += items(block.get("citations"))
    usage = mapping(payload.get("usage"))
    told.tokens = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)


def error_message(payload: dict[str, Any], traits: Traits) -> str:
    """Return the words of an error inside a stream; the Responses API puts them where older releases don't look."""
    error = payload.get("error")
    if traits.api_error_words == "any" and not error:
        error = payload
    return error if isinstance(error, str) and error else worded(mapping(error)) or UNKNOWN_ERROR


def worded(error: dict[str, Any]) -> str:
    """Return the message of an error object, with its code if there is one."""
    code = error.get("code")
    coded = f" (Code: {code})" if code and isinstance(code, str | int) else ""
    return php.trim(string(error.get("message")) + coded)


def uncoded(payload: dict[str, Any]) -> str:
    """Return the message of an error of an API whose codes the plugin does not tell."""
    return string(mapping(payload.get("error")).get("message")) or UNKNOWN_ERROR


STREAM_READERS: Final[dict[Api, Reader]] = {
    "chat-completions": chat_chunk,
    "completions": chat_chunk,
    "responses": responses_event,
    "google": google_chunk,
    "claude": claude_event,
}
UNCODED: Final[tuple[Api, ...]] = ("google", "claude")
"""APIs whose error codes the plugin does not tell."""
WHOLE_READERS: Final[dict[Api, Reader]] = {
    "chat-completions": chat_whole,
    "completions": chat_whole,
    "responses": responses_whole,
    "google": google_chunk,
    "claude": claude_whole,
}
