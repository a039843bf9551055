"""Options of a replay that would have no effect are refused by name."""

from __future__ import annotations

import pytest

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.replay_options import TokenMode, refuse_without_recordings


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"--volatile": "x", "--match-on": None},
            "without a recording `--volatile` has no effect: give a cassette, or leave it out",
        ),
        (
            {"--volatile": "x", "--match-on": (), "--no-repeat": False},
            "without a recording `--volatile`, `--no-repeat` have no effect: give a cassette, or leave them out",
        ),
    ],
)
def test_options_without_a_recording_are_named(given: dict[str, object], complaint: str) -> None:
    refuse_without_recordings(given, recorded=True)
    with pytest.raises(SettingsError) as caught:
        refuse_without_recordings(given, recorded=False)
    assert str(caught.value) == complaint


def test_options_that_nobody_gave_are_fine() -> None:
    refuse_without_recordings({"--volatile": "", "--match-on": None, "--on-miss": False}, recorded=False)


@pytest.mark.parametrize("written", ["on", "off", "expired@nonce", "missing", "missing@XSRF-TOKEN"])
def test_a_token_mode_is_written_as_it_was_read(written: str) -> None:
    mode = TokenMode.parse(written)
    assert (str(mode), mode.name) == (written, written.partition("@")[2] or None)
