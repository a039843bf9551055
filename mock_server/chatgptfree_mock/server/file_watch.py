"""
Find files that have changed since they were loaded, by polling.

Polling needs no library.  Unlike the kernel's notifications (inotify) it also works on network drives, and for folders
that are mounted into a container.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

Stamps = Mapping[Path, tuple[int, int, int]]
"""For each file its modification time in ns, its size and its inode, of which one changes when it is written."""


class FileWatch:
    """
    Watches the paths that *files* returns, which is called for each check: files, and folders with all files in them.

    A change counts once two successive checks find the same state, so that a file is not loaded while it is being
    written. *loaded* are the results of `stamps_of` before the files were read.
    """

    def __init__(self, files: Callable[[], Iterable[Path]], loaded: Stamps) -> None:
        self._files = files
        self._loaded = self.reported = self._latest = loaded

    def changes(self) -> dict[Path, str]:
        """
        Check the files, and return those that differ from the loaded ones: `new`, `changed` or `gone`.

        Nothing is returned if nothing has changed since the last call that returned something.
        """
        now = stamps_of(self._files())
        is_settled, self._latest = now == self._latest, now
        if not is_settled or now == self.reported:
            return {}
        self.reported = now
        return _differences(self._loaded, now)

    def accept(self, loaded: Stamps) -> None:
        """Record the stamps of newly *loaded* files, taken before they were read."""
        self._loaded = self.reported = self._latest = loaded


def stamps_of(paths: Iterable[Path]) -> Stamps:
    """Return the stamps of the files *paths*, and of all files in the folders among them."""
    files = {file for path in paths for file in _below(path)}
    return {file: stamp for file in files if (stamp := _stamp(file)) is not None}


def _below(path: Path) -> list[Path]:
    """Return *path*, or the files below it that are not hidden; a folder that goes meanwhile has none."""
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for place, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return found


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return None if file.is_dir() else (found.st_mtime_ns, found.st_size, found.st_ino)


def _differences(before: Stamps, now: Stamps) -> dict[Path, str]:
    words = {
        **dict.fromkeys(now.keys() - before.keys(), "new"),
        **dict.fromkeys(before.keys() - now.keys(), "gone"),
        **{file: "changed" for file in now.keys() & before.keys() if now[file] != before[file]},
    }
    return dict(sorted(words.items()))
