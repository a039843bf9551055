"""
Parts of an answer that were not read since no known release sends them: names of events, and keys with text.

It is named where an answer fails, since its text may be there.  Reasoning, the arguments of tools and what else has a
known place beside the answer do not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, Final

from chatgptfree.core.answer import completeness, error_object
from chatgptfree.core.answer.finish_place import FINISHES
from chatgptfree.core.answer.text_parts import SILENCERS, UNSPOKEN

_KNOWN: Final = frozenset(
    {
        *("choices", "candidates", "delta", "content_block", "content", "text", "reply", "response"),
        *(
            "id",
            "object",
            "model",
            "created",
            "created_at",
            "createTime",
            "system_fingerprint",
            "service_tier",
            "usage",
        ),
        *("provider", "usageMetadata", "modelVersion", "responseId", "obfuscation", "timings", "logprobs", "index"),
        *("message_id", "openai_response_id", "google_interaction_id", "thread_id", "conversation_id", "finished"),
        *("prompt_filter_results", "content_filter_results", "refusal", "name", "x_groq", "item_id", "event_id"),
        *("native_finish_reason", *FINISHES, *SILENCERS, *completeness.KEYS, *error_object.KEYS),
    }
)
"""Keys of any object of an answer in which text of the answer is read, or is known not to be."""
_MOST: Final = 5
_LONGEST: Final = 30


class UnreadContent:
    """Count the events and objects of one answer in which text was not found."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._others = 0

    def add(self, event: str, keys: Collection[str], *, named: bool = False) -> None:
        """Count an *event* for its unknown *keys*; with *named* its name is unknown, so that it always counts."""
        if not (named or keys):
            return
        shape = event[:_LONGEST], in_words(keys)
        if shape in self._counts or len(self._counts) < _MOST:
            self._counts[shape] = self._counts.get(shape, 0) + 1
        else:
            self._others += 1

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        came = [f"{count} {_shape(*shape)}" for shape, count in self._counts.items()]
        return ", ".join([*came, *([f"{self._others} others"] if self._others else [])])


def unknown_keys(value: dict[str, Any], *, known: bool = True) -> list[str]:
    """
    Return the keys of *value*, of its first choice and of that one's delta that are unknown and hold text.

    Without *known* nothing in *value* is known to hold the text, so all its keys with text, objects or lists count.
    """
    found = list(_unknown(value))
    return found or [
        key for key, inner in value.items() if not known and isinstance(inner, str | dict | list) and inner
    ]


def in_words(keys: Collection[str]) -> str:
    """Return *keys* in a list for a message, long ones cut and only the first few."""
    some = [ascii(key[:_LONGEST]) for key in islice(keys, _MOST)]
    return ", ".join([*some, *([f"{len(keys) - _MOST} more"] if len(keys) > _MOST else [])])


def _shape(event: str, keys: str) -> str:
    return f"{event!a} with the key{'s' if ', ' in keys else ''} {keys}" if keys else ascii(event)


def _unknown(value: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, inner in value.items():
        if key not in _KNOWN and not UNSPOKEN.search(key) and _has_text(inner):
            yield f"{path}{key}"
    choices = value.get("choices")
    if not path and isinstance(choices, list) and choices and isinstance(choices[0], dict):
        yield from _unknown(choices[0], "choices[0].")
        if isinstance(delta := choices[0].get("delta"), dict):
            yield from _unknown(delta, "choices[0].delta.")


def _has_text(value: object) -> bool:
    """Return whether *value* is text that is not blank, or directly holds some."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return any(isinstance(each, str) and each.strip() for each in inner)
    return isinstance(value, str) and bool(value.strip())
