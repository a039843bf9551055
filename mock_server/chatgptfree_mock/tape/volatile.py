"""Names whose values belong to one visit, and are never compared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from typing import Final

from chatgptfree_mock.errors import SettingsError

VOLATILE: Final = (
    *("nonce", "_nonce", "_csrf", "csrf_token", "csrfmiddlewaretoken", "authenticity_token"),
    *("_", "nocache", "no_cache", "no-cache", "cachebuster", "cache_buster", "cachebust", "cache_bust"),
)
"""Fields whose values belong to one visit on any site: one-time tokens and cache busters under their usual names."""
_PATH: Final = "path:"
_GLOB: Final = re.compile(r"[*?\[]")
_CLOSED: Final = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[!?\]?[^\]]*\]')
"""A key in JSON (`["a]b"]`), an index or a set of characters (`[!]a]`), with its brackets."""


@dataclass(frozen=True)
class Volatile:
    """
    Names whose values belong to one visit and are never compared.

    A name may be a pattern (`utm_*`), a path into JSON (`$.messages[0].id`, also `$.messages[*].id`), or a header's.  A
    pattern also means the field that is spelled as it is (`rows[0]`).
    """

    names: tuple[str, ...] = VOLATILE
    segments: frozenset[int] = frozenset()
    """Segments of the path, from 1, that are not compared either."""

    def has(self, name: str, path: str = "") -> bool:
        """Return whether a field called *name*, or a JSON value at *path*, belongs to one visit."""
        return bool(self._pattern.fullmatch(name) or (path and self._pattern.fullmatch(path)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(_pattern_of(name) for name in self.names) or r"(?!)", re.DOTALL)

    def has_header(self, name: str) -> bool:
        """Return whether the header *name*, in any case, belongs to one visit."""
        return self._any_case.fullmatch(name) is not None

    @cached_property
    def _any_case(self) -> re.Pattern[str]:
        return re.compile(self._pattern.pattern, re.DOTALL | re.IGNORECASE)

    def with_places(self, places: Collection[str]) -> Volatile:
        """Return these names and what is at *places*, which are named as in `x-tokens`: `json:$.id`, `path:2`."""
        in_path = frozenset(place for place in places if place.startswith(_PATH))
        segments = (int(place.removeprefix(_PATH)) for place in in_path)
        names = (_name_of(place) for place in places if place not in in_path)
        return Volatile(names=(*self.names, *names), segments=self.segments.union(segments))


def _name_of(place: str) -> str:
    """Return the name of a *place* in `Volatile`; a header counts as a whole, and so do all cookies."""
    kind, _, name = place.partition(":")
    if kind == "json":
        return name
    if kind == "header":
        return name.partition(":")[0]
    return "cookie" if kind == "cookie" else _GLOB.sub(lambda found: f"[{found[0]}]", name)


def check_volatile(names: Iterable[str]) -> None:
    """
    Check the *names* that a user gives.

    Raises:
        SettingsError: one has a bracket that is not closed, so that it is neither a pattern nor a path.
    """
    for name in names:
        if "[" in _CLOSED.sub("", name):
            raise SettingsError(f"volatile: `{name}` has a `[` without a `]`; close it, or write `[[]` for a plain `[`")


def _pattern_of(name: str) -> str:
    if not name.startswith("$"):
        return f"{translate(name)}|{re.escape(name)}"
    return re.escape(name).replace(r"\[\*\]", r"\[\d+\]").replace(r"\*", r"[^.\[\]]*")
