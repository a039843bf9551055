"""The options of commands for a user's own releases and templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from chatgptfree_mock.config.path_type import PathParamType

_PATH: Final = PathParamType()
Command = Callable[..., Any]


def release_options(command: Command) -> Command:
    """Add to a *command* the options `--releases` and `--strict-release`."""
    for option in (
        click.option(
            "--strict-release",
            is_flag=True,
            help="Refuse an unknown release between two known ones, which behaves as the older one by default.",
        ),
        click.option(
            "--releases",
            "release_files",
            multiple=True,
            type=_PATH,
            metavar="PATH",
            help="Your own releases: a file such as 2.5.0.yaml, or a folder of such files; repeatable.",
        ),
    ):
        command = option(command)
    return command


def template_option(command: Command) -> Command:
    """Add to a *command* the option `--templates`."""
    option = click.option(
        "--templates", multiple=True, type=_PATH, metavar="DIR", help="A folder of your own page templates; repeatable."
    )
    return option(command)
