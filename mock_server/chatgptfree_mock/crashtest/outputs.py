"""The outputs of a crash test: a progress bar while it runs, and report files at its end."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

import click
from msgspec import Struct

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.crashtest import baseline
from chatgptfree_mock.errors import SettingsError

C = TypeVar("C")

PROGRAM: Final = "chatgptfree-mock"
_FEW: Final = 20
"""The number of cases up to which no lines of progress are printed."""
Contents = Mapping[str, Callable[[], bytes]]
"""The function that makes each file, by the names of `OutputFiles`."""


class OutputFiles(Struct, frozen=True, kw_only=True):
    """The files to write, and the *baseline* to read; None: no such file."""

    html: Path | None = None
    junit: Path | None = None
    json: Path | None = None
    markdown: Path | None = None
    baseline: Path | None = None

    def check(self) -> None:
        """
        Check that the files can be written.

        Raises:
            SettingsError: the folder of one cannot be written to, or two are one file.
        """
        options: dict[Path, str] = {}
        for name in ("html", "junit", "json", "markdown"):
            file: Path | None = getattr(self, name)
            if file is not None and not os.access(file.parent, os.W_OK):
                raise SettingsError(f"can't write {file}: {file.parent} is not a folder that can be written to")
            if file is not None and (file.is_file() or not file.exists()):  # a device takes several
                other = options.setdefault(file.resolve(), name)
                if other != name:
                    raise SettingsError(f"`--{other}` and `--{name}` would both write {file}; name two files")

    def write(self, contents: Contents) -> list[str]:
        """Write each file that is not None, and return the errors; after an error the other files are still written."""
        problems = []
        for name, content in contents.items():
            file: Path | None = getattr(self, name)
            try:
                if file:
                    file.write_bytes(content())
            except OSError as exc:
                problems.append(f"can't write {file}: {exc.strerror}")
        return problems

    def read_baseline(self, parse: Callable[[bytes], C]) -> C | None:
        """
        Return the baseline, read with *parse*; None without one.

        Raises:
            SettingsError: there is no such file, or it is not a result of such a crash test.
        """
        return baseline.read(self.baseline, parse) if self.baseline else None


def complain(problems: Iterable[str]) -> None:
    """Print each of *problems* to stderr, after the name of the program."""
    for problem in problems:
        click.echo(escape(f"{PROGRAM}: {problem}"), err=True)


def parse_jobs(jobs: str) -> int:
    """
    Return the number of *jobs*; `auto`: one for each CPU.

    Raises:
        SettingsError: it is neither.
    """
    if jobs == "auto":
        return os.cpu_count() or 1
    if not (jobs.isdigit() and int(jobs) > 0):
        raise SettingsError(f"`-n {jobs}` must be a number of jobs, or `auto`")
    return int(jobs)


class _Lines:
    """Prints the number of finished cases of *total* to stderr."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._done = 0

    def __call__(self, _what: str, total: int | None = None) -> None:
        self._done += 1
        total = total or self._total or 0
        is_next_tenth = self._done * 10 // total > (self._done - 1) * 10 // total if total else False
        if total > _FEW and (self._done == 1 or is_next_tenth):
            click.echo(f"{self._done} of {total}", err=True)


@contextlib.contextmanager
def progress(total: int | None, *, first: str = "crash test") -> Iterator[Callable[..., None]]:
    """
    Show the progress: as a bar on a terminal, elsewhere as a line after the first case and after each tenth of many.

    *first*: the text of the bar until the first case has finished.  The returned function is called for each finished
    case, with *total* if that is known only then.
    """
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bar:
        task = bar.add_task(first, total=total)

        def show(what: str, total: int | None = None) -> None:
            bar.update(task, advance=1, description=what, total=total)

        yield show
