"""A crash test from a recording: the command ``crashtest --cassette``."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shlex import quote
from types import ModuleType
from typing import Any, Final

import click

from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.crashtest import baseline, command_words
from chatgptfree_mock.crashtest.first_runs import UNDISTURBED, waiting_notices
from chatgptfree_mock.crashtest.options import SharedOptions, checked_seconds
from chatgptfree_mock.crashtest.outputs import Contents, complain, progress
from chatgptfree_mock.crashtest.recording import results, session
from chatgptfree_mock.crashtest.recording.kept_results import KeptResults, read_earlier
from chatgptfree_mock.crashtest.recording.plan import STALL, TIMEOUT, RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording, load_played_recording
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.token_variants import FAMILY
from chatgptfree_mock.crashtest.run_facts import RunFacts
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import intercepted_hosts
from chatgptfree_mock.variants.grades import GRADES

_IDLE: Final = ("plugin", "chunks", "pace", "match_on", "volatile", "on_miss", "repeat", "rewrite", "tokens")
"""Settings of a project that act on scenarios only."""


def crash_test(given: Mapping[str, Any], shared: SharedOptions) -> int:
    """
    Run the crash test by the options *given*, print the report and write the files, and return the exit code.

    *shared*: the options that every crash test has.

    Raises:
        MockError: the recording or an option cannot be used.
    """
    with shared.interruption as interruption, contextlib.closing(KeptResults(shared.files.json)) as kept:
        plan, table = _plan(given, shared), project_settings()
        client = shared.client(needs_url=False)
        shared.files.check()
        before = shared.files.read_baseline(results.parse)
        pack = pack_name(pack=plan.pack, table=table)
        if plan.pack is not None or "pack" in table:
            registry.load(pack)  # complains of one that does not exist
        recording = load_played_recording(
            plan.sources, number=plan.number, mark=plan.end_mark, anyway=plan.anyway, pack=pack
        )
        _check_message(plan, recording)
        earlier = None
        if given["resume"]:
            earlier = read_earlier(shared.files.json, client=plan.client, fingerprint=recording.fingerprint)
        for line in recording.left_out:
            click.echo(escape(line), err=True)
        with _reporting() as report:
            card = session.run(
                plan,
                recording,
                client,
                interruption=interruption,
                report=report,
                kept=kept,
                earlier=earlier,
                meanwhile=_terminal_report,
            )
        lost = earlier is not None and card.problem and not card.results
        problems = [] if lost else shared.files.write({"json": lambda: results.dump(card)})
        problems += kept.end(written=not problems and not lost)
        problems += shared.files.write(_contents(card, shared.facts))
        # After the terminal was closed nobody reads a table.
        with contextlib.suppress(OSError):
            remarks = [*_idle(plan, card, table), *_compared(card, before, shared.files.baseline)]
            _show(recording, card, remarks, verbose=shared.verbose)
            complain(problems)
    return shared.exit_code(baseline.counted(card, before), bad=card.problem or problems)


def _contents(card: VariantCard, facts: RunFacts) -> Contents:
    return {
        "html": lambda: _documents().html(card, facts),
        "junit": lambda: _documents().junit(card),
        "markdown": lambda: _documents().markdown(card),
    }


def _documents() -> ModuleType:
    from chatgptfree_mock.crashtest.recording import documents  # slow to import, and few runs write one

    return documents


def _terminal_report() -> ModuleType:
    from chatgptfree_mock.crashtest.recording import terminal_report  # slow to import, and not needed to begin

    return terminal_report


def _idle(plan: RecordingPlan, card: VariantCard, table: Mapping[str, str]) -> list[str]:
    """Return a line for each setting of the project and each option without effect here."""
    lines = [f"`{name}` in [tool.chatgptfree_mock] has no effect with --cassette" for name in _IDLE if name in table]
    if plan.everything and plan.globs:
        lines.append("`--all` has no effect with --variant, which runs all variants of that name")
    names = [each.variant for each in card.results]
    if plan.pack is not None and not any(name.startswith(FAMILY) for name in names):
        lines.append(f"`--pack {plan.pack}` has no effect: no variant of tokens/* was run")
    if plan.stall is not None and STALL not in names:
        lines.append(f"`--stall {plan.stall:g}` has no effect: {STALL} was not run")
    unused = [mask.pattern for mask in plan.masks if mask.search(card.reference_output) is None]
    lines += [f"`--mask {pattern}` matches nothing in the reference output" for pattern in unused]
    return lines


def _compared(card: VariantCard, before: VariantCard | None, file: Path | None) -> list[str]:
    """Return lines that compare *card* with the one *before* from *file*, if there is one."""
    if before is None:
        return []
    other = [] if before.recording == card.recording else [f"{file} is of another recording: {before.recording}"]
    return [*baseline.remarks(card, before, file), *other]


def _show(recording: PlayedRecording, card: VariantCard, remarks: list[str], *, verbose: bool) -> None:
    from rich.console import Console  # imported by then, as the report needs it

    terminal_report, console = _terminal_report(), Console(emoji=False)
    terminal_report.show_head(console, recording, card)
    if card.problem:
        complain([card.problem])
    else:
        terminal_report.show(console, card, remarks, verbose=verbose)


def _plan(given: Mapping[str, Any], shared: SharedOptions) -> RecordingPlan:
    base = given["base"]
    if base and not base.startswith("/"):
        raise SettingsError(f"`--base {base}` must be a path that begins with a slash, such as /v1")
    return RecordingPlan(
        sources=given["cassettes"],
        command=shared.words,
        callable=shared.callable,
        message=given["message"],
        base=base,
        number=given["number"],
        end_mark=given["end_mark"],
        anyway=given["anyway"],
        globs=given["variants"],
        everything=given["everything"],
        grades=_grades(given["grades"]),
        timeout=TIMEOUT if shared.timeout is None else shared.timeout,
        stall=checked_seconds("--stall", given["stall"]),
        masks=tuple(map(_mask, given["masks"])),
        intercept=intercepted_hosts(shared.intercept),
        pack=given["pack"],
        jobs=shared.jobs,
        most_failures=given["most_failures"],
        here=Path.cwd(),
    )


def _grades(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    words = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in words if word not in map(str, GRADES)]
    if unknown:
        raise SettingsError(
            f"`{unknown[0]}` is not a grade; write grades from {min(GRADES)} to {max(GRADES)}, such as `--grade 1,2`"
        )
    return tuple(sorted({int(word) for word in words}))


def _mask(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as exc:
        raise SettingsError(f"`--mask {text}`: not a regular expression: {exc}") from exc


def _check_message(plan: RecordingPlan, recording: PlayedRecording) -> None:
    if recording.message(plan.message) is None and command_words.takes(plan.command, "message"):
        received = recording.messages.from_responses
        known = f"; if it is one that an earlier response has, --message {quote(received[0].value)}" if received else ""
        raise SettingsError(
            f"{recording.name}: no message was found in the recorded requests; give it with --message{known}"
        )


@contextlib.contextmanager
def _reporting() -> Iterator[session.ReportResult]:
    """Show the progress, and each failing verdict the first time that a family gets it."""
    seen: set[tuple[str, str]] = set()
    with progress(None, first=UNDISTURBED) as show, _waiting() as ended:

        def report(result: VariantResult, total: int) -> None:
            ended()
            show(f"{result.verdict}: {result.variant}", total)
            if result.counts_against and (result.group, str(result.verdict)) not in seen:
                seen.add((result.group, str(result.verdict)))
                click.echo(escape(f"{result.verdict}: {result.variant}: {result.reason}"), err=True)

        yield report


def _waiting() -> contextlib.AbstractContextManager[Callable[[], None]]:
    """Print notices about the first runs where there is no progress bar; the function ends them."""
    stderr = sys.stderr  # a client called in this process may put something else in its place
    if stderr.isatty():
        return contextlib.nullcontext(_nothing)
    return waiting_notices(lambda line: click.echo(line, file=stderr))


def _nothing() -> None:
    """Do nothing."""
