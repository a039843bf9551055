"""What real pages of the plugin held: chat elements, versioned assets, the script line; read off a real WordPress."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_FILE = Path(__file__).parents[1] / "data" / "pages.jsonl"

SHORT_PAGES: Final = {"page_kilobytes": 0}
"""Settings of a site whose pages lack the filler, which takes as much time as all the rest of a visit."""


@cache
def recorded_pages() -> tuple[dict[str, Any], ...]:
    """
    Return the 22 recorded pages.

    Keys: `plugin`, `case`, `status`, `headers`, `bytes` (of the whole page), `chat_elements` (opening tags, as they
    stood), `assets`, `wpaicgParams` (the line of the script, or None).
    """
    with _FILE.open(encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)
