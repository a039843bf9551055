"""Every command, option and argument, from the parsers themselves."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

import click

from chatgptfree.cli import commands as client
from chatgptfree_mock.cli import PROGRAM
from chatgptfree_mock.cli import group as mock
from reference_pages.markdown import code, prose, sections, term


def of_the_mock() -> str:
    """Return the reference of ``chatgptfree-mock``."""
    return _group(mock, PROGRAM)


def of_the_client() -> str:
    """Return the reference of ``chatgptfree``."""
    return _group(client, "chatgptfree")


def _group(group: click.Group, program: str) -> str:
    context = click.Context(group, info_name=program, **group.context_settings)
    found = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    named = [(name, command) for name, command in found if command is not None and not command.hidden]
    parts = ((code(f"{program} {name}"), _command(command, name, context)) for name, command in named)
    return sections(parts, level=3)


def _command(command: click.Command, name: str, parent: click.Context) -> str:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    # Both programs have a command `completion`.
    anchor = name if parent.info_name == PROGRAM else f"{parent.info_name}-{name}-"
    options = [_option(option, anchor) for option in command.get_params(context) if isinstance(option, click.Option)]
    return "\n".join(
        [
            f"```text\n{usage}\n```\n",
            *_paragraphs(command.help or ""),
            *filter(None, options),
            *_paragraphs(command.epilog or ""),
        ]
    )


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; those that click leaves as they are, behind a backspace, as blocks."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            yield f"```text\n{textwrap.dedent(paragraph.removeprefix(chr(8)).strip(chr(10)))}\n```\n"
        elif paragraph:
            yield prose(paragraph) + "\n"


def _option(option: click.Option, command: str) -> str:
    record = option.get_help_record(click.Context(click.Command(command)))
    if record is None:  # hidden
        return ""
    spelling, text = record
    anchor = re.sub(r"[^\w-]", "", f"{command}{max(option.opts, key=len)}")
    return term(" ".join(spelling.split()), [prose(text)], anchor=anchor)
