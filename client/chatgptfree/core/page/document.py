"""
Parse a document as a browser would, within limits on its depth and on the attributes of a tag.

The parser's time grows with the square of how deep a document is nested and of how many attributes one tag has.
Real pages have hundreds of either; a body with tens of thousands is refused before it stops the whole program.
"""

from __future__ import annotations

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser

_DEEPEST: Final = 20_000
_MOST_ATTRIBUTES: Final = 10_000
_TAG: Final = re.compile(r"<[^<>]{20000,}")


class UnparsableError(ValueError):
    """The document is nested too deeply, or a tag has too many attributes."""


def parse(text: str) -> LexborHTMLParser:
    """
    Parse *text*.

    Raises:
        UnparsableError: it is nested too deeply, or a tag has too many attributes.
    """
    ends = text.count("</")
    if text.count("<") - 2 * ends - text.count("<!") > _DEEPEST:
        raise UnparsableError("the document is nested too deeply")
    for tag in _TAG.finditer(text):
        if len(tag[0].replace("/", " ").split()) > _MOST_ATTRIBUTES:
            raise UnparsableError("a tag of the document has too many attributes")
    return LexborHTMLParser(text)
