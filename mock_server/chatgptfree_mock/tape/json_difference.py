"""The differences of two JSON values: their paths, in the order of the recorded value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from chatgptfree_mock.tape.json_value import json_or_none

_MISSING: Final = object()
_LONGEST: Final = 72


def differences(recorded: Any, asked: Any, ignored: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """
    Yield the path of each difference, such as ``$.messages[0].content``, and the difference in words.

    Values are compared as JSON has them: the order of keys does not matter, 1 is 1.0 and not true.  A string that holds
    an object or a list of JSON is compared as that, at a path such as ``$.data:$.nonce``.
    *ignored* is asked with the name of a key (empty for an item of a list) and its path, and decides which values are
    not compared.
    """
    waiting: list[tuple[str, Any, Any]] = [("$", recorded, asked)]
    while waiting:
        path, old, new = waiting.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            keys = [key for key in dict.fromkeys([*old, *new]) if not ignored(key, member_path(path, key))]
            inner = [(member_path(path, key), old.get(key, _MISSING), new.get(key, _MISSING)) for key in keys]
            waiting += reversed(inner)
        elif isinstance(old, list) and isinstance(new, list):
            longest = range(max(len(old), len(new)))
            places = [(f"{path}[{index}]", index) for index in reversed(longest)]
            waiting += [(each, _at(old, index), _at(new, index)) for each, index in places if not ignored("", each)]
        elif not _same(old, new):
            within = json_in(old), json_in(new)
            if None not in within:
                waiting.append((f"{path}:$", *within))
                continue
            yield path, f"recorded {_shown(old)}   got {_shown(new)}"


def member_path(path: str, key: str) -> str:
    """Return the path of the member *key* of the object at *path*: ``$.id``, or ``$["user-id"]`` for other keys."""
    return f"{path}.{key}" if key.isidentifier() else f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def json_in(value: object) -> Any:
    """Return the object or list of JSON that the string *value* is; None if it is not one."""
    return json_or_none(value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else None


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _MISSING


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, float) and isinstance(new, float) and old != old:
        return new != new  # NaN, which some encoders write
    return (type(old) in (int, float) and type(new) in (int, float) and old == new) or (
        type(old) is type(new) and old == new
    )


def _shown(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    if isinstance(value, str):
        text = repr(value[: _LONGEST + 1])
        return text if len(value) <= _LONGEST else repr(value[:_LONGEST] + "…")
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "a value too deep to show"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
