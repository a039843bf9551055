"""Name the keyword argument that was meant, where Python's own error names only the wrong one."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Collection
from typing import Concatenate, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def nearest_or_all(word: str, known: Collection[str]) -> str:
    """Return the end of an error message: the one of *known* that is nearest to *word*, or else all of them."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; there are: {', '.join(known)}"


def suggest_keywords(init: Callable[Concatenate[T, P], None]) -> Callable[Concatenate[T, P], None]:
    """Make an ``__init__`` name the nearest argument where one is unknown, and ask for a name that is missing."""
    parameters = list(inspect.signature(init).parameters.values())[1:]
    known = [each.name for each in parameters]
    nameless = sum(each.kind is not each.KEYWORD_ONLY for each in parameters)

    @functools.wraps(init)
    def checked(self: T, /, *args: P.args, **kwargs: P.kwargs) -> None:
        for word in kwargs:
            if word not in known:
                raise TypeError(f"{type(self).__name__} has no argument `{word}`{nearest_or_all(word, known)}")
        if len(args) > nameless:
            value, name = args[nameless], known[nameless]
            raise TypeError(f"{type(self).__name__}: give {value!r} by the name of its argument, such as `{name}=…`")
        init(self, *args, **kwargs)

    return checked
