"""
The options of ``crashtest`` that both crash tests have.

Every run imports this module, so it imports nothing that only one kind of run needs.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

import click
from msgspec import Struct

from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.release_options import Command
from chatgptfree_mock.crashtest import command_words, function
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.outputs import PROGRAM, OutputFiles, parse_jobs
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import intercept_option

FOUND: Final = 1
BAD_INPUT: Final = 2
Decorator = Callable[[Command], Command]
_FILE: Final = PathParamType(dir_okay=False)


def together(*decorators: Decorator) -> Decorator:
    """Return one decorator that gives a click command the options of all *decorators*, in this order."""

    def decorate(decorated: Command) -> Command:
        for decorator in reversed(decorators):
            decorated = decorator(decorated)
        return decorated

    return decorate


def parameter_names(options: Decorator) -> frozenset[str]:
    """Return the names of the parameters that the decorator *options* adds to a command."""
    decorated: click.Command = click.command()(options(lambda: None))
    return frozenset(filter(None, (option.name for option in decorated.params)))


def checked_seconds(option: str, value: float | None) -> float | None:
    """
    Return the *value* of an *option* that is a time limit.

    Raises:
        SettingsError: it is neither None nor a finite number of seconds above 0.
    """
    if value is not None and not 0 < value < math.inf:
        raise SettingsError(f"`{option} {value:g}` must be a number of seconds above 0")
    return value


def _no_workers(_context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """Refuse pytest-xdist's `--tx`, and name the command that takes it."""
    if value is not None:
        raise SettingsError(
            "`--tx` is an option of pytest: to use other machines, write tests with the markers chat_variants and "
            "chat_scenarios, and run `pytest --tx …`"
        )


_TIMEOUT_HELP: Final = (
    "Time limit of a client; longer is a hang.  [default: the scenario's own, from the client's start; with --cassette "
    "10, from the last byte that was sent]"
)
_JOBS_HELP: Final = "Number of clients to run at once, or `auto`.  On several machines it runs in pytest, by `--tx`."
shared_options: Final = together(
    click.option("-n", "jobs", default="1", metavar="JOBS", help=_JOBS_HELP),
    click.option("--tx", hidden=True, expose_value=False, callback=_no_workers),
    click.option(
        "--callable", metavar="MODULE:FUNCTION", help="Call a Python function instead of starting a process per case."
    ),
    click.option("--timeout", type=float, metavar="SECONDS", help=_TIMEOUT_HELP),
    intercept_option,
    pack_option(
        "The site pack whose scenarios to run; with --cassette, the one that words the refusal of a wrong token."
    ),
    click.option("--html", type=_FILE, help="Write an HTML report."),
    click.option("--junit", type=_FILE, help="Write JUnit XML."),
    click.option("--json", type=_FILE, help="Write the results as JSON."),
    click.option("--markdown", type=_FILE, help="Write a summary in Markdown, as for $GITHUB_STEP_SUMMARY."),
    click.option(
        "--baseline",
        type=PathParamType(),
        help="Fail only where the results are worse than in this file of --json.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Show all failures, instead of at most 40 lines."),
    click.argument("words", nargs=-1, metavar="[-- COMMAND …]"),
)
"""The options of every crash test, and its command."""


class SharedOptions(Struct, frozen=True, kw_only=True):
    """
    The options that every crash test has.

    *words*: the client's command, or *callable*: its `module:function`.  *jobs*: the number of clients
    at once.  *timeout*: seconds after which a client hangs; None: the default of this crash test.  *intercept*: the
    words of `--intercept`.  *files*: what is written.  *verbose*: show every failure.  *facts*: of the run, for the
    report.  *interruption*: the handler of signals.
    """

    words: tuple[str, ...]
    callable: str | None
    jobs: int
    timeout: float | None
    intercept: tuple[str, ...]
    files: OutputFiles
    verbose: bool
    facts: RunFacts
    interruption: Interruption

    @classmethod
    def taken_from(
        cls, given: Mapping[str, Any], command_line: Sequence[str], interruption: Interruption | None = None
    ) -> Self:
        """
        Take the options of the run from all that are *given*.

        *command_line*: the words after the program's name, empty if unknown.  *interruption*: the handler of signals,
        if one is installed already; else a new one is.

        Raises:
            SettingsError: the number of jobs or the time limit is not one.
        """
        names = ("html", "junit", "json", "markdown", "baseline")
        return cls(
            words=given["words"],
            callable=given["callable"],
            jobs=parse_jobs(given["jobs"]),
            timeout=checked_seconds("--timeout", given["timeout"]),
            intercept=given["intercept"],
            files=OutputFiles(**{name: given[name] for name in names}),
            verbose=given["verbose"],
            facts=RunFacts(
                command=shlex.join([PROGRAM, *command_line]) if command_line else "", when=datetime.now(UTC)
            ),
            interruption=interruption or Interruption(),
        )

    def exit_code(self, failures: Collection[object], *, bad: object) -> int:
        """Return the exit code of a run: by the signal that ended it, *bad* input or output, else *failures*."""
        if self.interruption.exit_code is not None:
            return self.interruption.exit_code
        return BAD_INPUT if bad else FOUND if failures else 0

    def client(self, *, needs_url: bool) -> function.Client | None:
        """
        Return the callable, loaded; None if the client is a command, or if a signal comes before it is loaded.

        *needs_url*: a command has to have a place for the address.

        Raises:
            SettingsError: there is not exactly one client, or it cannot be used.
        """
        if (self.callable is None) == (not self.words):
            raise SettingsError("give either a command after `--`, or `--callable MODULE:FUNCTION`")
        if self.callable is None:
            command_words.check_placeholders(self.words)
            command_words.check(self.words, needs_url=needs_url)
            return None
        if self.intercept:
            raise SettingsError("--intercept sets variables for the process of a client; give a command, no --callable")
        try:
            with self.interruption.raising():
                return function.load(self.callable)
        except KeyboardInterrupt:
            if self.interruption.number is None:
                raise
            return None
