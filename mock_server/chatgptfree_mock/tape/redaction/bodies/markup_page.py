"""
A page of HTML or XML as texts and tags by turns, as a browser cuts it (WHATWG HTML, 13.2.5).

Most of a page holds no sign of a secret: only the pieces around given places are cut out, the rest is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple, TypeVar

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.findings import Span

T = TypeVar("T")
_GENERAL: Final = r"[A-Za-z/!?][^\"'<>]*+(?:\"[^\"]*+{0}[^\"'<>]*+|'[^']*+{1}[^\"'<>]*+)*+>"
_CDATA: Final = "<![CDATA["
_NOT_SCRIPT: Final = r"(?!!--|!\[CDATA\[|(?i:script|style)[\s/>])"
TAG: Final = LazyPattern(
    r"<(?:!--(?:[^-]++|-(?!->))*+(?:-->)?"
    r"|!\[CDATA\["
    r"|(?i:script|style)(?=[\s/>])[^\"'<>]*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>"
    r"(?:[^<]++|<(?!/(?i:script|style)))*+"
    r"|" + _GENERAL.format('"?', "'?") + r"?)"
)
"""A comment; the start of CDATA; a script or a style sheet with its content; any other tag, also if it is cut off."""
_CDATA_NEXT: Final = LazyPattern(r"\s*+<!\[CDATA\[")
_PLAIN: Final = LazyPattern(
    r"(?:(?:[^<]++|<(?![A-Za-z/!?]))*+(<" + _NOT_SCRIPT + _GENERAL.format('"', "'") + r"))*+", re.ASCII
)
"""Texts and whole tags without a content of their own: what `TAG` would find one by one, passed in one go."""


class PagePiece(NamedTuple):
    """
    A tag, a comment, a script with its content, or the text between two of them; *before*: the tag before it.

    The start of CDATA (XML 1.0, 2.7) is a piece of its own, and what follows is the text of the tag before it.
    """

    start: int
    end: int
    is_tag: bool
    before: Span = (0, 0)


class MarkupPage:
    """The pieces of a *text*."""

    def __init__(self, text: str) -> None:
        self.text = text

    def pieces(self) -> Iterator[PagePiece]:
        """Yield all pieces."""
        before, at = (0, 0), 0
        while at < len(self.text):
            piece = self._next(at, before)
            yield piece
            before, at = self._tag_before(piece, before), piece.end

    def holders(self, things: Iterable[T], place: Callable[[T], int]) -> Iterator[tuple[PagePiece, list[T]]]:
        """Yield the pieces that *things* are in, given the *place* of each, and what is in each of them."""
        before, at = (0, 0), 0
        piece = PagePiece(0, 0, is_tag=False)
        for where, group in groupby(sorted(things, key=place), place):
            while piece.end <= where:
                passed = _PLAIN.match(self.text, piece.end, where)
                if passed and passed.lastindex:
                    piece = PagePiece(*passed.span(1), is_tag=True)
                before, at = self._tag_before(piece, before), piece.end
                piece = self._next(at, before)
            yield piece, list(group)

    def text_after(self, tag: PagePiece) -> PagePiece:
        """Return the text that follows *tag*; it may be empty."""
        cdata = _CDATA_NEXT.match(self.text, tag.end)
        at = cdata.end() if cdata else tag.end
        following = self._next(at, (tag.start, tag.end))
        return PagePiece(at, at, False, (tag.start, tag.end)) if following.is_tag else following

    def _tag_before(self, piece: PagePiece, before: Span) -> Span:
        """Return the tag before what follows *piece*."""
        is_element = piece.is_tag and not self.text.startswith(_CDATA, piece.start)
        return (piece.start, piece.end) if is_element else before

    def _next(self, at: int, before: Span) -> PagePiece:
        """Return the piece that begins at *at*, where a tag or a text begins."""
        tag = TAG.search(self.text, at)
        if tag is None:
            return PagePiece(at, len(self.text), False, before)
        if tag.start() > at:
            return PagePiece(at, tag.start(), False, before)
        return PagePiece(at, tag.end(), True)
