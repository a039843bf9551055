"""
The command line ``chatgptfree-mock``.

Each subcommand NAME is the click command `command` of the module ``cli/NAME.py`` (``NAME_.py`` where the name is a
keyword of Python) and is imported when it is needed, so that none pays for the others.  Packages hold parts of
commands.  A command returns None or its exit code: 0 done, 1 found something, 2 bad input.  What is wrong with the
input is raised as a `MockError`, whose text goes to stderr as one line; nobody but `main` ends the process.
"""

from __future__ import annotations

import importlib
import keyword
import os
import pkgutil
import sys
import threading
from collections.abc import Sequence
from typing import Final

import click

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.extras import explain, refuse_windows
from chatgptfree_mock.suggestion import did_you_mean

PROGRAM = "chatgptfree-mock"
BAD_INPUT = 2
INTERRUPTED = 130
# click leaves the lines below a backspace as they are; this one is to be copied.
_COMPLETION: Final = f"""\b
Completion of options, releases, scenarios and more (or zsh, fish):
  eval "$({PROGRAM} completion bash)"
"""
COMPLETE_VARIABLE: Final = "_CHATGPTFREE_MOCK_COMPLETE"
"""The variable by which a shell asks for completions."""
_NOT_ON_WINDOWS: Final = frozenset({"serve", "record", "crashtest", "demo", "watch"})


class LazyGroup(click.Group):
    """A group that finds its commands as modules of this package and imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in alphabetical order."""
        return sorted(module.name.removesuffix("_") for module in pkgutil.iter_modules(__path__) if not module.ispkg)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None if there is no such module.  Completion gets a stand-in, without an import."""
        if ctx.resilient_parsing:
            from chatgptfree_mock.cli.shell_completion.values import command_to_complete

            return command_to_complete(self, cmd_name, ctx)
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}{'_' * keyword.iskeyword(cmd_name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is to be run; one that does not exist gets a suggestion."""
        name, known = args[0], self.list_commands(ctx)
        if ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)
        if name not in known:
            hint = did_you_mean(name, known) or f" (there are: {', '.join(known)})"
            raise click.UsageError(f"no such command: `{escape(name[:40])}`{hint}", ctx)
        if name in _NOT_ON_WINDOWS:
            refuse_windows(name)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_COMPLETION,
)
@click.version_option(package_name="chatgptfree", prog_name=PROGRAM)
def group() -> None:
    """Imitate chatgptfree.ai offline, replay what was on the wire, and crash-test clients."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (by default the process' own) and return the exit code."""
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        if COMPLETE_VARIABLE in os.environ:
            from chatgptfree_mock.cli.shell_completion import shells  # noqa: F401 - click finds its classes from now on
        result = group.main(given, prog_name=PROGRAM, complete_var=COMPLETE_VARIABLE, standalone_mode=False, obj=given)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except MockError as exc:
        return _complain(str(exc))
    except ModuleNotFoundError as exc:
        sentence = explain(exc)
        if sentence is None:
            raise
        return _complain(sentence)
    except OSError as exc:
        if exc.filename is None:
            raise
        return _complain(f"{exc.filename}: {exc.strerror}")
    return result if isinstance(result, int) else 0


def _complain(problem: str) -> int:
    click.echo(escape(f"{PROGRAM}: {problem}"), err=True)
    return BAD_INPUT


def main() -> None:
    """Run the process' own command line and exit, whatever threads a client of `crashtest --callable` left behind."""
    code = run()
    if threading.active_count() > 1:
        # Python would wait for them, daemons of an executor included, and one that hangs never ends.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
