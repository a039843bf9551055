"""Read `[tool.chatgptfree_mock]` of a pyproject.toml: the one place where its keys and their types are checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chatgptfree_mock.config.keys import SETTINGS, SWITCHES
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.suggestion import nearest, nearest_or_all
from chatgptfree_mock.tape.toml_document import decode_toml, tool_tables

NAME: Final = "chatgptfree_mock"
REDACT: Final = "redact"
"""The table within it that `config.redaction` reads."""
_BEGINNING: Final = "chat"
_ALIKE: Final = 0.8
"""How similar the name of another tool's table has to be to be taken for a mistyped one, from 0 to 1."""


def project_table(file: Path, contents: bytes) -> Mapping[str, Any]:
    """
    Return the table in the *contents* of *file*, a pyproject.toml, by its keys; empty if it has no such table.

    Raises:
        CassetteError: it is not TOML; the name of the table or a key is mistyped (the message has the nearest one), or
            a value has a wrong type.
    """
    try:
        document = decode_toml(contents)
    except ValueError as exc:
        raise CassetteError(f"not TOML: {exc}", file=str(file)) from exc
    _refuse_misplaced(file, document)
    table = tool_tables(document).get(NAME, {})
    if not isinstance(table, dict):
        raise CassetteError(f"`tool.{NAME}` is not a table", file=str(file))
    for key, value in table.items():
        if key != REDACT:
            _check_entry(file, key, value)
    return table


def _refuse_misplaced(file: Path, document: dict[str, Any]) -> None:
    """Refuse a table that is mistyped or outside of `[tool]`, where it would have no effect."""
    if NAME in document:
        raise CassetteError(f"[{NAME}] has no effect; write [tool.{NAME}]", file=str(file))
    for name in tool_tables(document):
        # Most projects have no name like it, and comparing them would import difflib.
        like = name != NAME and name.lower().startswith(_BEGINNING)
        if like and nearest(name.lower().replace("-", "_"), [NAME], likeness=_ALIKE):
            raise CassetteError(f"[tool.{name}] has no effect; did you mean [tool.{NAME}]?", file=str(file))


def _check_entry(file: Path, key: str, value: object) -> None:
    if key not in SETTINGS:
        hint = nearest_or_all(key, [*SETTINGS, REDACT])
        raise CassetteError(f"unknown key `{key}` in [tool.{NAME}]{hint}", file=str(file))
    values = value if isinstance(value, list) else [value]
    if all(isinstance(each, str) or (key in SWITCHES and isinstance(each, bool)) for each in values):
        return
    wanted = "true or false" if key in SWITCHES else "a text in quotes, or a list of such texts"
    raise CassetteError(f"`{key}` is not {wanted} - in [tool.{NAME}]", file=str(file))
