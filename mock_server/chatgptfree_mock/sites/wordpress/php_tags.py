"""PHP's and WordPress' removal of tags."""

from __future__ import annotations

import re

_SPACES = tuple(" \t\n\r\v\f")
"""The blanks of C's `isspace`; none beyond ASCII."""
_CODE = re.compile(r"<(script|style)", re.IGNORECASE)
_CODE_END = {"script": re.compile(r"</script>", re.IGNORECASE), "style": re.compile(r"</style>", re.IGNORECASE)}


def without_code(text: str) -> str:
    """Remove scripts and styles that are closed; after the last closing tag the search stops."""
    kept: list[str] = []
    at = looked = 0
    unclosed: set[str] = set()
    while (start := _CODE.search(text, looked)) and len(unclosed) < len(_CODE_END):
        name, looked = start[1].lower(), start.end()
        opened = text.find(">", looked) if name not in unclosed else -1
        end = _CODE_END[name].search(text, opened + 1) if opened >= 0 else None
        if end is None:
            unclosed.add(name)
        else:
            kept.append(text[at : start.start()])
            at = looked = end.end()
    return "".join([*kept, text[at:]])


def strip_tags(text: str) -> str:
    """
    Remove tags as PHP's strip_tags does.

    A ``<`` before a blank is text, a ``>`` inside quotes does not end a tag, nor does one inside of PHP's own code.
    """
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        kept.append(text[at:start])
        if text.startswith(_SPACES, start + 1):
            kept.append("<")
            at = start + 1
        elif text.startswith("<!--", start):
            at = _after("-->", text, start + 4)
        elif text.startswith("<?", start) and text[start + 2 : start + 5].lower() != "xml":
            at = _after("?>", text, start + 2)
        else:
            at = _tag_end(text, start + 1)
    return "".join([*kept, text[at:]])


def _after(mark: str, text: str, at: int) -> int:
    end = text.find(mark, at)
    return len(text) if end < 0 else end + len(mark)


def _tag_end(text: str, at: int) -> int:
    quote = ""
    for index in range(at, len(text)):
        letter = text[index]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ">":
            return index + 1
    return len(text)
