"""The short names of the recordings that ship with the project."""

from __future__ import annotations

import pytest

from chatgptfree_mock.errors import UnreadableFileError
from chatgptfree_mock.tape.files import cassette_folder, gather, load


@pytest.mark.parametrize(
    ("name", "file"),
    [("1.8.93/msg_ok_s", "recorded/1.8.93/msg_ok_s.yaml"), ("apis/claude", "apis/claude.yaml")],
)
def test_a_short_name_means_a_recording_that_ships(name: str, file: str) -> None:
    assert gather(name).cassettes[0].interactions == load(cassette_folder() / file).interactions


@pytest.mark.parametrize("name", ["apis/claud", "../apis/claude", "apis/../apis/claude"])
def test_a_name_that_is_not_one_is_refused_with_the_nearest(name: str) -> None:
    with pytest.raises(UnreadableFileError, match="did you mean `apis/claude`"):
        gather(name)
