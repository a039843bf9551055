"""The errors and warnings of both packages, from their classes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from chatgptfree import errors as client
from chatgptfree.messages import WARNINGS
from chatgptfree_mock import errors as mock
from reference_pages.docstrings import paragraphs
from reference_pages.markdown import code, prose, term


def of_the_client() -> str:
    """Return every error of the client with its kind."""
    return "\n".join(
        _error(cls, f"kind {code(cls.kind)}; retryable: {'yes' if cls.retryable else 'no'}")
        for cls in _classes(client)
        if issubclass(cls, client.ChatError)
    )


def warnings_of_the_client() -> str:
    """Return every code of a `ReplyWarning`."""
    return "\n".join(term(name, [prose(text)], anchor=f"warning-{name}") for name, text in WARNINGS.items())


def of_the_mock() -> str:
    """Return every error and warning of the mock."""
    return "\n".join(_error(cls) for cls in _classes(mock))


def _classes(module: ModuleType) -> Iterator[type]:
    """Yield the exceptions that *module* defines, in the order of its source."""
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Exception) and value.__module__ == module.__name__:
            yield value


def _error(cls: type, *facts: str) -> str:
    bases = ", ".join(code(base.__name__) for base in cls.__bases__)
    about = [prose(part) for part in paragraphs(cls.__doc__)]
    return term(cls.__name__, ["; ".join([*facts, f"derives from {bases}"]), *about], anchor=cls.__name__)
