"""
One JSON object of an answer: which text, which end, as any generation and any API behind it writes it.

Takes anything; the objects that nearly all of a stream consists of are read by `stencil` in a fraction of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one object says."""

    text: str = ""
    finish: str | None = None
    refusal: str = ""
    """What the model says in place of an answer, where its API keeps the two apart."""
    ended: bool = False
    """Whether this is an end mark."""
    no_text_place: bool = False
    """Whether it has a finish but no place for text: the plugin writes such an end itself, after an error."""
    whole: bool = False
    """Whether the text claims to be the whole answer and not a piece of it."""
    others: bool = False
    """Whether it holds text of a second answer to the same question."""
    known: bool = True
    """Whether anything in it is known; text may hide in what is not."""


_ENDS: Final = ("end", "done", "message_stop", "response.completed")
_LOOSE: Final = ("content", "text", "reply", "response")
"""Where no release that is known puts its text, but a site might."""
_DEEPEST: Final = 4
_SILENT_PARTS: Final = frozenset(
    {"content", "text", "refusal", "role", "name", "tool_calls", "function_call", "annotations", "citations", "type"}
)
"""What of a delta is text, or is known to be none; a model's reasoning (`reasoning…`) is none either."""
_SILENT: Final = ("usage", "message_id", "id", "object", "type", "model", "finished", "prompt_filter_results", "role")


def piece_of(value: dict[str, Any]) -> Piece:
    """Return what *value* says."""
    choices = value.get("choices")
    if isinstance(choices, list) and choices:
        return _of_choices([choice for choice in choices if isinstance(choice, dict)])
    if choices and not isinstance(choices, list):
        return Piece(known=False)
    ended = bool(value.get("finished")) or value.get("type") in _ENDS
    if "delta" in value:
        text = text_of(value["delta"])
        return Piece(text=text or "", ended=ended, known=text is not None or value["delta"] is None)
    if value.get("type") == "live" and isinstance(value.get("data"), str):
        return Piece(text=value["data"])
    loose = next((value[key] for key in _LOOSE if isinstance(value.get(key), str) and value[key]), "")
    silent = ended or "choices" in value or any(key in value for key in _SILENT)
    return Piece(text=loose, ended=ended, known=silent and not loose)


def _of_choices(choices: list[dict[str, Any]]) -> Piece:
    ours = next((choice for choice in choices if choice.get("index") in (0, None)), None)
    others = any(choice is not ours and _said(choice) for choice in choices)
    if ours is None:
        return Piece(others=others, known=others)
    finish = ours.get("finish_reason")
    if finish is None and isinstance(details := ours.get("finish_details"), dict):
        finish = details.get("type")
    places = [ours[key] for key in ("delta", "message") if isinstance(ours.get(key), dict)]
    refusal = next((place["refusal"] for place in places if isinstance(place.get("refusal"), str)), "")
    said = _said(ours)
    return Piece(
        text=said or "",
        finish=finish if isinstance(finish, str) else None,
        refusal=refusal,
        no_text_place=finish is not None and not ours.keys() & {"delta", "message", "text"},
        whole="message" in ours and "delta" not in ours,
        others=others,
        known=said is not None and not any(map(_unknown_parts, places)),
    )


def _said(choice: dict[str, Any]) -> str | None:
    """Return the text of a choice; None if there is something in the place of text that can't be read as such."""
    for key in ("delta", "message"):
        place = choice.get(key)
        content = place.get("content", place.get("text")) if isinstance(place, dict) else place
        if content is not None and content != "":
            return text_of(content)
    return text_of(choice.get("text", ""))


def _unknown_parts(place: dict[str, Any]) -> bool:
    return any(value and key not in _SILENT_PARTS and not key.startswith("reasoning") for key, value in place.items())


def text_of(value: object, *, deep: int = _DEEPEST) -> str | None:
    """Return the text in *value*: itself, or that of its parts; None if it is no text at all."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if not deep:
        return None
    if isinstance(value, list):
        parts = [text_of(part, deep=deep - 1) for part in value]
        return None if None in parts else "".join(part for part in parts if part)
    if isinstance(value, dict):
        for key in ("text", "value", "content"):
            if key in value:
                return text_of(value[key], deep=deep - 1)
        return "" if "type" in value or not value else None
    return None
