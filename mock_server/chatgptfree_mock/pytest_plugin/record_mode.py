"""
Tests whose marker names an `upstream`: the option `--chat-record` decides whether they record it or replay a recording.

Its values are vcrpy's.  Where pytest-recording is installed, its own `--record-mode` applies if this option is not
given.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from chatgptfree_mock.config.keys import RECORD_OPTION, REPLAY
from chatgptfree_mock.errors import CassetteError, MockWarning
from chatgptfree_mock.pytest_plugin.configuration import mistakes_in_one_line, pack_of
from chatgptfree_mock.pytest_plugin.pytest_recording_compat import check_upstream
from chatgptfree_mock.recorder.mode import Mode

if TYPE_CHECKING:
    from chatgptfree_mock.server.recording_site import RecordingSite

_OTHER: Final = "--record-mode"
_OTHER_WORDS: Final[Mapping[str, str]] = {"rewrite": Mode.ALL.value}
"""Words of pytest-recording that vcrpy does not have."""
_NOT_SET: Final = ("", "0", "false")
_IN_USE: Final = ("cassette", "pack", "plugin", "strict", *REPLAY)
"""Options of a site that act, or need not act, while it is recorded; any other gets a warning."""
_BEGUN: pytest.StashKey[set[Path]] = pytest.StashKey()
"""The cassettes that this run has started to record; later tests add to them."""


class RecordMode(msgspec.Struct, frozen=True, kw_only=True):
    """A *mode*, and *because*: the setting that selected it."""

    mode: Mode
    because: str


def record_mode(config: pytest.Config) -> RecordMode:
    """Return the mode of this run."""
    for option in (RECORD_OPTION, _OTHER):
        given = config.getoption(option, default=None)
        if given:
            return RecordMode(mode=Mode(_OTHER_WORDS.get(given, given)), because=f"{option}={given}")
    if os.environ.get("CI", "").lower() not in _NOT_SET:
        return RecordMode(mode=Mode.NONE, because="CI is set")
    return RecordMode(mode=Mode.ONCE, because=f"{RECORD_OPTION}=once is the default")


def records(chosen: RecordMode, *, exists: bool, file: str) -> bool:
    """
    Return whether a test records to *file*; *exists*: whether the file exists.

    Raises:
        CassetteError: it does not record, and there is nothing to replay.
    """
    if chosen.mode is Mode.NONE and not exists:
        raise CassetteError(
            f"not recorded yet, and this run records nothing ({chosen.because})",
            file=file,
            repair=f"run the test once with {RECORD_OPTION}=once, where its upstream can be reached",
        )
    return chosen.mode in (Mode.ALL, Mode.NEW_EPISODES) or (chosen.mode is Mode.ONCE and not exists)


def cassette_of(folder: Path, given: object) -> Path | None:
    """Return the file to record to, as it is *given* in a test of *folder*; None if that is not one file."""
    return folder / given if isinstance(given, (str, Path)) and not has_magic(str(given)) else None


def recording_for(request: pytest.FixtureRequest, options: dict[str, Any], upstream: object) -> RecordingSite | None:
    """
    Return the recording of *upstream* to the cassette in *options*; None if that is replayed.

    The cassette's path is made absolute in *options*.
    """
    path = options["cassette"] = cassette_of(request.path.parent, options.get("cassette"))
    if path is None:
        pytest.fail("chat_site(upstream=…) needs one file to record to: cassette=PATH", pytrace=False)
    with mistakes_in_one_line():
        from chatgptfree_mock.config.project import project_settings
        from chatgptfree_mock.config.redaction import redaction_rules
        from chatgptfree_mock.contract.registry import load
        from chatgptfree_mock.server.recording_site import RecordingSite
        from chatgptfree_mock.tape.replay_options import ReplayOptions

        project = project_settings(request.config.rootpath)
        chosen = record_mode(request.config)
        begun = path in request.config.stash.setdefault(_BEGUN, set())
        if not begun and not records(chosen, exists=path.exists(), file=str(path)):
            return None
        check_upstream(request, str(upstream))
        for name in [name for name in options if name not in _IN_USE]:
            request.node.warn(MockWarning(f"chat_site: {name} has no effect while {path} is recorded"))
        return RecordingSite(
            path,
            str(upstream),
            Mode.NEW_EPISODES if begun else chosen.mode,
            rules=redaction_rules(request.config.rootpath),
            match=load(pack_of(request.node)).match_rules,
            rewrite=ReplayOptions.parse({"rewrite": options.get("rewrite") or project.get("rewrite")}).rewrite,
        )


def keep(config: pytest.Config, recording: RecordingSite) -> Iterator[str]:
    """Move the file of a passing test into place; yield a line for each problem."""
    yield from recording.warnings
    with mistakes_in_one_line():
        files = recording.keep()
    if files:
        config.stash[_BEGUN].add(recording.path)
    else:
        yield f"nothing was recorded to {recording.path}: the client asked nothing new"
