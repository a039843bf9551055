"""Pieces of Markdown: texts of the code in which nothing is taken for markup, and lists of terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_CODE: Final = re.compile(r"(`+)(.+?)\1(?!`)", re.DOTALL)
_MARKUP: Final = re.compile(r"[<\[\]{}\\]")


def prose(text: str) -> str:
    """Return *text* of a docstring or a help page as Markdown: code and emphasis stay, brackets are brackets."""
    parts, at = [], 0
    for code in _CODE.finditer(text):
        parts += [_escaped(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda sign: f"\\{sign[0]}", text)


def code(text: str) -> str:
    """Return *text* as inline code, whatever it holds."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    blank = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def term(name: str, paragraphs: Iterable[str], *, anchor: str = "") -> str:
    """Return an entry of a definition list: *name*, in code, with *paragraphs*; *anchor* is its id on the page."""
    head = f"[{code(name)}]{{#{anchor}}}" if anchor else code(name)
    first, *others = [paragraph for paragraph in paragraphs if paragraph] or ["–"]
    return "\n\n".join([f"{head}\n: {_indented(first)}", *(f"  {_indented(other)}" for other in others)]) + "\n"


def _indented(paragraph: str) -> str:
    return paragraph.replace("\n", "\n  ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown of one line."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def sections(parts: Iterable[tuple[str, str]], *, level: int = 2) -> str:
    """Return *parts*, each a title and its Markdown, below headings of a *level*."""
    return "\n".join(f"{'#' * level} {title}\n\n{text.strip()}\n" for title, text in parts)
