"""Several releases by a specification, such as ``all``, ``1.8.93``, ``>=1.8.91,<2.3`` or ``1.8.79 2.4.71``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Final

from chatgptfree_mock.errors import UnknownReleaseError

_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CLAUSE: Final = re.compile(r"(>=|<=|==|!=|>|<)\s*([0-9.]+)")


def choose(specification: str, names: Sequence[str], place: Callable[[str], int]) -> list[int]:
    """
    Return the indices of the *names*, oldest first, that *specification* means; see `Releases.select`.

    *place* returns the index of the release that a name means, and may raise for one that means none.

    Raises:
        UnknownReleaseError: the words are not a specification, or nothing fits.
    """
    text = specification.strip()
    if text == "all":
        return list(range(len(names)))
    words = [word for word in re.split(r"[,\s]+", re.sub(r"([<>=!])\s+", r"\1", text)) if word]
    clauses = [_CLAUSE.fullmatch(word) for word in words]
    if words and all(clauses):
        bounds = [(_COMPARE[clause[1]], place(clause[2])) for clause in clauses if clause]
        chosen = [index for index in range(len(names)) if all(fits(index, bound) for fits, bound in bounds)]
    elif words and not any(clauses):
        chosen = sorted({place(word) for word in words})
    else:
        raise UnknownReleaseError(
            f"`{specification}` names no releases: say `all`, names (`1.8.93 2.4.71`) or bounds (`>=1.8.91,<2.3`)"
        )
    if not chosen:
        raise UnknownReleaseError(f"no release is `{specification}`: the first is {names[0]}, the last {names[-1]}")
    return chosen
