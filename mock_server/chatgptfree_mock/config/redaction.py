"""A project's own rules of redaction: `[tool.chatgptfree_mock.redact]` of its pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.whole_file import read_bytes


def redaction_rules(folder: Path | str, *, keep: Iterable[str] = ()) -> Rules:
    """
    Return the rules of the project around *folder*: `[tool.chatgptfree_mock.redact]` of its pyproject.toml.

    Raises:
        CassetteError: the table, or a rule in *keep*, is wrong.
    """
    start = Path(folder).resolve()
    for parent in (start, *start.parents):
        project = parent / "pyproject.toml"
        if project.is_file():
            try:
                tools = tomllib.loads(read_bytes(project).decode()).get("tool", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
                raise CassetteError(f"not TOML: {exc}", file=str(project)) from exc
            return Rules.make(tools.get("chatgptfree_mock", {}).get("redact"), keep=keep, file=str(project))
    return Rules.make(keep=keep)
