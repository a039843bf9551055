"""Several releases by a specification, such as ``all``, ``1.8.93``, ``>=1.8.91,<2.3`` or ``1.8.79 2.4.71``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from chatgptfree_mock.errors import UnknownReleaseError
from chatgptfree_mock.sites.aipower.releases import RELEASES, Release, find

_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CLAUSE: Final = re.compile(r"(>=|<=|==|!=|>|<)\s*([0-9.]+)")
_PLACES: Final = {release.name: place for place, release in enumerate(RELEASES)}


def place(name: str) -> int:
    """
    Return where the release *name* stands in the history, from 0.

    Raises:
        UnknownReleaseError: there is no such release.
    """
    return _PLACES[find(name).name]


def select(specification: str) -> tuple[Release, ...]:
    """
    Return the releases that *specification* means, oldest first.

    ``all``, or bounds that must all hold (``>=1.8.91,<2.3``), or names (``1.8.93 2.4.71``, also with commas).

    Raises:
        UnknownReleaseError: a name is none, the words are no specification, or nothing fits.
    """
    text = specification.strip()
    if text == "all":
        return RELEASES
    words = [word for word in re.split(r"[,\s]+", re.sub(r"([<>=!])\s+", r"\1", text)) if word]
    clauses = [_CLAUSE.fullmatch(word) for word in words]
    if words and all(clauses):
        bounds = [(_COMPARE[clause[1]], place(clause[2])) for clause in clauses if clause]
        chosen = tuple(
            release for release in RELEASES if all(fits(_PLACES[release.name], bound) for fits, bound in bounds)
        )
    elif words and not any(clauses):
        wanted = {place(word) for word in words}
        chosen = tuple(release for release in RELEASES if _PLACES[release.name] in wanted)
    else:
        raise UnknownReleaseError(
            f"`{specification}` names no releases: say `all`, names (`1.8.93 2.4.71`) or bounds (`>=1.8.91,<2.3`)"
        )
    if not chosen:
        raise UnknownReleaseError(
            f"no release is `{specification}`: the first is {RELEASES[0].name}, the last {RELEASES[-1].name}"
        )
    return chosen
