"""``chatgptfree-mock crashtest``: drive any client through the scenarios and give it a score card."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from chatgptfree_mock.crashtest import baseline, function, history, report, results, summary
from chatgptfree_mock.crashtest import command as process
from chatgptfree_mock.crashtest.plan import SUFFIX, Case, Plan, cases
from chatgptfree_mock.crashtest.results import Card, Result
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import Library, shipped
from chatgptfree_mock.tape.files import cassette_folder

FOUND, BAD_INPUT = 1, 2


@click.command(context_settings={"ignore_unknown_options": False})
@click.option("--scenario", "globs", multiple=True, metavar="GLOB", help="Only these, such as `nonce/*`; repeatable.")
@click.option("--scenarios", "folders", multiple=True, type=click.Path(path_type=Path), help="A folder of your own.")
@click.option("--plugin", "plugins", metavar="SPEC", help="On these releases: `all`, `1.8.93`, `>=1.8.91,<2.3`.")
@click.option(
    "--chunks", metavar="LIST", default="", help="Cut answers in these ways: `bytes;utf8;random:7`, or `all`."
)
@click.option("--pace", default="instant", show_default=True, help="How fast chunks follow each other.")
@click.option("--seconds", type=float, help="A time limit for every case, instead of each scenario's own.")
@click.option("-n", "jobs", default="1", metavar="JOBS", help="So many at once, or `auto`.")
@click.option("--callable", "callable_", metavar="MODULE:FUNCTION", help="Call a Python function, no process per case.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a report for people.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML.")
@click.option("--json", "json_", type=click.Path(path_type=Path, dir_okay=False), help="Write the results as JSON.")
@click.option(
    "--baseline", "before", type=click.Path(path_type=Path), help="Fail only on what is worse than this JSON."
)
@click.argument("words", nargs=-1, metavar="[-- COMMAND …]")
def command(
    globs: tuple[str, ...],
    folders: tuple[Path, ...],
    plugins: str | None,
    chunks: str,
    pace: str,
    seconds: float | None,
    jobs: str,
    callable_: str | None,
    html: Path | None,
    junit: Path | None,
    json_: Path | None,
    before: Path | None,
    words: tuple[str, ...],
) -> int:
    """
    Run COMMAND once per scenario and judge what it prints.

    {url} and {message} are put into COMMAND ({timeout} and {bot} too, where they stand). It prints the answer to
    stdout and exits with 0, or exits with something else. Exit code 0 if all is right, 1 if not, 2 for bad input.

    \b
      chatgptfree-mock crashtest -- python my_client.py {url} {message}
      chatgptfree-mock crashtest --scenario 'stream/*' -n auto -- node client.mjs {url} {message}
      chatgptfree-mock crashtest --plugin all --html report.html -- ./client.sh {url} {message}
    """  # noqa: D301 - click wants the backspace itself, which keeps the lines below it as they are
    found = shipped(folders)
    names, broken = _readable(found, _names(found, globs))
    plan = Plan(
        scenarios=names,
        folders=[str(cassette_folder() / "scenarios"), *(str(folder.resolve()) for folder in folders)],
        command=list(words),
        callable=callable_,
        plugins=plugins,
        chunks=_ways(chunks),
        pace=pace,
        seconds=seconds,
        here=str(Path.cwd()),
    )
    _check(plan)
    earlier = baseline.read(before) if before else None
    planned = list(cases(plan, found))
    if not planned:
        raise SettingsError("nothing to do: no scenario can happen on these releases")
    card = _run(plan, planned, _jobs(jobs), junit)
    turns = history.turns(card.results) if plugins else []
    _write(card, turns, html, json_)
    console = Console()
    summary.show(console, card)
    summary.show_turns(console, turns)
    failures = card.failures if earlier is None else baseline.worse(card, earlier)
    if earlier is not None:
        console.print(f"{len(failures)} worse than {before}")
    for problem in broken:
        click.echo(f"left out: {problem}", err=True)
    return BAD_INPUT if broken else FOUND if failures else 0


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


def _ways(chunks: str) -> list[str]:
    if chunks == "all":
        return ["as-recorded", "whole", "events", "lines", "bytes", "utf8", "crlf"]
    ways = [way.strip() for way in chunks.split(";") if way.strip()]
    for way in ways:
        Delivery.parse(chunks=way)
    return ways


def _check(plan: Plan) -> None:
    Delivery.parse(pace=plan.pace)
    if (plan.callable is None) == (not plan.command):
        raise SettingsError("give either a command after `--`, or `--callable MODULE:FUNCTION`")
    if plan.callable is not None:
        function.load(plan.callable)
    else:
        process.check(plan.command)


def _jobs(jobs: str) -> str:
    if jobs != "auto" and not (jobs.isdigit() and int(jobs) > 0):
        raise SettingsError(f"`-n {jobs}`: a number of jobs, or `auto`")
    return jobs


def _run(plan: Plan, planned: Sequence[Case], jobs: str, junit: Path | None) -> Card:
    try:
        import pytest

        from chatgptfree_mock.crashtest.items import Listener
    except ImportError as exc:
        raise MockError(f"{exc}: install `chatgptfree[mock,crashtest]`") from exc

    with _progress(len(planned)) as tell, tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"plan{SUFFIX}")
        file.write_bytes(msgspec.json.encode(plan))
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        listener = Listener(tell)
        arguments = [
            str(file),
            f"--rootdir={folder}",
            f"--confcutdir={folder}",
            f"--basetemp={Path(folder, 'scratch')}",
            "-p",
            "chatgptfree_mock.crashtest.items",
            "-p",
            "no:cacheprovider",
            "--capture=sys",
            *(["-p", "xdist.plugin", "-n", jobs] if jobs != "1" else []),
            *([f"--junitxml={junit.resolve()}"] if junit else []),
        ]
        with contextlib.chdir(folder), _alone(), _quiet():
            ended = pytest.main(arguments, plugins=[listener])
    if ended == pytest.ExitCode.INTERRUPTED:
        raise click.Abort
    if listener.broken:
        raise MockError("the crash test itself failed: " + listener.broken[0])
    return results.card(plan.client, listener.results, [case.key for case in planned])


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep the plugins out that happen to be installed: they are for tests, and some stop a run that is none."""
    name, before = "PYTEST_DISABLE_PLUGIN_AUTOLOAD", os.environ.copy()
    os.environ[name] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let pytest say nothing of its own; the card says it all."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Result], None]]:
    """Show on a terminal how far it is; elsewhere nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("crash test", total=total)

        def tell(result: Result) -> None:
            progress.update(task, advance=1, description=f"{result.verdict}: {result.scenario}")

        yield tell


def _write(card: Card, turns: Sequence[history.Turn], html: Path | None, json_: Path | None) -> None:
    if html:
        html.write_text(report.render(card, turns), encoding="utf-8")
    if json_:
        json_.write_bytes(results.dump(card))
