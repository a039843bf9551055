"""The file that completion keeps, written once for all tests of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.completion import asking


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder with the file that the first completion writes."""
    folder = tmp_path_factory.mktemp("cache")
    subprocess.run(
        [Path(sys.executable).with_name("chatgptfree-mock")], env=asking(folder, "se"), check=True, capture_output=True
    )
    return folder


@pytest.fixture
def cache(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, with a cache of one's own that is filled."""
    folder = tmp_path / "cache"
    shutil.copytree(kept, folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder
