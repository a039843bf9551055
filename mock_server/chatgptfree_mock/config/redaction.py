"""A project's own rules of redaction: `[tool.chatgptfree_mock.redact]` of its pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from chatgptfree_mock.config.release_options import Command
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.redaction import RULES, Rules
from chatgptfree_mock.tape.toml_document import decode_toml, tool_tables
from chatgptfree_mock.tape.whole_file import read_bytes


def keep_option(command: Command) -> Command:
    """Add to a *command* the option `--keep`."""
    option = click.option(
        "--keep",
        multiple=True,
        metavar="RULE",
        help=f"Do not apply this redaction rule ({', '.join(RULES)}); repeatable.",
    )
    return option(command)


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
                table = tool_tables(decode_toml(read_bytes(project))).get("chatgptfree_mock", {})
            except ValueError as exc:
                raise CassetteError(f"not TOML: {exc}", file=str(project)) from exc
            if not isinstance(table, dict):
                raise CassetteError("`tool.chatgptfree_mock` is not a table", file=str(project))
            return Rules.make(table.get("redact"), keep=keep, file=str(project))
    return Rules.make(keep=keep)
