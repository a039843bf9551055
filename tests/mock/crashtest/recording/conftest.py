"""What holds for every crash test from a recording."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_lines_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print no line about runs that take long, as they do on a busy machine."""
    monkeypatch.setattr("chatgptfree_mock.crashtest.first_runs.DUE", ())
