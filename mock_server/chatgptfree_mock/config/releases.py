"""Where a user's own releases of the imitated site are: named ones, or the folder `releases/` beside the project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chatgptfree_mock.config.project import project_folder

FOLDER: Final = "releases"
"""The folder beside a project's pyproject.toml that is looked into without being named."""
_ENDINGS: Final = (".yaml", ".yml", ".toml")


def release_paths(named: Sequence[Path] = (), *, start: Path | None = None) -> tuple[Path, ...]:
    """
    Return the files and folders that hold releases: *named* ones, else those of the project around *start*.

    *start* is the current folder by default.  The project's are the files in the folder `releases/` beside its
    pyproject.toml whose names begin with a digit.
    """
    if named:
        return tuple(named)
    beside = project_folder(Path.cwd() if start is None else start) / FOLDER
    files = sorted(beside.iterdir()) if beside.is_dir() else []
    return tuple(file for file in files if file.suffix.lower() in _ENDINGS and file.name[:1].isdigit())
