"""The options of ``crashtest --cassette``, and the run that they ask for."""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich.console import Console

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.crashtest import baseline, function
from chatgptfree_mock.crashtest import command as process
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.outputs import check_jobs, check_outputs, progress, write_outputs
from chatgptfree_mock.crashtest.recording import documents, results, session, terminal_report
from chatgptfree_mock.crashtest.recording.plan import PROGRAM, TIMEOUT, RecordingPlan
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.story import Story, load_story
from chatgptfree_mock.crashtest.report import RunFacts
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import intercepted_hosts
from chatgptfree_mock.variants.catalogue import GRADES

FOUND: Final = 1
BAD_INPUT: Final = 2
F = TypeVar("F", bound=Callable[..., Any])

_GRADES_HELP: Final = (
    "Only these: 1 legal and read alike everywhere, 2 legal and in the wild, 3 legal but rare.  [default: 1,2]"
)
_OPTIONS: Final = (
    click.option(
        "--cassette",
        "cassettes",
        multiple=True,
        metavar="PATH",
        help="Test with variants of this recording's answer: a cassette, a HAR, a folder or a pattern; repeatable.",
    ),
    click.option(
        "--variant", "variants", multiple=True, metavar="GLOB", help="Only these, such as `cut/*`; repeatable."
    ),
    click.option("--all", "everything", is_flag=True, help="All variants, not only one of each distinct kind."),
    click.option("--grade", "grades", metavar="LIST", help=_GRADES_HELP),
    click.option("--message", metavar="TEXT", help="What `{message}` is, instead of the recorded message."),
    click.option("--base", metavar="PATH", default="", help="What `{url}` ends with, such as `/v1`."),
    click.option("--answer", "number", type=int, metavar="N", help="Which exchange of the recording has the answer."),
    click.option("--end-mark", metavar="TEXT", help="A text in the event that ends the stream."),
    click.option("--anyway", is_flag=True, help="Take a recording whose answer is not whole."),
    click.option(
        "--timeout",
        type=float,
        default=TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="So long after the last byte a client hangs.",
    ),
    click.option(
        "--stall", type=float, metavar="SECONDS", help="Count it if a client waits longer for a stalled answer."
    ),
    click.option(
        "--mask", "masks", multiple=True, metavar="REGEX", help="What changes from run to run, such as a time."
    ),
    click.option(
        "--resume", is_flag=True, help="Go on with a run that was stopped: the results in the file of --json stand."
    ),
    click.option(
        "--max-failures", "most_failures", type=click.IntRange(1), metavar="N", help="Stop after so many failures."
    ),
)
NAMES: Final = (
    *("variants", "everything", "grades", "message", "base", "number", "end_mark", "anyway", "timeout", "stall"),
    *("masks", "resume", "most_failures"),
)
"""The parameters of the options that act with `--cassette` only."""
_IDLE: Final = ("plugin", "chunks", "pace", "match_on", "volatile", "on_miss", "repeat", "rewrite", "tokens")
"""Settings of a project that act on scenarios only."""


def recording_options(command: F) -> F:
    """Give a click *command* the options of a crash test from a recording."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFiles:
    """The files that are written, and the *baseline* that is read; None: not that one."""

    html: Path | None = None
    junit: Path | None = None
    json: Path | None = None
    markdown: Path | None = None
    baseline: Path | None = None


def crash_test(
    given: dict[str, Any],
    files: OutputFiles,
    *,
    table: Mapping[str, Any],
    words: tuple[str, ...],
    callable_: str | None,
    jobs: str,
    verbose: bool,
    facts: RunFacts,
) -> int:
    """
    Run what the options *given* ask for, print the report and write the files, and return the exit code.

    *table*: the settings of the project; what acts on scenarios only is named.  *facts*: of the run, for the report.

    Raises:
        MockError: the recording or an option cannot be used.
    """
    plan = _plan(given, words=words, callable_=callable_, jobs=check_jobs(jobs))
    if plan.intercept and callable_ is not None:
        raise SettingsError("--intercept sets variables for the process of a client; give a command, no --callable")
    client = _client(plan)
    check_outputs([files.html, files.junit, files.json, files.markdown])
    before = baseline.read(files.baseline, results.parse) if files.baseline else None
    story = load_story(plan.sources, number=plan.number, mark=plan.end_mark, anyway=plan.anyway)
    _check_message(plan, story)
    earlier = _earlier(plan, story, files.json) if given["resume"] else None
    for line in story.left_out:
        click.echo(escape(line), err=True)
    with Interruption() as interruption:
        with _reporting() as report:
            card = session.run(plan, story, client, interruption=interruption, report=report, earlier=earlier)
        problems = write_outputs(
            [
                (files.html, lambda: documents.html(card, facts)),
                (files.junit, lambda: documents.junit(card)),
                (files.json, lambda: results.dump(card)),
                (files.markdown, lambda: documents.markdown(card)),
            ]
        )
        failures = card.failures if before is None else baseline.worse(card, before)
        idle = [f"`{name}` in [tool.chatgptfree_mock] has no effect with --cassette" for name in _IDLE if name in table]
        remarks = [*idle, *(_compared(card, before, len(failures), files.baseline) if before else [])]
        # Whoever closed the terminal reads no table.
        with contextlib.suppress(OSError):
            _show(story, card, remarks, verbose=verbose)
            for problem in problems:
                click.echo(escape(f"{PROGRAM}: {problem}"), err=True)
    if interruption.exit_code is not None:
        return interruption.exit_code
    return BAD_INPUT if card.problem or problems else FOUND if failures else 0


def _compared(card: VariantCard, before: VariantCard, worse: int, file: Path | None) -> list[str]:
    other = [] if before.recording == card.recording else [f"{file} is of another recording: {before.recording}"]
    return [*baseline.compared(card, before), f"{worse} worse than {file}", *other]


def _earlier(plan: RecordingPlan, story: Story, file: Path | None) -> VariantCard | None:
    """Return the card of the run that is resumed, None if there is none yet."""
    if file is None:
        raise SettingsError("`--resume` goes on with the results in the file of `--json`; give that as well")
    if not file.exists():
        return None
    card = baseline.read(file, results.parse)
    told = {"client": (card.client, plan.client), "recording": (card.fingerprint, story.fingerprint)}
    for what, (there, here) in told.items():
        if there != here:
            raise SettingsError(f"{file}: these results are of another {what}; leave out --resume to begin anew")
    return card


def _show(story: Story, card: VariantCard, remarks: list[str], *, verbose: bool) -> None:
    console = Console()
    terminal_report.show_head(console, story, card)
    if card.problem:
        click.echo(escape(f"{PROGRAM}: {card.problem}"), err=True)
    else:
        terminal_report.show(console, card, remarks, verbose=verbose)


def _plan(given: dict[str, Any], *, words: tuple[str, ...], callable_: str | None, jobs: str) -> RecordingPlan:
    base = given["base"]
    if base and not base.startswith("/"):
        raise SettingsError(f"`--base {base}`: a path that begins with a slash, such as /v1")
    for name in ("timeout", "stall"):
        if given[name] is not None and not 0 < given[name] < math.inf:
            raise SettingsError(f"`--{name} {given[name]:g}`: a number of seconds above 0")
    return RecordingPlan(
        sources=given["cassettes"],
        command=words,
        callable=callable_,
        message=given["message"],
        base=base,
        number=given["number"],
        end_mark=given["end_mark"],
        anyway=given["anyway"],
        globs=given["variants"],
        everything=given["everything"],
        grades=_grades(given["grades"]),
        timeout=given["timeout"],
        stall=given["stall"],
        masks=tuple(map(_mask, given["masks"])),
        intercept=intercepted_hosts(given["intercept"]),
        jobs=(os.cpu_count() or 1) if jobs == "auto" else int(jobs),
        most_failures=given["most_failures"],
        here=Path.cwd(),
    )


def _grades(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or any(word not in map(str, GRADES) for word in words):
        raise SettingsError(f"`--grade {text}`: numbers from 1 to 3, such as 1,2")
    return tuple(sorted({int(word) for word in words}))


def _mask(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as exc:
        raise SettingsError(f"`--mask {text}`: not a regular expression: {exc}") from exc


def _client(plan: RecordingPlan) -> function.Client | None:
    if (plan.callable is None) == (not plan.command):
        raise SettingsError("give either a command after `--`, or `--callable MODULE:FUNCTION`")
    if plan.callable is not None:
        return function.load(plan.callable)
    process.check(plan.command, needs_url=False)
    return None


def _check_message(plan: RecordingPlan, story: Story) -> None:
    if story.message(plan.message) is None and process.takes(plan.command, "message"):
        received = story.messages.from_responses
        more = f" ({received[0].value[:60]!r} came from an earlier response)" if received else ""
        raise SettingsError(
            f"{story.name}: no message was found in the recorded requests{more}; give it with --message"
        )


@contextlib.contextmanager
def _reporting() -> Iterator[session.Report]:
    """Show how far the run is, and each verdict that counts against the client the first time that a family gets it."""
    seen: set[tuple[str, str]] = set()
    with progress(None) as show:

        def report(result: VariantResult, total: int) -> None:
            show(f"{result.verdict}: {result.variant}", total)
            if result.counts_against and (result.family, str(result.verdict)) not in seen:
                seen.add((result.family, str(result.verdict)))
                click.echo(escape(f"{result.verdict}: {result.variant}: {result.reason}"), err=True)

        yield report
