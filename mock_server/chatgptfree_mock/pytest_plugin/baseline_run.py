"""
The one run of a test with `chat_variants` whose cassette is recorded in this run, so that it has no variants yet.

What an answer can be varied to is known from the file only, and tests are multiplied before any of them runs.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from chatgptfree_mock.errors import CassetteError, SettingsError
from chatgptfree_mock.pytest_plugin.record_mode import cassette_of, record_mode, records


class UndisturbedRun(msgspec.Struct, frozen=True, kw_only=True):
    """What `chat_variant` is in that run: an answer that nothing disturbs, in the words of a `VariantCase`."""

    name: ClassVar[str] = "undisturbed"
    grade: ClassVar[int] = 1
    source: ClassVar[str] = "the recording itself"
    breaks: ClassVar[bool] = False
    cassette: Path
    because: str

    def allows(self, *errors: type[BaseException]) -> AbstractContextManager[None, bool | None]:
        """Return a block in which every error is a failure: this answer is not broken."""
        if any(issubclass(AssertionError, error) for error in errors):
            raise SettingsError("chat_variant.allows(…) needs the client's own errors: these include AssertionError")
        return nullcontext()

    def __str__(self) -> str:
        """Return why the test had no variant, and when it will."""
        why = f"ran once, without a variant: {self.cassette} is recorded in this run ({self.because})"
        return f"{why}; its variants run when it is replayed"


def undisturbed_run(item: pytest.Item) -> UndisturbedRun | None:
    """Return the run to make in place of all variants of *item*, if this run records its cassette; else None."""
    marker = item.get_closest_marker("chat_site")
    if marker is None or marker.kwargs.get("upstream") is None:
        return None
    chosen = record_mode(item.config)
    path = cassette_of(item.path.parent, marker.kwargs.get("cassette"))
    if path is None:  # the test fails with a sentence when it runs, and only this test
        return UndisturbedRun(cassette=Path(), because=chosen.because)
    try:
        if not records(chosen, exists=path.exists(), file=str(path)):
            return None
    except CassetteError:
        pass  # there is nothing to replay either: the same
    return UndisturbedRun(cassette=path, because=chosen.because)
