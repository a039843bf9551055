"""What click refuses, in the form of all other errors: one line with what is wrong, where, and what to do."""

from __future__ import annotations

import click

from chatgptfree_mock.suggestion import other_word

EMPTY = "it is empty; give a value, or leave it out"
"""The complaint about an empty text, as a shell's variable without a value leaves it."""
_KINDS = {
    "a valid integer range": "a whole number",
    "a valid integer": "a whole number",
    "a valid float range": "a number",
    "a valid float": "a number",
}
"""The words of click for numbers, the longer first."""


def one_line(error: click.ClickException, program: str) -> str:
    """Return *error* as one line that begins with the command that it is about, or with *program*."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = context.command_path if context else program
    return f"{where}: {_problem(error)}{f' (see `{where} --help`)' if context else ''}"


def _meant(error: click.NoSuchOption) -> str:
    options = [] if error.ctx is None else [name for each in error.ctx.command.params for name in each.opts]
    known = [name.removeprefix("--") for name in options if name.startswith("--")]
    same = other_word(error.option_name.removeprefix("--"), known)
    near = [f"--{same}"] if same else error.possibilities or ()
    return f"; did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else ""


def _problem(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"no such option: `{error.option_name}`{_meant(error)}"
    words = " ".join(error.format_message().split()).removesuffix(".")
    for kind, plain in _KINDS.items():
        words = words.replace(kind, plain)
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
