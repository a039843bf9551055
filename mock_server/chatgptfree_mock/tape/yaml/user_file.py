"""Read a user's YAML file; each error names the file and the place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.tape.whole_file import read_bytes
from chatgptfree_mock.tape.yaml.composing import TooDeepError, compose, in_one_line
from chatgptfree_mock.tape.yaml.nodes import NodeTypeError, check_keys

LIMIT: Final = 8 * 1024 * 1024
"""The largest file that is read, in bytes."""


@contextmanager
def yaml_document(path: Path) -> Iterator[yaml.Node | None]:
    """
    Read the YAML document at *path*, None for an empty file; errors in the context name the file as well.

    Raises:
        SettingsError: the file cannot be read, is not YAML, or has a key twice, or the context raises `NodeTypeError`.
    """
    try:
        data = read_bytes(path, limit=LIMIT)
    except CassetteError as exc:
        raise SettingsError(str(exc)) from exc
    try:
        with _errors_of(path):
            node = compose(data)
            if node is not None:
                check_keys(node)
            yield node
    except SettingsError as exc:
        exc.quotes_file = str(path)
        raise


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: not YAML: {in_one_line(exc)}") from exc
    except (NodeTypeError, TooDeepError) as exc:
        raise SettingsError(f"{path}: {exc}") from exc
