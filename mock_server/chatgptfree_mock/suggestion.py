"""
Find the existing word that is nearest to a mistyped one.

What compares the words is imported with the first mistake: all commands and the pytest plugin import this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

_OTHER_WORDS: Final = {
    "release": ("plugin", "releases"),
    "version": ("plugin",),
    "plugins": ("plugin", "releases"),
    "chat_release": ("chat_plugins",),
    "chat_releases": ("chat_plugins",),
    "careless": ("naive",),
    "piece_ms": ("delta_ms",),
}
"""Replacements for words that are not spelled like them; the first that exists is meant."""


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str | None:
    """
    Return the one of *known* that means the same as *word* or is most similar to it.

    None if its similarity, from 0 to 1, is below *likeness*.
    """
    import difflib

    words = list(known)
    return other_word(word, words) or next(iter(difflib.get_close_matches(word, words, n=1, cutoff=likeness)), None)


def other_word(word: str, known: Collection[str]) -> str | None:
    """Return the one of *known* that means the same as *word*, such as `plugin` for `release`; None if none does."""
    return next((other for other in _OTHER_WORDS.get(word, ()) if other in known), None)


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str:
    """Return the end of an error message about *word*, which names `nearest`; empty if there is none."""
    near = nearest(word, known, likeness=likeness)
    return f"; did you mean `{near}`?" if near else ""


def there_are(known: Iterable[str]) -> str:
    """Return the end of an error message that lists the *known* words."""
    words = list(known)
    return f"; there is only `{words[0]}`" if len(words) == 1 else f"; there are: {', '.join(words) or 'none'}"


def nearest_or_all(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message about *word*: the one of *known* that is `nearest`, or else all of them."""
    words = list(known)
    return did_you_mean(word, words) or there_are(words)
