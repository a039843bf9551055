"""Which of a user's volatile names are in any request: one that is in none is mistyped, or for another recording."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from chatgptfree_mock.tape.json_difference import json_in, members
from chatgptfree_mock.tape.request_key import RequestKey
from chatgptfree_mock.tape.volatile import Volatile

_MOST: Final = 20_000
"""Values of one request that are looked at; a name that comes later is not called unused for that."""

_REQUIRED: Final = (
    "did not act: the block x-tokens requires it; take it out of the block, or replay without it: `--tokens off` (in "
    'Python, `tokens="off"`)'
)


class VolatileUse:
    """The volatile *names* of a user, and those that no request has had so far."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found: dict[str, bool] = dict.fromkeys(names, False)
        self._missing = {name: Volatile((name,)) for name in self._found}
        self._without_effect: set[str] = set()
        """The names that a request has had for what the block x-tokens requires."""

    def __bool__(self) -> bool:
        """Whether any name is still looked for."""
        return bool(self._missing)

    def note(self, key: RequestKey, required: Collection[str] = ()) -> None:
        """
        Look for the names in a request, recorded or not.

        *required*: the fields, JSON paths and headers of the request that have to be right all the same.
        """
        for header in {name.lower() for name, _ in key.headers}:
            names = [name for name, each in self._missing.items() if each.has_header(header)]
            self._note(names, acts=header not in required)
        for number, (field, path) in enumerate(_names(key)):
            names = [name for name, each in self._missing.items() if each.has(field, path)]
            self._note(names, acts=field not in required and path not in required)
            if number > _MOST:
                self._found.update(dict.fromkeys(self._missing, True))
                break
        self._missing = {name: each for name, each in self._missing.items() if not self._found[name]}

    def _note(self, names: Iterable[str], *, acts: bool) -> None:
        if acts:
            self._found.update(dict.fromkeys(names, True))
        else:
            self._without_effect.update(names)

    def outcomes(self) -> dict[str, str | None]:
        """Return each name with the reason why it has had no effect; None: a request had it."""
        return {f"`volatile={name}`": None if found else self._reason(name) for name, found in self._found.items()}

    def _reason(self, name: str) -> str:
        return (
            _REQUIRED if name in self._without_effect else "did not act: no recorded request has it, and none that came"
        )


def _names(key: RequestKey) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of each value of a request that can be volatile."""
    for name, value in (*key.query, *key.form_fields):
        yield name, ""
        yield from _within(json_in(value), f"{name}:$")
    if key.kind == "JSON":
        yield from _within(key.json, "$")


def _within(value: Any, path: str) -> Iterator[tuple[str, str]]:
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        inner = members(path, value)
        yield from ((name or "", place) for name, place, _ in inner)
        waiting += [(place, each) for _, place, each in inner]
        if (found := json_in(value)) is not None:
            waiting.append((f"{path}:$", found))
