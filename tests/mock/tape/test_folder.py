"""Folders of recordings: all visible files, and no folder that was passed over because it cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chatgptfree_mock import cli
from chatgptfree_mock.tape.folder import visible_files


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("version: 1\ninteractions: []\n")


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", "a/c.yaml", "a/.d.yaml", ".git/e.yaml", "a/.f/g.yaml")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing")
    assert visible_files(tmp_path) == [tmp_path / "a/c.yaml", tmp_path / "b.yaml"]


@pytest.mark.parametrize(
    "command", ["lint", "serve --port 0 --cassettes", "crashtest --cassette", "diff", "learn --name 9"]
)
def test_a_folder_that_cannot_be_read_is_named(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a.yaml", "locked/b.yaml")
    real = os.scandir

    def scandir(place: Any = ".") -> Any:
        if Path(place).name == "locked":
            raise PermissionError(13, "Permission denied", str(place))
        return real(place)

    monkeypatch.setattr(os, "scandir", scandir)
    more = {"diff": [str(tmp_path)], "crashtest": ["--", "true", "{url}"], "serve": ["--", "true"]}
    words = [*command.split(), str(tmp_path), *more.get(command.split(maxsplit=1)[0], [])]
    assert cli.run(words) == 2
    printed = capsys.readouterr().err
    assert f"{tmp_path}/locked: the folder cannot be read: permission denied" in printed
