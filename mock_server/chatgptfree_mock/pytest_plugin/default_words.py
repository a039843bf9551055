"""
The project's own `chunks`, `pace` and `volatile`, which every test gets: one that acted in no test is named once.

A word of a marker is a test's own, and a warning of that test if it cannot act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

_WORDS: Final = ("chunks", "pace", "volatile")
_REPORT: Final = "chatgptfree_mock_words"
_OUTCOMES: pytest.StashKey[dict[str, str | None]] = pytest.StashKey()
"""By word the reason why it acted in no test so far; None: it did in one."""


def prefixes(item: pytest.Item, *, multiplied: bool) -> tuple[str, ...]:
    """Return the beginnings of the outcomes of the project's words, which no marker of the test overrides."""
    from chatgptfree_mock.pytest_plugin.configuration import defaults

    project = defaults(item.config)
    if project.keys().isdisjoint(_WORDS):
        return ()
    from chatgptfree_mock.tape.replay_options import words_of

    marker = item.get_closest_marker("chat_site")
    own = marker.kwargs if marker else {}
    names = set(words_of(project.get("volatile", ()))) - set(words_of(own.get("volatile") or ()))
    free = {"chunks": not multiplied, "pace": True}
    words = [word for word, is_free in free.items() if is_free and word in project and own.get(word) is None]
    return (*(f"`volatile={name}`" for name in names), *(f"`{word}=" for word in words if "delivery" not in own))


def note(config: pytest.Config, outcomes: Mapping[str, str | None], *, ended: bool) -> None:
    """Add the *outcomes* of a test's words; that a word did not act counts only if the test *ended* in order."""
    known = config.stash.setdefault(_OUTCOMES, {})
    for word, reason in outcomes.items():
        if reason is None:
            known[word] = None
        elif ended:
            known.setdefault(word, reason)


def leave_report(config: pytest.Config) -> None:
    """Hand the outcomes of a worker of pytest-xdist to the process that prints the summary."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output[_REPORT] = config.stash.get(_OUTCOMES, {})


def take_report(config: pytest.Config, output: Mapping[str, Any]) -> None:
    """Take the outcomes of one worker."""
    note(config, output.get(_REPORT, {}), ended=True)


def lines(config: pytest.Config) -> Iterator[str]:
    """Yield a line for each word of the project that acted in no test."""
    for word, reason in config.stash.get(_OUTCOMES, {}).items():
        if reason is not None:
            yield f"{word} of the project acted in no test: {reason.removeprefix('did not act: ')}"
