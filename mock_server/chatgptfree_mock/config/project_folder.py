"""The folder of a user's project, and the files in it that need no option."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

OWN_RELEASES: Final = "releases"
"""The folder next to a project's pyproject.toml that is used without an option."""


def project_folder(start: Path) -> Path:
    """Return the nearest folder at or above *start* with a pyproject.toml, *start* itself if there is none."""
    folder = os.path.abspath(start)  # as texts: each `MockSite` looks, and paths take several times as long
    while not os.path.isfile(os.path.join(folder, "pyproject.toml")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return start
    return Path(folder)
