"""The grades of variants, in words; the help of every crash test imports this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Grade = Literal[1, 2, 3]
GRADES: Final[Mapping[Grade, str]] = {
    1: "legal, and read alike by all libraries that were measured (hand-written loops may differ)",
    2: "legal, in the wild, and breaking real clients",
    3: "legal but rare",
}
DEFAULT_GRADES: Final[tuple[Grade, ...]] = (1, 2)
"""The grades of the variants that run unless others are asked for."""
