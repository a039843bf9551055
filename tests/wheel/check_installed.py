"""Run against the installed wheel, away from the checkout."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import chatgptfree
import chatgptfree_mock
from chatgptfree_mock.tape.files import cassette_folder, load


def test_it_is_the_installed_package_that_is_tested() -> None:
    for package in (chatgptfree, chatgptfree_mock):
        assert "site-packages" in Path(str(package.__file__)).parts
    assert version("chatgptfree")


def test_the_recordings_come_with_it() -> None:
    folder = cassette_folder()
    assert folder.parent == Path(str(chatgptfree_mock.__file__)).parent
    files = sorted(folder.glob("recorded/*/*.yaml"))
    assert len(files) == 378
    assert all(load(file).interactions for file in files)
