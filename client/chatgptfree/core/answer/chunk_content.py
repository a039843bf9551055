"""
The text and the end in one JSON object of an answer, for every generation and every API behind it.

Takes anything; the objects that nearly all of a stream consists of are read by `fast_path` in a fraction of the time.
What is text is decided narrowly: of a choice that has a `delta` nothing but that, of the Responses API's events
`response.output_text.delta` alone, and of parts those that are text.  A model's reasoning, the arguments of its
tools and whatever else it sends beside the answer are not.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from chatgptfree.core.answer.finish_place import ENDS, FINISHES, finish_of, finish_of_choice, stop_word
from chatgptfree.core.answer.text_parts import (
    UNSPOKEN,
    is_first,
    is_text_part,
    is_unspoken,
    loose_text,
    refusal_of,
    text_of,
)


class ChunkContent(Struct, frozen=True, kw_only=True):
    """The content of one object."""

    text: str = ""
    finish: str | None = None
    refusal: str = ""
    """The words with which the model refuses, where its API keeps the two apart."""
    ended: bool = False
    """Whether this is an end mark."""
    no_text_place: bool = False
    """Whether it has a finish but no place for text: the plugin writes such an end itself, after an error."""
    whole: bool = False
    """Whether the text claims to be the whole answer and not a part of it."""
    others: bool = False
    """Whether it holds text of a second answer to the same question."""
    beside: str = ""
    """Text beside the answer that is not part of it, such as reasoning."""
    known: bool = True
    """Whether it has any known key; an object without one may contain text."""


_LOOSE: Final = ("content", "text", "reply", "response")
"""Keys of text that no known release uses but a site might."""
_ELSEWHERE: Final = ("message", "output", "data")
"""Keys of objects that hold the text in other APIs; an event with text in one is not of a known stream."""
_SILENT_PARTS: Final = frozenset(
    {"content", "text", "refusal", "role", "name", "tool_calls", "function_call", "annotations", "citations", "type"}
    | {"phase", "channel", *FINISHES}
)
"""Keys of a delta that hold text, or are known not to."""
_UNSPOKEN_KEYS: Final = re.compile("reason|think|thought|tool_|function")
"""Prefixes of further keys of a delta that hold no text of the answer, in any API."""
_LIKE_TEXT: Final = re.compile("(?:.*_)?(?:text|delta|content|answer|reply|chunk)|.*[a-z](?:Text|Delta|Content|Answer)")
"""Keys that hold text in APIs that are not known."""
_SILENT: Final = ("usage", "message_id", "id", "object", "type", "model", "finished", "prompt_filter_results", "role")


def content_of(value: dict[str, Any], *, whole: bool = False) -> ChunkContent:
    """Return the content of *value*; *whole* is for an object that is all of an answer and not an event of a stream."""
    choices, candidates = value.get("choices"), value.get("candidates")
    if isinstance(choices, list) and choices:
        return _of_choices([choice for choice in choices if isinstance(choice, dict)], whole=whole)
    if choices and not isinstance(choices, list):
        return ChunkContent(known=False)
    if isinstance(candidates, list) or isinstance(value.get("promptFeedback"), dict):
        return _of_candidates(value)
    kind = value.get("type")
    if isinstance(kind, str) and kind.startswith("response."):
        return _of_response(kind, value)
    ended = bool(value.get("finished")) or kind in ENDS
    finish = finish_of(value)
    if is_unspoken(value):
        return ChunkContent(ended=ended, finish=finish)
    if "delta" in value:
        return _of_delta(value["delta"], ended=ended, finish=finish)
    if kind == "live" and isinstance(value.get("data"), str):
        return ChunkContent(text=value["data"])
    loose = next((text for key in _LOOSE if (text := loose_text(value.get(key)))), "")
    if kind == "content_block_start":  # Claude's; as a rule without text
        loose = text_of(value.get("content_block")) or ""
        return ChunkContent(text=loose)
    silent = ended or finish is not None or "choices" in value or any(key in value for key in _SILENT)
    hidden = any(isinstance(place := value.get(key), dict) and text_of(place) for key in _ELSEWHERE)
    hidden = hidden or any(isinstance(text, str) and text and _LIKE_TEXT.fullmatch(key) for key, text in value.items())
    return ChunkContent(text=loose, ended=ended, finish=finish, known=silent and not loose and not hidden)


def _of_delta(delta: object, *, ended: bool, finish: str | None) -> ChunkContent:
    refusal = refusal_of([delta])
    if stopped := finish_of(delta):  # Claude's message_delta
        return ChunkContent(text=text_of(delta) or "", ended=ended, finish=stopped, refusal=refusal)
    text = text_of(delta)
    known = text is not None and not _has_odd_parts(delta)
    return ChunkContent(text=text or "", ended=ended, finish=finish, refusal=refusal, known=known)


def _of_response(kind: str, value: dict[str, Any]) -> ChunkContent:
    """Read an event of OpenAI's Responses API, in which only two carry words for the reader."""
    delta = text_of(value.get("delta")) or ""
    if kind == "response.output_text.delta":
        return ChunkContent(text=delta)
    if kind == "response.refusal.delta":
        return ChunkContent(refusal=delta)
    response = value.get("response")
    if kind not in ENDS or not isinstance(response, dict):
        known = not delta or "_call" in kind or UNSPOKEN.search(kind) is not None
        return ChunkContent(ended=kind in ENDS, known=known)
    status = response.get("status")
    return ChunkContent(
        ended=True, finish=finish_of(response) or (stop_word(status) if status != "completed" else None)
    )


def _of_candidates(value: dict[str, Any]) -> ChunkContent:
    """Read an object of Google's generateContent."""
    listed = value.get("candidates")
    candidates = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    ours = next(filter(is_first, candidates), {})
    content = ours.get("content")
    parts = content.get("parts") if isinstance(content, dict) else content
    feedback = value.get("promptFeedback")
    blocked = feedback.get("blockReason") if isinstance(feedback, dict) else None
    text = text_of(parts)
    return ChunkContent(
        text=text or "",
        finish=finish_of(ours),
        refusal=f"the prompt was blocked: {blocked}" if blocked else "",
        ended=bool(blocked),
        others=any(one is not ours and one.get("content") for one in candidates),
        known=text is not None,
    )


def _of_choices(choices: list[dict[str, Any]], *, whole: bool) -> ChunkContent:
    ours = next(filter(is_first, choices), choices[0] if choices and whole else None)
    others = any(choice is not ours and _choice_text(choice, whole=whole) for choice in choices)
    if ours is None:
        return ChunkContent(others=others, known=others)
    has_delta = ours.get("delta") is not None
    places = [ours[key] for key in ("delta", "message") if isinstance(ours.get(key), dict)]
    if has_delta and not whole:
        places = places[:1] if isinstance(ours["delta"], dict) else []
    text = _choice_text(ours, whole=whole)
    return ChunkContent(
        text=text or "",
        finish=finish_of_choice(ours),
        refusal=next((words for place in places if (words := refusal_of([place, place.get("content")]))), ""),
        no_text_place=any(ours.get(key) is not None for key in ("finish_reason", "finish_details"))
        and not ours.keys() & {"delta", "message", "text"},
        whole="message" in ours and not has_delta,
        others=others,
        beside=_text_in(ours.get("message")) or text_of(ours.get("text")) or "" if has_delta and not whole else "",
        known=text is not None and not any(map(_unknown_parts, places)),
    )


def _choice_text(choice: dict[str, Any], *, whole: bool) -> str | None:
    """Return the text of a choice; None if what is in the place of text can't be read as text."""
    delta = choice.get("delta")
    if delta is not None and (text := _text_in(delta)) != "":
        return text
    if delta is not None and not whole:
        return ""
    text = _text_in(choice.get("message"))
    return text_of(choice.get("text")) if text == "" else text


def _text_in(place: object) -> str | None:
    if not isinstance(place, dict):
        return text_of(place)
    return "" if is_unspoken(place) else text_of(place.get("content", place.get("text")))


def _unknown_parts(place: dict[str, Any]) -> bool:
    odd = any(value and key not in _SILENT_PARTS and not _UNSPOKEN_KEYS.match(key) for key, value in place.items())
    return (odd and not is_unspoken(place)) or _has_odd_parts(place.get("content"))


def _has_odd_parts(content: object) -> bool:
    """Return whether a part of *content* has text and an unknown type."""
    parts = content if isinstance(content, list) else [content]
    return any(
        isinstance(part, dict) and loose_text(part.get("text")) and not is_unspoken(part) and not is_text_part(part)
        for part in parts
    )
