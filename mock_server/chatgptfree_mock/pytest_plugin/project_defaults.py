"""
The `chunks`, `pace` and `volatile` of pyproject.toml, which every test gets: those without effect are reported.

An argument of a marker is a test's own, and without effect it is a warning of that test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

_DEFAULTS: Final = ("chunks", "pace", "volatile")
_REPORT: Final = "chatgptfree_mock_defaults"
_OUTCOMES: pytest.StashKey[dict[str, str | None]] = pytest.StashKey()
"""For each default the reason why it had no effect in any test so far; None: it had one."""


def prefixes(item: pytest.Item, *, multiplied: bool) -> tuple[str, ...]:
    """Return the beginnings of the outcomes of the project's defaults that no marker of the test overrides."""
    from chatgptfree_mock.pytest_plugin.configuration import defaults

    project = defaults(item.config)
    if project.keys().isdisjoint(_DEFAULTS):
        return ()
    from chatgptfree_mock.tape.replay_options import words_of

    marker = item.get_closest_marker("chat_site")
    own = marker.kwargs if marker else {}
    volatile = set(words_of(project.get("volatile", ()))) - set(words_of(own.get("volatile") or ()))
    free = {"chunks": not multiplied, "pace": True}
    names = [name for name, is_free in free.items() if is_free and name in project and own.get(name) is None]
    return (*(f"`volatile={name}`" for name in volatile), *(f"`{name}=" for name in names if "delivery" not in own))


def note(config: pytest.Config, outcomes: Mapping[str, str | None], *, ended: bool) -> None:
    """Add the *outcomes* of a test's defaults; one without effect counts only if the test *ended* in order."""
    known = config.stash.setdefault(_OUTCOMES, {})
    for default, reason in outcomes.items():
        if reason is None:
            known[default] = None
        elif ended:
            known.setdefault(default, reason)


def leave_report(config: pytest.Config) -> None:
    """Hand the outcomes of a worker of pytest-xdist to the process that prints the summary."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output[_REPORT] = config.stash.get(_OUTCOMES, {})


def take_report(config: pytest.Config, output: Mapping[str, Any]) -> None:
    """Take the outcomes of one worker."""
    note(config, output.get(_REPORT, {}), ended=True)


def lines(config: pytest.Config) -> Iterator[str]:
    """Yield a line for each default that had no effect in any test."""
    for default, reason in config.stash.get(_OUTCOMES, {}).items():
        if reason is not None:
            yield f"{default} from pyproject.toml had no effect in any test: {reason.removeprefix('did not act: ')}"
