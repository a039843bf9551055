"""
Read JSON that a site or a client sent, nested no deeper than a function can walk.

Python's reader has a limit of its own, which differs by release (about 1,000 levels to 3.13, many more from 3.14 on),
and what it reads may still be too deep for the function that walks through it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

MAX_NESTING: Final = 256
"""Levels of objects and lists within each other; real messages have about ten."""


def read_json(text: str | bytes) -> Any:
    """
    Return the value of *text*, which may hold `NaN` and lone surrogates, as Python's own reader takes them.

    Raises:
        ValueError: it is not JSON, or nested deeper than `MAX_NESTING` levels.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None
    if _brackets(text) > MAX_NESTING and is_nested_deeper(value):
        raise ValueError(f"the JSON is nested deeper than {MAX_NESTING} levels")
    return value


def json_or_none(text: str | bytes) -> Any:
    """Return the value of *text* as `read_json` does; None if it is not JSON."""
    try:
        return read_json(text)
    except ValueError:
        return None


def json_object(text: str | bytes) -> dict[str, Any]:
    """Return the object that *text* is, as `read_json` does; an empty one if it is anything else."""
    value = json_or_none(text)
    return value if isinstance(value, dict) else {}


def duplicate_keys(text: str | bytes) -> list[str]:
    """
    Return the place of each key that an object of JSON *text* has once more, such as `.log.entries[3].time`.

    Python's readers take the last of several values, and msgspec's the last as well.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    return _duplicates_in(json.loads(text, object_pairs_hook=_duplicates_of))


class _DuplicateKeys(list[str]):
    """In place of an object: the places of the duplicate keys in it."""


def _duplicates_of(members: list[tuple[str, Any]]) -> _DuplicateKeys | None:
    names = {name for name, _ in members}
    places = _DuplicateKeys()
    for name, value in members:
        places += [f".{name}{place}" for place in _duplicates_in(value)]
        if name not in names:
            places.append(f".{name}")
        names.discard(name)
    return places or None


def _duplicates_in(value: Any) -> list[str]:
    if isinstance(value, _DuplicateKeys):
        return value
    items = enumerate(value) if isinstance(value, list) else ()
    return [f"[{number}]{place}" for number, item in items for place in _duplicates_in(item)]


def is_nested_deeper(value: object, levels: int = MAX_NESTING) -> bool:
    """Return whether *value* has more than *levels* objects and lists within each other."""
    level = _containers([value])
    for _ in range(levels):
        level = [inner for each in level for inner in _containers(each.values() if isinstance(each, dict) else each)]
        if not level:
            return False
    return bool(level)


def _containers(values: Iterable[object]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def _brackets(text: str | bytes) -> int:
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")
