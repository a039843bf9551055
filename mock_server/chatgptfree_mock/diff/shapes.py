"""
The shape of JSON: its paths and the types at them, not the texts.

Values that clients branch on (`status`, `code`, `type`, `finish_reason` …) and the texts of errors are kept as well:
a client that recognises an error by its text breaks when the text changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from chatgptfree_mock.diff.findings import Finding, added_and_removed, changed, retyped
from chatgptfree_mock.diff.masking import masked, quoted

_WORDS: Final = frozenset({"status", "code", "type", "object", "finish_reason", "msg", "message", "error", "success"})
_DEEPEST: Final = 40
_WORDS_SHOWN: Final = 4


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Types by path, and words by path, both in the order of their first appearance."""

    types: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]


def shape_of(values: Iterable[Any]) -> Shape:
    """Return the common shape of *values*: every path in any of them."""
    types: dict[str, dict[str, None]] = {}
    words: dict[str, dict[str, None]] = {}
    for value in values:
        for path, key, each in _walk(value, "", "", 0):
            types.setdefault(path, {})[_type(each)] = None
            if key in _WORDS and isinstance(each, str | bool):
                words.setdefault(path, {})[masked(each) if isinstance(each, str) else str(each).lower()] = None
    return Shape(
        types={path: tuple(sorted(found)) for path, found in types.items()},
        words={path: tuple(sorted(found)) for path, found in words.items()},
    )


def _walk(value: Any, path: str, key: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    yield path, key, value
    if depth == _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}.{name}" if path else name, name, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, f"{path}[]", "", depth + 1)


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def compare_shapes(topic: str, what: str, before: Shape, after: Shape) -> list[Finding]:
    """Return which paths came and went, which hold another type, and which words changed."""
    old, new = before.types, after.types
    found = added_and_removed(topic, f"{what} keys".strip(), _outermost(old, new), _outermost(new, old))
    for path in old:
        if path in new and old[path] != new[path]:
            found.append(retyped(topic, f"{what} {path or 'the whole'}".strip(), old[path], new[path]))
    for path in before.words:
        then, now = before.words[path], after.words.get(path, ())
        if now and then != now:
            found += changed(topic, f"{what} {path}:".strip(), _list(then), _list(now))
    return found


def _outermost(paths: Iterable[str], others: dict[str, tuple[str, ...]]) -> list[str]:
    """Leave out paths below one that the other side lacks as well: their parent is enough."""
    lacking = [path for path in paths if path and path not in others]
    kept = set(lacking)

    def parents(path: str) -> Iterator[str]:
        for index, letter in enumerate(path):
            if letter in ".[":
                yield path[:index]

    return [path for path in lacking if kept.isdisjoint(parents(path))]


def _list(words: tuple[str, ...]) -> str:
    shown = ", ".join(quoted(word) for word in words[:_WORDS_SHOWN])
    return shown + (f" and {len(words) - _WORDS_SHOWN} more" if len(words) > _WORDS_SHOWN else "")
