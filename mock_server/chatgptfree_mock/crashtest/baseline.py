"""What got worse since an earlier run: a baseline is the JSON of that run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from chatgptfree_mock.crashtest.results import Card, Result, parse
from chatgptfree_mock.crashtest.verdict import Verdict
from chatgptfree_mock.errors import SettingsError


def read(file: Path) -> Card:
    """
    Read a baseline.

    Raises:
        SettingsError: there is none, or it is no result of a crash test.
    """
    try:
        return parse(file.read_bytes())
    except OSError as exc:
        raise SettingsError(f"{file}: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise SettingsError(f"{file}: no result of a crash test: {exc} (write one with `--json`)") from exc


def worse(now: Card, before: Card) -> list[Result]:
    """Return the failures of *now* that were right in *before*, or were not in it."""
    right = {result.key for result in before.results if result.verdict is Verdict.RIGHT}
    known = {result.key for result in before.results}
    return [result for result in now.failures if result.key in right or result.key not in known]
