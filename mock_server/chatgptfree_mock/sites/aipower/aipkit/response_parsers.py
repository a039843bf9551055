"""
How generation 2 reads the model's APIs: one event of a stream, and one whole answer, per API.

What it does not know it passes over without a word; that is why an error of the wrong shape can end as a good answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput, cited, items, linked, mapping, string
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits, Suffix
from chatgptfree_mock.sites.model_api import Api
from chatgptfree_mock.sites.wordpress import php

Reader = Callable[[dict[str, Any], ModelOutput, ProviderTraits], None]
UNKNOWN_ERROR: Final = "An unknown API error occurred."
FILTERED: Final = " (Warning: Content Filtered)"
_SHAPELESS: Final = "Unexpected response structure from OpenAI Responses API."
_LENGTH: Final = "Claude stopped because the maximum output token limit was reached."
_STATES: Final = ("created", "in_progress", "queued", "completed", "done", "incomplete")
_TOLD_BLOCKS: Final = ("tool_use", "server_tool_use", "web_search_tool_result", "thinking")
_ANNOTATION: Final = "response.output_text.annotation.added"


def chat_chunk(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
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


def chat_whole(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
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


def responses_event(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of the Responses API."""
    kind = string(payload.get("type"))
    response = mapping(payload.get("response"))
    if kind in traits.statuses:
        told.status = _status(kind, payload, response)
    _cite(kind, payload, told, traits)
    if kind == "response.output_text.delta":
        told.say(string(payload.get("delta")))
    elif kind == "response.refusal.delta":
        told.warn(f" (Refusal: {string(payload.get('delta'))})")
    elif kind in ("response.completed", "response.incomplete"):
        _finish(response, told, traits)
    elif kind == "response.failed":
        told.error = _failure(mapping(response.get("error")), traits)
    elif kind == "error":
        told.error = error_message(payload, traits)


def _status(kind: str, payload: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    if kind.removeprefix("response.") in _STATES:
        return {"type": kind, "status": response.get("status"), "response_id": response.get("id")}
    item = payload.get("item_id", mapping(payload.get("item")).get("id"))
    return {"type": kind, "item_id": item, "output_index": payload.get("output_index")}


def _cite(kind: str, payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    if traits.citations == "snippets":
        told.cite(linked(payload))
    elif kind == _ANNOTATION and "url" in mapping(payload.get("annotation")):
        told.status = None
        told.cite([cited(payload["annotation"], "")])
    elif kind == "response.content_part.done":
        _cite_part(mapping(payload.get("part")), told)
    elif kind == "response.output_item.done":
        _cite_item(mapping(payload.get("item")), told)


def _failure(error: dict[str, Any], traits: ProviderTraits) -> str:
    if traits.failed == "worded":
        return worded(error, traits.suffixes) or UNKNOWN_ERROR
    return f" (Error: {string(error.get('message'))})"


def responses_whole(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole answer of the Responses API."""
    for item in items(payload.get("output")):
        for part in items(item.get("content"))[:1]:
            if part.get("type") == "output_text" and told.text is None:
                told.text = php.trim(string(part.get("text")))
    if told.text is None:
        reason = mapping(payload.get("incomplete_details")).get("reason")
        told.error = f"Response incomplete due to: {reason}" if reason else _SHAPELESS
    _finish(payload, told, traits)


def _finish(response: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    if traits.response_id:
        told.response_id = string(response.get("id")) or None
    told.tokens = mapping(response.get("usage")).get("total_tokens")
    for item in items(response.get("output")) if traits.citations == "places" else []:
        _cite_item(item, told)
    if response.get("status") == "incomplete":
        told.warn(f" (Incomplete: {string(mapping(response.get('incomplete_details')).get('reason'))})")


def _cite_item(item: dict[str, Any], told: ModelOutput) -> None:
    for part in items(item.get("content")):
        _cite_part(part, told)


def _cite_part(part: dict[str, Any], told: ModelOutput) -> None:
    text = string(part.get("text"))
    told.cite([cited(annotation, text) for annotation in items(part.get("annotations"))])


def google_chunk(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read an answer of Gemini's generateContent, which is the same whether whole or in pieces."""
    if "error" in payload:
        told.error = error_message(payload, traits)
        return
    for candidate in items(payload.get("candidates"))[:1]:
        parts = items(mapping(candidate.get("content")).get("parts"))
        told.say("".join(string(part.get("text")) for part in parts))
        if candidate.get("finishReason") == "SAFETY":
            told.warn(FILTERED)
        if "groundingMetadata" in candidate:
            told.grounding = mapping(candidate["groundingMetadata"])
    told.tokens = mapping(payload.get("usageMetadata")).get("totalTokenCount", told.tokens)


def interactions_event(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of Gemini's Interactions API."""
    if "error" in payload:
        # The plugin does not look for errors here, and sends the text of the same read as one.
        told.error_lost = True
        return
    interaction, delta = mapping(payload.get("interaction")), mapping(payload.get("delta"))
    told.interaction_id = string(interaction.get("id")) or told.interaction_id
    told.tokens = mapping(interaction.get("usage")).get("total_tokens", told.tokens)
    if interaction.get("status") == "blocked":
        told.warn(FILTERED)
    _google_part(delta, told, traits)


def interactions_whole(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole answer of Gemini's Interactions API."""
    if "error" in payload:
        told.error = error_message(payload, traits)
        return
    for part in items(payload.get("outputs")):
        _google_part(part, told, traits)
    told.tokens = mapping(payload.get("usage")).get("total_tokens")


def _google_part(part: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    kind = string(part.get("type"))
    if kind == "text":
        told.say(string(part.get("text")))
    elif kind in traits.statuses:
        told.status = {"type": kind}
    elif kind == "google_search_result":
        shown = next((string(result.get("rendered_content")) for result in items(part.get("result"))), "")
        told.grounding = {"searchEntryPoint": {"renderedContent": shown}}


def claude_event(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read an event of Anthropic's."""
    kind = string(payload.get("type"))
    delta = mapping(payload.get("delta"))
    if kind in traits.statuses:
        told.status = _claude_status(kind, payload) or told.status
    if kind == "content_block_delta":
        told.say(string(delta.get("text")))
        if delta.get("type") == "citations_delta":
            told.citations.append(mapping(delta.get("citation")))
    elif kind == "message_delta" and delta.get("stop_reason") == "max_tokens" and traits.warns_of_length:
        told.warn(_LENGTH)
    elif kind == "error":
        told.error = error_message(payload, traits)


def _claude_status(kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    if kind == "message_start":
        message = mapping(payload.get("message"))
        return {"type": kind, "message_id": message.get("id"), "model": message.get("model")}
    if kind == "content_block_start":
        block = string(mapping(payload.get("content_block")).get("type"))
        status = {"type": kind, "index": payload.get("index"), "content_block_type": block}
        return status if block in _TOLD_BLOCKS else None
    if kind == "message_delta":
        return {"type": kind, "stop_reason": mapping(payload.get("delta")).get("stop_reason")}
    return {"type": kind}


def claude_whole(payload: dict[str, Any], told: ModelOutput, traits: ProviderTraits) -> None:
    """Read a whole message of Anthropic's."""
    for block in items(payload.get("content")):
        told.say(string(block.get("text")))
        told.citations += items(block.get("citations"))
    usage = mapping(payload.get("usage"))
    told.tokens = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)


def error_message(payload: dict[str, Any], traits: ProviderTraits) -> str:
    """Return the words of an error inside a stream: those of its object `error`, or those beside its type."""
    error = payload.get("error")
    if error and isinstance(error, str):
        return error
    if not error and traits.top_level_errors:
        first = items(payload.get("messages"))[:1]
        message = first[0].get("message") if first else payload.get("message")
        return worded({**payload, "message": message}, (_ERROR_CODE,)) or UNKNOWN_ERROR
    return worded(mapping(error), traits.suffixes) or UNKNOWN_ERROR


def worded(error: dict[str, Any], suffixes: Iterable[Suffix]) -> str:
    """Return the message of an error object, with what a provider's errors end with."""
    return php.trim(string(error.get("message")) + "".join(_suffix(error, suffix) for suffix in suffixes))


def _suffix(error: dict[str, Any], suffix: Suffix) -> str:
    found = ((label, _value(error, path)) for path, label in suffix.fields)
    told = suffix.between.join(f"{label}: {value}" for label, value in found if value)
    return suffix.opening + told + suffix.closing if told else ""


def _value(error: dict[str, Any], path: str) -> str | int | None:
    value: object = error
    for name in path.split("."):
        value = mapping(value).get(name)
    return value if isinstance(value, str | int) else None


_ERROR_CODE: Final = Suffix(fields=(("errorCode", "Code"),))
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
