"""What click refuses, in the form of all other errors: one line with what is wrong, where, and what to do."""

from __future__ import annotations

import click

_KINDS = {"a valid integer range": "a whole number", "a valid float range": "a number"}
"""The words of click for numbers."""


def one_line(error: click.ClickException, program: str) -> str:
    """Return *error* as one line that begins with the command that it is about, or with *program*."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = context.command_path if context else program
    return f"{where}: {_problem(error)}{f' (see `{where} --help`)' if context else ''}"


def _problem(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        near = " or ".join(f"`{each}`" for each in error.possibilities or ())
        return f"no such option: `{error.option_name}`" + (f"; did you mean {near}?" if near else "")
    words = " ".join(error.format_message().split()).removesuffix(".")
    for kind, plain in _KINDS.items():
        words = words.replace(kind, plain)
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
