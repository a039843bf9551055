"""The folder of a user's project, and the files in it that need no option."""

from __future__ import annotations

from pathlib import Path
from typing import Final

OWN_RELEASES: Final = "releases"
"""The folder next to a project's pyproject.toml that is used without an option."""


def project_folder(start: Path) -> Path:
    """Return the nearest folder at or above *start* with a pyproject.toml, *start* itself if there is none."""
    folders = (start, *start.resolve().parents)
    return next((folder for folder in folders if (folder / "pyproject.toml").is_file()), start)
