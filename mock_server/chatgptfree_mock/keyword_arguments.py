"""Name the argument that was meant, where Python's own error names only the wrong one, or none."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from chatgptfree_mock.suggestion import nearest_or_all

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

Elsewhere = Callable[[str, Mapping[str, Any]], str]
"""Returns, for an unknown argument and all given ones, the end of a sentence on how to set it; may be empty."""


def _nowhere(_word: str, _given: Mapping[str, Any]) -> str:
    return ""


def suggest_keywords(
    elsewhere: Elsewhere = _nowhere, *, example: str = ""
) -> Callable[[Callable[Concatenate[T, P], R]], Callable[Concatenate[T, P], R]]:
    """
    Make a method name the nearest argument where one is unknown, and ask for the name of one that was given without.

    Args:
        elsewhere: what to write instead of a word that is set in another place; by default there is no such word.
        example: the argument that is most often given without its name, as in ``plugin=…``; by default the first.
    """

    def decorate(method: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
        parameters = list(inspect.signature(method).parameters.values())[1:]
        known = [each.name for each in parameters]
        nameless = sum(each.kind is not each.KEYWORD_ONLY for each in parameters)

        @functools.wraps(method)
        def checked(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
            own = type(self).__name__
            name = own if method.__name__ == "__init__" else f"{own}.{method.__name__}"
            for word in kwargs:
                if word not in known:
                    hint = elsewhere(word, kwargs) or nearest_or_all(word, known)
                    raise TypeError(f"{name} has no argument `{word}`{hint}")
            if len(args) > nameless:
                keyword = example or f"{known[nameless]}=…"
                raise TypeError(f"{name}: give {args[nameless]!r} by the name of its argument, such as `{keyword}`")
            return method(self, *args, **kwargs)

        return checked

    return decorate
