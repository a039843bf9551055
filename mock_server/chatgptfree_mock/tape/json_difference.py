"""The differences of two JSON values: their paths, in the order of the recorded value."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any, Final

from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.shown_difference import LONGEST, shown_difference, shown_text

_MISSING: Final = object()


def differences(recorded: Any, sent: Any, ignored: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
    """
    Yield the path of each difference, such as ``$.messages[0].content``, and the difference in words.

    Values are compared as JSON has them: the order of keys does not matter, 1 is 1.0 and not true.  A string that holds
    an object or a list of JSON is compared as that, at a path such as ``$.data:$.nonce``.  Where one list has all items
    of the other and more, those that it has more are the difference.
    *ignored* is asked with the name of a key (empty for an item of a list) and its path, and decides which values are
    not compared.
    """
    return _differences("$", recorded, sent, ignored, align=True)


def _differences(
    place: str, recorded: Any, sent: Any, ignored: Callable[[str, str], bool], *, align: bool
) -> Iterator[tuple[str, str]]:
    """Yield the differences of the values at *place*; without *align* lists are compared item by item."""
    waiting: list[tuple[str, Any, Any]] = [(place, recorded, sent)]
    while waiting:
        path, old, new = waiting.pop()
        if isinstance(old, dict) and isinstance(new, dict):
            keys = [key for key in dict.fromkeys([*old, *new]) if not ignored(key, member_path(path, key))]
            inner = [(member_path(path, key), old.get(key, _MISSING), new.get(key, _MISSING)) for key in keys]
            waiting += reversed(inner)
        elif isinstance(old, list) and isinstance(new, list):
            items = (align and _aligned(path, old, new, ignored)) or _in_order(path, old, new)
            waiting += [item for item in reversed(items) if not ignored("", item[0])]
        elif not _same(old, new):
            within = json_in(old), json_in(new)
            if None not in within:
                waiting.append((f"{path}:$", *within))
                continue
            is_text = isinstance(old, str) and isinstance(new, str)
            yield (
                path,
                shown_difference(old, new) if is_text else f"recorded {_value_words(old)}   got {_value_words(new)}",
            )


def member_path(path: str, key: str) -> str:
    """Return the path of the member *key* of the object at *path*: ``$.id``, or ``$["user-id"]`` for other keys."""
    return f"{path}.{key}" if key.isidentifier() else f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def members(path: str, value: Any) -> list[tuple[str | None, str, Any]]:
    """Return key (None in a list), path and value of all that is directly in the object or list *value* at *path*."""
    if isinstance(value, dict):
        return [(key, member_path(path, key), each) for key, each in value.items()]
    return [(None, f"{path}[{at}]", each) for at, each in enumerate(value if isinstance(value, list) else ())]


def json_in(value: object) -> Any:
    """Return the object or list of JSON that the string *value* is; None if it is not one."""
    return json_or_none(value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else None


def _in_order(path: str, old: list[Any], new: list[Any]) -> list[tuple[str, Any, Any]]:
    return [(f"{path}[{at}]", *pair) for at, pair in enumerate(zip_longest(old, new, fillvalue=_MISSING))]


def _aligned(
    path: str, old: list[Any], new: list[Any], ignored: Callable[[str, str], bool]
) -> list[tuple[str, Any, Any]]:
    """Return path, recorded item and asked item of what the longer list has more; nothing if it has other items too."""
    if len(old) == len(new):
        return []
    is_old = len(old) > len(new)
    more: list[tuple[str, Any, Any]] = []
    rest = deque(new if is_old else old)
    for at, item in enumerate(old if is_old else new):
        place = f"{path}[{at}]"
        if rest and next(_differences(place, item, rest[0], ignored, align=False), None) is None:
            rest.popleft()
        else:
            more.append((place, item, _MISSING) if is_old else (place, _MISSING, item))
    return [] if rest else more


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    if isinstance(old, float) and isinstance(new, float) and old != old:
        return new != new  # NaN, which some encoders write
    return (type(old) in (int, float) and type(new) in (int, float) and old == new) or (
        type(old) is type(new) and old == new
    )


def _value_words(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    if isinstance(value, str):
        return shown_text(value)
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "a value too deep to show"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
