"""The packs that are used where none is named."""

from __future__ import annotations

from typing import Final

DEFAULT_PACK: Final = "aipower"
"""It imitates the site."""
RECORDINGS_PACK: Final = "recorded"
"""It answers from recordings alone, in place of the default pack where that is not installed."""
