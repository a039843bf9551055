"""How release numbers compare: by their parts, and 2.4 is 2.4.0."""

from __future__ import annotations

import re
from functools import cache


@cache
def order(name: str) -> tuple[int, ...]:
    """Return a key that sorts release numbers, such as ``1.8.93``; parts that are not numbers are left out."""
    parts = re.sub(r"(\.0+)+$", "", name).split(".")
    return tuple(int(part) for part in parts if part.isdigit())
