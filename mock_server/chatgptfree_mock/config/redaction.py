"""A project's own rules of redaction: `[tool.chatgptfree_mock.redact]` of its pyproject.toml."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from chatgptfree_mock.config.project_folder import project_folder
from chatgptfree_mock.config.project_table import REDACT, project_table
from chatgptfree_mock.config.release_options import Command
from chatgptfree_mock.tape.redaction import RULES, Rules
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
        CassetteError: the file cannot be read, its table or a rule in it is wrong, or one in *keep*.
    """
    file = project_folder(Path(folder).resolve()) / "pyproject.toml"
    if not file.is_file():
        return Rules.make(keep=keep)
    return Rules.make(project_table(file, read_bytes(file)).get(REDACT), keep=keep, file=str(file))
