"""
Signs beside an answer that it is not whole, other than the finish reason in its usual place.

Some are about the answer (`truncated: true`, `stop_reason` beside `choices`, a blocked prompt) and hold whatever
follows.  Others are about this moment (`partial: true`, `done: false`): in a stream they hold until a later object ends
the answer, in a whole body at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from chatgptfree.core.answer.finish_place import FINISHES, finish_of
from chatgptfree.core.answer.finish_reason import Stop, meaning
from chatgptfree.core.answer.text_parts import is_first

CUT: Final[tuple[tuple[str, str], ...]] = (
    ("llama.cpp, server: the context was exceeded, a limit ended it", "truncated stopped_limit"),
    ("Baidu, Qianfan: the result was cut", "is_truncated"),
    ("relays and chat plugins: part of the text was left out", "response_truncated output_truncated text_truncated"),
    ("the same, of whatever holds the text", "content_truncated answer_truncated reply_truncated message_truncated"),
    (
        "relays: something ended it early",
        "incomplete interrupted aborted cancelled canceled cut_off max_tokens_reached",
    ),
)
"""Source and flags, in snake case; a true one means that the answer is not whole."""
NOT_YET: Final[tuple[tuple[str, str], ...]] = (("relays: this is not all of it", "partial unfinished"),)
"""A true one means that the answer goes on."""
DONE: Final[tuple[tuple[str, str], ...]] = (
    ("Ollama: generate and chat", "done"),
    ("Cohere, chat, version 1", "is_finished"),
    ("Baidu, Qianfan", "is_end"),
    ("llama.cpp, server: completion", "stop"),
    ("relays", "complete completed end final finish finished"),
)
"""A true one means that the answer is over, a false one that it goes on."""


def _spellings(table: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the word for each spelling of the flags in *table*: in camel case, and with `is` or `was` before it."""
    found: dict[str, str] = {}
    for _, words in table:
        for word in words.split():
            bare = word.removeprefix("is_")
            for name in (bare, f"is_{bare}", f"was_{bare}"):
                first, *rest = name.split("_")
                found |= {name: bare, first + "".join(map(str.capitalize, rest)): bare}
    return found


_CUT: Final = _spellings(CUT)
_GOES_ON: Final = _spellings(NOT_YET)
_OVER: Final = _spellings(DONE)
_STATES: Final = ("status", "state")
_CUT_STATES: Final = frozenset({"incomplete", "truncated", "interrupted", "cut_off", "cutoff", "cut-off"})
_PARTIAL: Final = "partial"
_BLOCKS: Final = ("promptFeedback", "prompt_feedback")
_BLOCK_REASONS: Final = ("blockReason", "block_reason")
KEYS: Final = frozenset((*_CUT, *_GOES_ON, *_OVER, *_STATES, *FINISHES, *_BLOCKS, *_BLOCK_REASONS))
"""All keys that this module reads."""
_CONTAINERS: Final = ("data", "response", "result", "output", "message", "reply", "answer", "delta", *_BLOCKS)
_LISTS: Final = ("choices", "candidates")
_DEEPEST: Final = 3
_NOT_WHOLE: Final = (Stop.BROKEN, Stop.THROTTLED, Stop.CUT, Stop.FILTERED)


class Completeness(Struct, frozen=True, kw_only=True):
    """The signs in an object that its answer is complete or not."""

    cut: str | None = None
    """Why the answer is not whole; None without a sign of that."""
    goes_on: bool | None = None
    """Whether more follows; None if the object has no such flag."""
    over: bool = False
    """Whether a flag means that nothing follows."""


def completeness_of(value: dict[str, Any]) -> Completeness:
    """Return the completeness that *value*, and the objects in it with an answer, show."""
    places = list(_answer_objects(value, _DEEPEST))
    signs = [sign for place in places for sign in _signs(place)]
    return Completeness(
        cut=next((reason for place in places if (reason := _cut_reason(place))), None),
        goes_on=any(signs) if signs else None,
        over=any(place.get(key) is True for place in places for key in _OVER),
    )


def _signs(place: dict[str, Any]) -> Iterator[bool]:
    """Yield for each flag whether it means that the answer goes on."""
    yield from (_is_set(place[key]) for key in _GOES_ON if key in place)
    yield from (True for state in _states(place) if state == _PARTIAL)
    yield from (not place[key] for key in _OVER if isinstance(place.get(key), bool))


def _answer_objects(value: dict[str, Any], deep: int) -> Iterator[dict[str, Any]]:
    """Yield *value* and what in it holds an answer: of several choices, the first."""
    yield value
    inner = [value[key] for key in _CONTAINERS if key in value]
    inner += [one for key in _LISTS if isinstance(value.get(key), list) for one in value[key] if is_first(one)]
    for place in inner if deep else ():
        if isinstance(place, dict):
            yield from _answer_objects(place, deep - 1)


def _cut_reason(place: dict[str, Any]) -> str | None:
    flag = next((word for key, word in _CUT.items() if _is_set(place.get(key))), None)
    state = next((word for word in _states(place) if word in _CUT_STATES), None)
    blocked = next((word for key in _BLOCK_REASONS if isinstance(word := place.get(key), str) and word), None)
    finish = finish_of(place)
    return flag or state or blocked or (finish if finish and meaning(finish) in _NOT_WHOLE else None)


def _states(place: dict[str, Any]) -> list[str]:
    """Return the words for its state; an object with a type, such as an item of the Responses API, may be a part."""
    words = () if "type" in place else (place.get(key) for key in _STATES)
    return [word.casefold() for word in words if isinstance(word, str)]


def _is_set(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in ("true", "yes", "1")
    return isinstance(value, int) and value == 1
