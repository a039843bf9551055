"""The pack that imitates the site where none is named."""

from __future__ import annotations

from typing import Final

DEFAULT_PACK: Final = "aipower"
