"""The packs that are used where none is named."""

from __future__ import annotations

from typing import Final

DEFAULT_PACK: Final = "aipower"
"""The pack of the imitated site."""
RECORDINGS_PACK: Final = "recorded"
"""The pack for recordings alone, in place of the default pack where that is not installed."""
