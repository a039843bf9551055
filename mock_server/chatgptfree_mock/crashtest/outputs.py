"""What a crash test shows while it runs and writes when it is over: a progress bar, and the files asked for."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from chatgptfree_mock.errors import SettingsError


def check_outputs(files: Sequence[Path | None]) -> None:
    """
    Make sure that *files* can be written, where they are not None.

    Raises:
        SettingsError: the folder of one cannot be written to.
    """
    for file in files:
        if file is not None and not os.access(file.parent, os.W_OK):
            raise SettingsError(f"can't write {file}: {file.parent} is not a folder that can be written to")


def write_outputs(contents: Sequence[tuple[Path | None, Callable[[], bytes]]]) -> list[str]:
    """Write each file that is not None, and return what went wrong: one that fails costs none of the others."""
    problems = []
    for file, content in contents:
        try:
            if file:
                file.write_bytes(content())
        except OSError as exc:
            problems.append(f"can't write {file}: {exc.strerror}")
    return problems


def check_jobs(jobs: str) -> str:
    """
    Return *jobs* if it is a number of jobs or `auto`.

    Raises:
        SettingsError: it is neither.
    """
    if jobs != "auto" and not (jobs.isdigit() and int(jobs) > 0):
        raise SettingsError(f"`-n {jobs}`: a number of jobs, or `auto`")
    return jobs


@contextlib.contextmanager
def progress(total: int | None) -> Iterator[Callable[..., None]]:
    """
    Show on a terminal how far it is; elsewhere nothing.

    What is returned is called with what was done, and with *total* where that is known only then.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("crash test", total=total)

        def show(what: str, total: int | None = None) -> None:
            bar.update(task, advance=1, description=what, total=total)

        yield show
