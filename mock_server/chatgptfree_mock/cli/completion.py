"""`chatgptfree-mock completion`: the script that lets a shell complete commands, options and values."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from chatgptfree_mock.cli import COMPLETE_VARIABLE, PROGRAM, group
from chatgptfree_mock.cli.shell_completion import shells as _  # noqa: F401 - click finds its classes from now on
from chatgptfree_mock.config.word_choice import WordChoice
from chatgptfree_mock.usage_error import StrictCommand

_INSTALL: Final = """\b
Put the line for your shell into its start file:
  eval "$(chatgptfree-mock completion bash)"          # ~/.bashrc
  eval "$(chatgptfree-mock completion zsh)"           # ~/.zshrc, after compinit
  chatgptfree-mock completion fish | source           # ~/.config/fish/config.fish
"""


@click.command(cls=StrictCommand, epilog=_INSTALL)
@click.argument("shell", metavar="bash|zsh|fish", type=WordChoice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """
    Print the script that makes SHELL complete commands, options and values: releases, scenarios, variants, faults.

    The first completion after an installation takes a few seconds, the next ones are fast: commands, options and values
    are kept in completion.json in the folder chatgptfree-mock below $XDG_CACHE_HOME or ~/.cache.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click has no completion for {shell}")
    click.echo(kind(group, {}, PROGRAM, COMPLETE_VARIABLE).source())
