"""Regressions since an earlier run: a baseline is the JSON of that run, of which only the verdicts are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from chatgptfree_mock.crashtest.results import CaseResult, ScoreCard, scores
from chatgptfree_mock.errors import SettingsError

R = TypeVar("R", bound=CaseResult)
C = TypeVar("C")


def read(file: Path, parse: Callable[[bytes], C]) -> C:
    """
    Read a baseline with *parse*.

    Raises:
        SettingsError: there is no such file, or it is not a result of such a crash test.
    """
    try:
        return parse(file.read_bytes())
    except OSError as exc:
        missing = isinstance(exc, FileNotFoundError)
        raise SettingsError(f"{file}: {'no such file' if missing else exc.strerror} (write one with `--json`)") from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        why = "nested too deeply" if isinstance(exc, RecursionError) else exc
        raise SettingsError(f"{file}: not a result of a crash test: {why} (write one with `--json`)") from exc


def worse(now: ScoreCard[R], before: ScoreCard[R]) -> list[R]:
    """Return the failures of *now* that were not failures in *before*, or were not in it."""
    failed = {result.key for result in before.failures}
    return [result for result in now.failures if result.key not in failed]


def counted(now: ScoreCard[R], before: ScoreCard[R] | None) -> Sequence[R]:
    """Return the failures of *now* that fail the run: all, or those that are worse than *before*."""
    return now.failures if before is None else worse(now, before)


def remarks(now: ScoreCard[R], before: ScoreCard[R], file: Path | None) -> list[str]:
    """
    Return lines with both scores of *before*, which is from *file*, and how many cases of *now* are worse.

    The scores are of the cases that were run again; a line counts the others.
    """
    run = {result.key for result in now.results}
    again = [result for result in before.results if result.key in run]
    left = len(before.results) - len(again)
    left_out = [f"not compared: {left} results of {file}, which were not run again"] if left else []
    return [f"before: {'; '.join(map(str, scores(again)))}", f"{len(worse(now, before))} worse than {file}", *left_out]
