"""
The command line ``chatgptfree-mock``.

Each subcommand NAME is the click command `command` of the module ``cli/NAME.py`` (``NAME_.py`` where the name is a
keyword of Python) and is imported when it is needed, so that none pays for the others.  Packages hold parts of
commands.  A command returns None or its exit code: 0 done, 1 found something, 2 bad input.  What is wrong with the
input is raised as a `MockError`, whose text goes to stderr as one line; nobody but `main` ends the process.
"""

from __future__ import annotations

import gc
import importlib
import keyword
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from click.core import ParameterSource

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.extras import explain, refuse_windows
from chatgptfree_mock.no_certificates import import_aiohttp
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.usage_error import EMPTY, one_line

if TYPE_CHECKING:
    from chatgptfree_mock.crashtest.interruption import Interruption

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
SUMMARIES: Final = {
    "completion": "Print a script that completes commands, options and values.",
    "crashtest": "Run a client once per scenario or variant, and judge it.",
    "demo": "Show six recorded answers and what the client makes of them.",
    "diff": "Show what changed on the wire between two recordings.",
    "export": "Turn a cassette into a HAR for Chromium's developer tools.",
    "import": "Turn a browser's HAR into a cassette.",
    "learn": "Write a release file from a recording of an unknown release.",
    "lint": "Check cassettes, or all cassettes in folders.",
    "record": "Record a site through a proxy that does not disturb its streams.",
    "releases": "List the releases and what each changed on the wire.",
    "scenarios": "List the scenarios, or show a single one in full.",
    "schema": "Print the JSON Schema of a file format, for your editor.",
    "serve": "Imitate the site, or serve recordings of any site.",
    "tokens": "List the tokens of a recording.",
    "watch": "Ask a live site once and compare the answer with a recording.",
}
"""All commands with a line for each, so that ``--help`` imports none of them."""
_COLLECTED_AFTER: Final = 60_000
"""
How many new objects make a garbage collection, instead of 700: more than a short command makes (50,000).

What a command imports stays until its end; looking through it again and again took a tenth of each start.  A collection
takes 0.3 µs per object, so that a server pauses for 20 ms at most.
"""
_MAY_BE_EMPTY: Final = frozenset({"client", "words", "message", "base"})
"""The parameters whose empty text has a meaning: the words of a client's command, a question, the end of an address."""
_WITHOUT_CLIENT_OF_AIOHTTP: Final = frozenset({"serve", "record"})
"""The commands that import aiohttp for its server alone; `record` connects to the site by itself."""
_NOT_ON_WINDOWS: Final = frozenset({"serve", "record", "crashtest", "demo", "watch"})


class Started(NamedTuple):
    """How the program was started: the words after its name, and the handler of signals, None without one."""

    words: tuple[str, ...]
    interruption: Interruption | None = None


class LazyGroup(click.Group):
    """A group whose commands are modules of this package; a command is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, in alphabetical order."""
        return list(SUMMARIES)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None if there is no such module.  Completion gets a placeholder, without an import."""
        if ctx.resilient_parsing:
            from chatgptfree_mock.cli.shell_completion.values import command_to_complete

            return command_to_complete(self, cmd_name, ctx)
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}{'_' * keyword.iskeyword(cmd_name)}")
        command: click.Command = module.command
        command.short_help = SUMMARIES[cmd_name]
        for parameter in command.params:
            if _needs_text(parameter):
                parameter.callback = _refuse_blank
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is to be run; one that does not exist gets a suggestion."""
        name, known = args[0], self.list_commands(ctx)
        if ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)
        if name not in known:
            hint = nearest_or_all(name, known)
            raise click.UsageError(f"no such command: `{escape(name[:40])}`{hint}", ctx)
        if name in _NOT_ON_WINDOWS:
            refuse_windows(name)
        return super().resolve_command(ctx, args)


def _needs_text(parameter: click.Parameter) -> bool:
    """Return whether an empty text would be taken for no value at all of *parameter*."""
    may_be_empty = parameter.name in _MAY_BE_EMPTY or getattr(parameter, "flag_value", None) == ""
    return parameter.type is click.STRING and not may_be_empty and parameter.callback is None


def _refuse_blank(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse an empty text, as a shell's variable without a value leaves it; it would count as not given."""
    if ctx.get_parameter_source(str(parameter.name)) is not ParameterSource.COMMANDLINE:
        return value
    given = value if isinstance(value, tuple) else (value,)
    if any(each is not None and not str(each).strip(" ,;") for each in given):
        raise click.BadParameter(EMPTY, ctx, parameter)
    return value


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_COMPLETION,
)
@click.version_option(package_name="chatgptfree", prog_name=PROGRAM)
def group() -> None:
    """Imitate chatgptfree.ai offline, replay what was on the wire, and crash-test clients."""


def run(arguments: Sequence[str] | None = None, interruption: Interruption | None = None) -> int:
    """
    Run the command line *arguments* (by default the process' own) and return the exit code.

    *interruption*: a handler of signals that is installed already, for commands that end in order on them.
    """
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        started = Started(tuple(given), interruption)
        if COMPLETE_VARIABLE in os.environ:
            from chatgptfree_mock.cli.shell_completion import shells  # noqa: F401 - click finds its classes from now on
        result = group.main(
            given, prog_name=PROGRAM, complete_var=COMPLETE_VARIABLE, standalone_mode=False, obj=started
        )
    except click.Abort:
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as help_text:
        click.echo(help_text.format_message(), err=True)
        return BAD_INPUT
    except click.ClickException as exc:
        click.echo(escape(one_line(exc, PROGRAM)), err=True)
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


def main(interruption: Interruption | None = None) -> None:
    """Run the process' own command line and exit, whatever threads a client of `crashtest --callable` left behind."""
    gc.set_threshold(_COLLECTED_AFTER)
    if not _WITHOUT_CLIENT_OF_AIOHTTP.isdisjoint(sys.argv[1:2]):
        import_aiohttp()
    code = run(interruption=interruption)
    if threading.active_count() > 1:
        # Python would wait for them, daemons of an executor included, and one that is stuck never ends.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    # Python ends with a collection of all that was imported, which took a sixth of a short command.
    gc.freeze()
    sys.exit(code)
