"""
Find the existing word that is nearest to a mistyped one.

What compares the words is imported with the first mistake: all commands and the pytest plugin import this module.
"""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str | None:
    """Return the one of *known* most similar to *word*; None if its similarity, from 0 to 1, is below *likeness*."""
    import difflib

    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)), None)


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """Return the end of an error message about *word*, which names `nearest`; empty if there is none."""
    near = nearest(word, known, likeness=likeness)
    return f"; did you mean `{near}`?" if near else ""
