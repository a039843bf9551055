"""``chatgptfree-mock crashtest``: drive any client through the scenarios and give it a score card."""

from __future__ import annotations

import contextlib
import math
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource
from rich.console import Console

from chatgptfree_mock.config.keys import REPLAY
from chatgptfree_mock.config.project import project_settings, scenario_folders
from chatgptfree_mock.config.releases import release_options, table_with, template_option
from chatgptfree_mock.config.site import pack_name
from chatgptfree_mock.contract import registry
from chatgptfree_mock.crashtest import baseline, function, regressions, report, results, session, terminal_report
from chatgptfree_mock.crashtest import command as process
from chatgptfree_mock.crashtest import junit as xml
from chatgptfree_mock.crashtest import markdown as summary
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.outputs import check_jobs, check_outputs, progress, write_outputs
from chatgptfree_mock.crashtest.plan import INSTANT, Case, Plan, cases
from chatgptfree_mock.crashtest.recording.command_line import NAMES, OutputFiles, crash_test, recording_options
from chatgptfree_mock.crashtest.report import RunFacts
from chatgptfree_mock.crashtest.results import Card
from chatgptfree_mock.crashtest.verdict import RULES, Verdict
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import intercept_option, intercepted_hosts
from chatgptfree_mock.intercept.hosts import InterceptedHosts
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import Library, shipped
from chatgptfree_mock.scenario.variants import ALL_CHUNKS

PROGRAM = "chatgptfree-mock"
FOUND, BAD_INPUT = 1, 2
_SHOWN = 4
_OF_SCENARIOS: Final = (
    *("globs", "folders", "release_files", "templates", "strict_release", "pack", "plugins", "chunks", "pace"),
    "seconds",
)
"""The parameters of the options that act without `--cassette` only."""


@click.command(
    short_help="Run a client once per scenario or variant, and judge it.",
    context_settings={"ignore_unknown_options": False},
    epilog="\n\n".join(["How a client is judged:", *RULES]),
)
@click.option("--scenario", "globs", multiple=True, metavar="GLOB", help="Only these, such as `nonce/*`; repeatable.")
@click.option("--scenarios", "folders", multiple=True, type=click.Path(path_type=Path), help="A folder of your own.")
@release_options
@template_option
@click.option("--pack", metavar="NAME", help="Run the scenarios of this site pack.  [default: aipower]")
@click.option("--plugin", "plugins", metavar="SPEC", help="On these releases: `all`, `1.8.93`, `>=1.8.91,<2.3`.")
@click.option(
    "--chunks",
    metavar="LIST",
    default="",
    help="Cut answers in these ways, where a scenario allows it: `bytes;utf8;random:7`, or `all`.",
)
@click.option(
    "--pace",
    metavar="WORD",
    help="How fast chunks follow each other, where a scenario sets no pace.  [default: instant]",
)
@click.option("--seconds", type=float, help="A time limit for every case, instead of each scenario's own.")
@recording_options
@click.option("-n", "jobs", default="1", metavar="JOBS", help="So many at once, or `auto`.")
@click.option("--callable", "callable_", metavar="MODULE:FUNCTION", help="Call a Python function, no process per case.")
@intercept_option
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a report for people.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option("--json", "json_", type=click.Path(path_type=Path, dir_okay=False), help="Write the results as JSON.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a summary in Markdown, as for $GITHUB_STEP_SUMMARY.",
)
@click.option(
    "--baseline", "before", type=click.Path(path_type=Path), help="Fail only on what is worse than this JSON."
)
@click.option("-v", "--verbose", is_flag=True, help="Show every failure, instead of at most 40 lines.")
@click.argument("words", nargs=-1, metavar="[-- COMMAND …]")
@click.pass_context
def command(
    context: click.Context,
    /,
    globs: tuple[str, ...],
    folders: tuple[Path, ...],
    pack: str | None,
    release_files: tuple[Path, ...],
    templates: tuple[Path, ...],
    strict_release: bool,
    plugins: str | None,
    chunks: str,
    pace: str | None,
    seconds: float | None,
    jobs: str,
    callable_: str | None,
    intercept: tuple[str, ...],
    html: Path | None,
    junit: Path | None,
    json_: Path | None,
    markdown: Path | None,
    before: Path | None,
    verbose: bool,
    words: tuple[str, ...],
    cassettes: tuple[str, ...],
    **recording: Any,
) -> int:
    """
    Run COMMAND once per scenario, or once per variant of a recording, and judge what it prints.

    {url} and {message} are put into COMMAND ({timeout} and {bot} too, where it contains them). With --intercept {url}
    is the site's own address, and need not be there. COMMAND prints the answer to stdout and exits with 0, or exits
    with something else. Exit code 0 if nothing counts against it, 1 if something does, 2 for bad input or a client that
    never asks; 130, 143 or 129 after Ctrl-C, SIGTERM or SIGHUP, with the table and the files of what was done.

    \b
      chatgptfree-mock crashtest -- python my_client.py {url} {message}
      chatgptfree-mock crashtest --scenario 'stream/*' -n auto -- node client.mjs {url} {message}
      chatgptfree-mock crashtest --plugin all --html report.html -- ./client.sh {url} {message}
      chatgptfree-mock crashtest --cassette tape.yaml -- python my_client.py {url} {message}
    """  # noqa: D301 - click wants the backspace itself, which keeps the lines below it as they are
    _check_use(context, _OF_SCENARIOS if cassettes else NAMES, from_recording=bool(cassettes))
    facts = RunFacts(command=shlex.join([PROGRAM, *context.obj]) if context.obj else "", when=datetime.now(UTC))
    if cassettes:
        given = {"cassettes": cassettes, "intercept": intercept, **recording}
        files = OutputFiles(html=html, junit=junit, json=json_, markdown=markdown, baseline=before)
        return crash_test(
            given,
            files,
            table=project_settings(),
            words=words,
            callable_=callable_,
            jobs=jobs,
            verbose=verbose,
            facts=facts,
        )
    table = table_with(project_settings(), releases=release_files, templates=templates, strict=strict_release)
    folders = (*scenario_folders(table), *folders)
    pack = pack_name(pack=pack, table=table)
    found = shipped(folders, pack)
    names, broken = _readable(found, _names(found, globs))
    plan = Plan(
        scenarios=names,
        folders=[str(folder.resolve()) for folder in folders],
        pack=pack,
        command=list(words),
        callable=callable_,
        plugins=plugins,
        chunks=_ways(chunks),
        usual_chunks=table.get("chunks"),
        pace=pace or table.get("pace", INSTANT),
        seconds=seconds,
        here=str(Path.cwd()),
        intercept=_hosts(intercept, pack),
        replay={name: table[name] for name in REPLAY if name in table},
    )
    client = _check(plan)
    check_outputs([html, junit, json_, markdown])
    earlier = baseline.read(before, results.parse) if before else None
    planned = list(cases(plan, found))
    if not planned:
        raise SettingsError("nothing to do: no scenario can happen on these releases")
    remarks = [*registry.load(pack).releases.notices(plugins or ""), *_left_out(plan, planned)]
    if "plugin" in table and plugins is None:
        remarks.append("`plugin` in [tool.chatgptfree_mock] has no effect: each scenario names its own; use --plugin")
    jobs = check_jobs(jobs)
    session.check_packages(jobs)
    with Interruption() as interruption:
        card, silent = _run(plan, planned, client, jobs, interruption)
        turns = regressions.turns(card.results) if plugins else []
        problems = _write(card, turns, facts, OutputFiles(html=html, junit=junit, json=json_, markdown=markdown))
        if earlier is not None:
            worse = baseline.worse(card, earlier)
            remarks += [*baseline.compared(card, earlier), f"{len(worse)} worse than {before}"]
        # Whoever closed the terminal reads no table.
        with contextlib.suppress(OSError):
            terminal_report.show(Console(), card, turns, remarks, verbose=verbose)
            for problem in [*problems, *_first([f"left out: {one}" for one in broken]), *silent]:
                click.echo(f"{PROGRAM}: {problem}", err=True)
    if interruption.exit_code is not None:
        return interruption.exit_code
    failures = card.failures if earlier is None else worse
    return BAD_INPUT if broken or problems or silent else FOUND if failures else 0


def _check_use(context: click.Context, idle: Sequence[str], *, from_recording: bool) -> None:
    """Make sure that none of the *idle* parameters was given on the command line."""
    for option in context.command.params:
        if option.name in idle and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            why = "has no effect with `--cassette`" if from_recording else "needs a recording, `--cassette PATH`"
            raise SettingsError(f"`{option.opts[0]}` {why}")


def _run(
    plan: Plan, planned: Sequence[Case], client: function.Client | None, jobs: str, interruption: Interruption
) -> tuple[Card, list[str]]:
    """Run the plan, or only its first look at the client if that never asks; then there is a complaint as well."""
    try:
        unasked = session.preflight(plan, planned, client)
    except KeyboardInterrupt:
        interruption.finish()
        return results.card(plan.client, [], [case.key for case in planned], interrupted=True), []
    if unasked is not None:
        card = Card(client=plan.client, results=[unasked])
        return card, [f"nothing else was run: {unasked.reason}"]
    with progress(len(planned)) as show:
        card = session.run(plan, planned, jobs=jobs, interruption=interruption, report=show)
    return card, [card.results[0].reason] if _never_asked(card) else []


def _never_asked(card: Card) -> bool:
    """Return whether no case reached the client's first request; a single case has no preflight to show that."""
    applied = [result for result in card.results if result.verdict is not Verdict.NOT_APPLICABLE]
    return bool(applied) and all(result.verdict.reached_nothing for result in applied)


def _left_out(plan: Plan, planned: Sequence[Case]) -> list[str]:
    """Return what was asked for and can't be done, in sentences."""
    remarks = []
    if absent := [name for name in plan.scenarios if name not in {case.entry.name for case in planned}]:
        remarks.append(f"{len(absent)} scenarios cannot happen on these releases: {_some(absent)}")
    uncut = [case.entry.name for case in planned if plan.chunks and case.chunks not in plan.chunks]
    if uncut := list(dict.fromkeys(uncut)):
        remarks.append(f"{len(uncut)} scenarios are never cut in other ways (`recut: false`): {_some(uncut)}")
    return remarks


def _some(names: Sequence[str]) -> str:
    return ", ".join(_first(names))


def _first(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"… and {more} more"] if more > 0 else list(lines)


def _names(found: Library, globs: Sequence[str]) -> list[str]:
    if not globs:
        return found.names
    wanted = {name for glob in globs for name in found.matching(glob)}
    return [name for name in found.names if name in wanted]


def _readable(found: Library, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the scenarios that can be read, and what is wrong with the others: those still run."""
    good: list[str] = []
    broken: list[str] = []
    for name in names:
        try:
            found[name]
        except SettingsError as exc:
            broken.append(str(exc))
        else:
            good.append(name)
    if broken and not good:
        raise SettingsError(broken[0])
    return good, broken


def _hosts(words: Sequence[str], pack: str) -> list[str]:
    """
    Return the hosts that ``--intercept`` asks for, by default the one that *pack* imitates and those below it.

    Raises:
        InterceptError: one of them is not a host, or there is none.
    """
    asked = intercepted_hosts(words)
    if asked is False:
        return []
    return list(InterceptedHosts(registry.load(pack).hosts if asked is True else asked).names)


def _ways(chunks: str) -> list[str]:
    words = [word.strip() for word in chunks.split(";") if word.strip()]
    ways = dict.fromkeys(way for word in words for way in (ALL_CHUNKS if word == "all" else (word,)))
    for way in ways:
        Delivery.parse(chunks=way)
    return list(ways)


def _check(plan: Plan) -> function.Client | None:
    Delivery.parse(pace=plan.pace)
    if plan.seconds is not None and not 0 < plan.seconds < math.inf:
        raise SettingsError(f"`--seconds {plan.seconds:g}`: a number of seconds above 0")
    if (plan.callable is None) == (not plan.command):
        raise SettingsError("give either a command after `--`, or `--callable MODULE:FUNCTION`")
    if plan.callable is not None:
        if plan.intercept:
            raise SettingsError("--intercept sets variables for the process of a client; give a command, no --callable")
        return function.load(plan.callable)
    process.check(plan.command, needs_url=not plan.intercept)
    return None


def _write(card: Card, turns: Sequence[regressions.TurningPoint], facts: RunFacts, files: OutputFiles) -> list[str]:
    """Write the files that were asked for, and return what went wrong: one that fails costs neither of the others."""
    return write_outputs(
        [
            (files.html, lambda: report.render(card, turns, facts).encode()),
            (files.junit, lambda: xml.render(card)),
            (files.json, lambda: results.dump(card)),
            (files.markdown, lambda: summary.render(card).encode()),
        ]
    )
