"""The folder of a user's project, and the files in it that need no option."""

from __future__ import annotations

from pathlib import Path
from typing import Final

OWN_RELEASES: Final = "releases"
"""The folder beside a project's pyproject.toml that is looked into without being named."""


def project_folder(start: Path) -> Path:
    """Return the nearest folder at or above *start* that holds a pyproject.toml, *start* itself if none does."""
    folders = (start, *start.resolve().parents)
    return next((folder for folder in folders if (folder / "pyproject.toml").is_file()), start)
