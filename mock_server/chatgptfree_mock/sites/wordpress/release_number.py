"""The order of release numbers: by their parts; 2.4 equals 2.4.0."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NUMBER: Final = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}", re.ASCII)


@lru_cache(maxsize=1024)
def order(name: str) -> tuple[int, ...]:
    """Return a key that sorts release numbers, such as ``1.8.93``; parts that are not numbers are left out."""
    parts = re.sub(r"(\.0+)+$", "", name).split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def is_number(name: str) -> bool:
    """Return whether *name* is written as a release number is: two to four numbers with dots between them."""
    return _NUMBER.fullmatch(name) is not None
