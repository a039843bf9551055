"""The answer of the stand-in for the model's API in the recordings, as the deltas that it streamed."""

from __future__ import annotations

from typing import Final

RECORDED_DELTAS: Final = [
    "Hello",
    " there",
    "!",
    "\n\n",
    "Žluťoučký",
    " kůň",
    " 👋🏽",
    " 日本語",
    "\n",
    'He said "quoted"',
    " & <b>HTML</b>",
    " back\\slash",
    "\ttab",
    " 'single'",
    " </script>",
    " €5.00",
    "\n```python\nprint(1)\n```",
    " end.",
]
RECORDED_TEXT: Final = "".join(RECORDED_DELTAS)
