"""The order of the plugin's release numbers."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
"""With more digits a part is not one of a release, and Python may refuse to read it."""


def order(release: str | None) -> tuple[int, ...] | None:
    """Return the numbers of *release*, such as ``1.8.93``, which sort; None if it is None or not written like that."""
    if release is None or not _NUMBER.fullmatch(release):
        return None
    return tuple(map(int, release.split(".")))
