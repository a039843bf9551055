"""
Messages about missing packages of an extra, and about system calls that Windows lacks.

The distribution without extras is the client.  Further packages for the mock come with extras (`EXTRA_OF`), and some
commands need system calls that Windows lacks.
"""

from __future__ import annotations

import sys
from typing import Final

from chatgptfree_mock.errors import MissingError

EXTRA_OF: Final = {
    **dict.fromkeys(("ahocorasick_rs", "brotli", "jinja2", "protego", "yaml", "rich", "trustme", "zstandard"), "mock"),
    "gunicorn": "mock,workers",
}
"""The extras with which a module is installed, by import name."""
_WINDOWS: Final = "needs system calls that Windows lacks; run it on Linux or macOS, or in WSL or a container"


def explain(error: ModuleNotFoundError) -> str | None:
    """Return how to install the missing module of *error*, in a sentence; None if it does not come with an extra."""
    module = (error.name or "").partition(".")[0]
    return _missing(module) if module in EXTRA_OF else None


def explained(error: ModuleNotFoundError) -> ModuleNotFoundError:
    """Return an error with the sentence of `explain`, to be raised in place of *error*; else *error* itself."""
    sentence = explain(error)
    return error if sentence is None else ModuleNotFoundError(sentence, name=error.name)


def refuse_windows(command: str) -> None:
    """
    Check that *command* can run on this operating system.

    Raises:
        MissingError: this is Windows.
    """
    if sys.platform == "win32":
        raise MissingError(f"`{command}` {_WINDOWS}")


def _missing(module: str) -> str:
    extra = EXTRA_OF[module]
    line = f"pip install '.[{extra}]' in a checkout of chatgptfree"
    return f"{module} is missing, which comes with the extra `{extra}`: {line}"
