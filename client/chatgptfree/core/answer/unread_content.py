"""
Parts of an answer that were not read since no known release sends them: names of events, and keys with text.

They are in a warning, and where an answer fails in the error, since its text may be there.  Reasoning, the arguments of
tools and what else has a known place beside the answer do not count, nor do ids, dates and other words with digits or
marks in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, Final

from chatgptfree.core.answer import completeness, error_object
from chatgptfree.core.answer.finish_place import FINISHES
from chatgptfree.core.answer.text_parts import SILENCERS, UNSPOKEN

_BESIDE: Final = frozenset(
    {
        *(
            "choices",
            "candidates",
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
        *(
            "native_finish_reason",
            "safetyRatings",
            "groundingMetadata",
            "urlContextMetadata",
            "truncation",
            "title",
            "warning",
            "sid",
        ),
        *(*FINISHES, *SILENCERS, *completeness.KEYS, *error_object.MARKS),
    }
)
"""Keys of any object of an answer that are known to hold no text of it."""
_READ_AT_TOP: Final = frozenset({"delta", "content_block", "content", "text", "reply", "response"})
"""Keys of the text of an event without choices."""
_READ_IN_CHOICE: Final = frozenset({"delta", "message", "text"})
_READ_IN_DELTA: Final = frozenset({"content", "text"})
_READ_IN_CANDIDATE: Final = frozenset({"content"})
_OF_AN_API: Final = ("response.", "message_", "content_block_")
"""How the types of events begin that are known with all their keys."""
_NO_WORD: Final = re.compile(r"\s*|\S*[\d_/:|-]\S*")
"""Values that are not words of a text: an id, a date, an address, the name of a model."""
_ID: Final = re.compile(r"(?:.*_)?ids?|.*[a-z]Ids?")
_DEEPEST: Final = 3
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
    Return the keys of *value*, of its first choice and of that one's delta that hold text and are not read.

    Without *known* nothing in *value* is known to hold the text, so all its keys with text, objects or lists count.
    """
    kind = value.get("type")
    found = [] if isinstance(kind, str) and kind.startswith(_OF_AN_API) else list(_unread(value))
    return found or [
        key for key, inner in value.items() if not known and isinstance(inner, str | dict | list) and inner
    ]


def in_words(keys: Collection[str]) -> str:
    """Return *keys* in a list for a message, long ones cut and only the first few."""
    some = [ascii(key[:_LONGEST]) for key in islice(keys, _MOST)]
    return ", ".join([*some, *([f"{len(keys) - _MOST} more"] if len(keys) > _MOST else [])])


def _shape(event: str, keys: str) -> str:
    return f"{event!a} with the key{'s' if ', ' in keys else ''} {keys}" if keys else ascii(event)


def _unread(value: dict[str, Any]) -> Iterator[str]:
    choice, candidate = _first(value.get("choices")), _first(value.get("candidates"))
    yield from _with_text(value, frozenset() if choice or candidate else _READ_AT_TOP)
    yield from _with_text(choice, _READ_IN_CHOICE, "choices[0].")
    yield from _with_text(candidate, _READ_IN_CANDIDATE, "candidates[0].")
    if isinstance(delta := choice.get("delta"), dict):
        yield from _with_text(delta, _READ_IN_DELTA, "choices[0].delta.")


def _first(choices: object) -> dict[str, Any]:
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _with_text(value: dict[str, Any], read: frozenset[str], path: str = "") -> Iterator[str]:
    for key, inner in value.items():
        if key not in read and _has_text(key, inner):
            yield f"{path}{key}"


def _has_text(key: str, value: object, deep: int = _DEEPEST) -> bool:
    """Return whether *value*, under *key*, is or holds words that may be text of an answer."""
    if key in _BESIDE or _ID.fullmatch(key) or UNSPOKEN.search(key):
        return False
    if isinstance(value, dict):
        return deep > 0 and any(_has_text(name, inner, deep - 1) for name, inner in value.items())
    if isinstance(value, list):
        return deep > 0 and any(_has_text(key, inner, deep - 1) for inner in value)
    return isinstance(value, str) and not _NO_WORD.fullmatch(value) and not error_object.is_fine(value)
