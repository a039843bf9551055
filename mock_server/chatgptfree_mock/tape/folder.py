"""List the files of a folder; one that may not be read is an error, and not an empty folder."""

from __future__ import annotations

import os
from pathlib import Path

from chatgptfree_mock.errors import UnreadableFileError


def visible_files(folder: Path) -> list[Path]:
    """
    Return the files in *folder* and in the folders below it, sorted, without hidden files and folders.

    Raises:
        UnreadableFileError: a folder cannot be read; `Path.rglob` passes over it in silence.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(file for file in found if file.is_file())


def _refuse(error: OSError) -> None:
    reason = (error.strerror or str(error)).lower()
    raise UnreadableFileError(f"the folder cannot be read: {reason}", file=str(error.filename)) from error
