"""Read a user's YAML file into a value; each error names the file and the place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import yaml

from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.tape.whole_file import read_bytes
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, TooDeepError, check_keys, compose

T = TypeVar("T")
LIMIT: Final = 8 * 1024 * 1024
"""The largest file that is read, in bytes."""


def load_yaml(path: Path, make: Callable[[yaml.Node | None], T]) -> T:
    """
    Return the result of *make* for the YAML document at *path*; *make* gets None for an empty file.

    Raises:
        SettingsError: the file cannot be read, is not YAML, or has a key twice, or *make* raises `NodeTypeError`.
    """
    try:
        data = read_bytes(path, limit=LIMIT)
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    try:
        return _read(data, path, make)
    except SettingsError as exc:
        exc.quotes_file = str(path)
        raise


def _read(data: bytes, path: Path, make: Callable[[yaml.Node | None], T]) -> T:
    try:
        node = compose(data)
        if node is not None:
            check_keys(node)
        return make(node)
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        problem = " ".join(str(exc).split()).replace('in "<byte string>", ', "at ")
        raise SettingsError(f"{path}: not YAML: {problem}") from exc
    except (NodeTypeError, TooDeepError) as exc:
        raise SettingsError(f"{path}: {exc}") from exc
