"""Name the keyword argument that was meant, where Python's own error names only the wrong one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from chatgptfree_mock.suggestion import did_you_mean

T = TypeVar("T")
P = ParamSpec("P")

Elsewhere = Callable[[str, Mapping[str, Any]], str]
"""From a word that is no argument, and all that was given, to how to set it: the end of a sentence, or empty."""


def _nowhere(_word: str, _given: Mapping[str, Any]) -> str:
    return ""


def suggest_keywords(
    elsewhere: Elsewhere = _nowhere,
) -> Callable[[Callable[Concatenate[T, P], None]], Callable[Concatenate[T, P], None]]:
    """
    Make an ``__init__`` name the nearest argument in the TypeError about an unknown one.

    Args:
        elsewhere: what to write instead of a word that is set in another place; by default there is no such word.
    """

    def decorate(init: Callable[Concatenate[T, P], None]) -> Callable[Concatenate[T, P], None]:
        known = list(inspect.signature(init).parameters)[1:]

        @functools.wraps(init)
        def checked(self: T, /, *args: P.args, **kwargs: P.kwargs) -> None:
            for word in kwargs:
                if word not in known:
                    hint = elsewhere(word, kwargs) or did_you_mean(word, known) or f" (there are: {', '.join(known)})"
                    raise TypeError(f"{type(self).__name__} has no argument `{word}`{hint}")
            init(self, *args, **kwargs)

        return checked

    return decorate
