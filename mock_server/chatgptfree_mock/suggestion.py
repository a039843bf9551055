"""What to say of a word that does not exist: the one that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str | None:
    """Return the one of *known* that is most like *word*, from 0 for nothing to 1 for all; None below *likeness*."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)), None)


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """Return the end of a complaint about *word*: what was probably meant, or nothing."""
    near = nearest(word, known, likeness=likeness)
    return f"; did you mean `{near}`?" if near else ""
