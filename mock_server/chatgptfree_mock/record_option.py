"""
The option `--chat-record`: whether tests whose marker names an `upstream` record it or replay what was recorded.

The words are those of vcrpy.  Where pytest-recording is installed, its own `--record-mode` counts where this option is
not given.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.mode import Mode

OPTION: Final = "--chat-record"
_OTHER: Final = "--record-mode"
_OTHER_WORDS: Final[Mapping[str, str]] = {"rewrite": Mode.ALL.value}
"""Words of pytest-recording that vcrpy does not have."""
_NOT_SET: Final = ("", "0", "false")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMode:
    """A *mode*, and *because* of what it is that."""

    mode: Mode
    because: str


def add_option(parser: pytest.Parser) -> None:
    """Add the option to pytest's own."""
    parser.getgroup("chatgptfree").addoption(
        OPTION,
        choices=[mode.value for mode in Mode],
        default=None,
        help="Record the upstream of chat_site(cassette=…, upstream=…): never (none), where there is no file (once), "
        "what it lacks (new_episodes), or anew (all).  Default: once, and none where CI is set.",
    )


def record_mode(config: pytest.Config) -> RecordMode:
    """Return the mode of this run."""
    for option in (OPTION, _OTHER):
        given = config.getoption(option, default=None)
        if given:
            return RecordMode(mode=Mode(_OTHER_WORDS.get(given, given)), because=f"{option}={given}")
    if os.environ.get("CI", "").lower() not in _NOT_SET:
        return RecordMode(mode=Mode.NONE, because="CI is set")
    return RecordMode(mode=Mode.ONCE, because=f"{OPTION}=once is the default")


def records(chosen: RecordMode, *, exists: bool, file: str) -> bool:
    """
    Return whether a test records to *file*, which *exists* or not.

    Raises:
        CassetteError: it neither records nor has anything to replay.
    """
    if chosen.mode is Mode.NONE and not exists:
        raise CassetteError(
            f"not recorded yet, and this run records nothing ({chosen.because})",
            file=file,
            repair=f"run the test once with {OPTION}=once, where its upstream can be reached",
        )
    return chosen.mode in (Mode.ALL, Mode.NEW_EPISODES) or (chosen.mode is Mode.ONCE and not exists)
