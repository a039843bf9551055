"""What got worse since an earlier run: a baseline is the JSON of that run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from chatgptfree_mock.crashtest.results import Card, Result, parse
from chatgptfree_mock.errors import SettingsError


def read(file: Path) -> Card:
    """
    Read a baseline.

    Raises:
        SettingsError: there is no such file, or it is not a result of a crash test.
    """
    try:
        return parse(file.read_bytes())
    except OSError as exc:
        raise SettingsError(f"{file}: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise SettingsError(f"{file}: not a result of a crash test: {exc} (write one with `--json`)") from exc


def worse(now: Card, before: Card) -> list[Result]:
    """Return the failures of *now* that were none in *before*, or were not in it."""
    failed = {result.key for result in before.failures}
    return [result for result in now.failures if result.key not in failed]


def compared(now: Card, before: Card) -> list[str]:
    """Return both scores of *now* beside those of *before*, a line each."""
    return [f"{new} (before: {old.right} of {old.of})" for new, old in zip(now.scores, before.scores, strict=True)]
