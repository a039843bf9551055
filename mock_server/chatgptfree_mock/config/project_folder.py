"""The folder of a user's project, and the files in it that need no option."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

OWN_RELEASES: Final = "releases"
"""The folder next to a project's pyproject.toml that is used without an option."""


def project_folder(start: Path | None = None) -> Path:
    """
    Return the nearest folder at or above *start* with a pyproject.toml, *start* itself if there is none.

    *start* is by default the working directory.
    """
    # As texts: each `MockSite` looks, and paths take several times as long.
    beginning = os.getcwd() if start is None else start
    folder = os.path.abspath(beginning)
    while not os.path.isfile(os.path.join(folder, "pyproject.toml")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return Path(beginning)
    return Path(folder)
