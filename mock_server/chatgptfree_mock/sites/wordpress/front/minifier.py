"""
Minify HTML as page optimisers do: blanks removed, quotes swapped or removed, names in capitals.

It changes the text of tags and leaves scripts, styles and text areas alone, as optimisers do; to an HTML parser the
page stays the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from chatgptfree_mock.sites.wordpress.settings import Minification

_TOKEN: Final = re.compile(
    r"(?P<comment><!--.*?-->)"
    r"|(?P<raw><(?P<name>script|style|textarea|pre|template)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>.*?</(?P=name)\s*>)"
    r"|(?P<tag></?[a-zA-Z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>)",
    re.DOTALL | re.IGNORECASE,
)
_NAME: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"\s+([^\s=>/\"']+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+))?")
_BARE: Final = re.compile(r"[^\s\"'=<>`/]+")


@lru_cache(8)  # a page is the same for many visitors
def minify(page: str, style: Minification) -> str:
    """Return *page* minified in that *style*."""
    if style == "no":
        return page
    tight = style in ("whitespace", "no-quotes")
    pieces: list[str] = []
    at = 0
    for token in _TOKEN.finditer(page):
        pieces.append(_minified_text(page[at : token.start()], tight=tight))
        pieces.append(_rewritten(token, style, tight=tight))
        at = token.end()
    pieces.append(_minified_text(page[at:], tight=tight))
    return "".join(pieces)


def _minified_text(text: str, *, tight: bool) -> str:
    return re.sub(r"\s+", " ", text) if tight else text


def _rewritten(token: re.Match[str], style: Minification, *, tight: bool) -> str:
    whole = token[0]
    if token["comment"] is not None:
        return "" if tight else whole
    if token["raw"] is None:
        return _tag(whole, style)
    opening = re.match(r"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", whole)
    cut = opening.end() if opening else 0
    return _tag(whole[:cut], style) + whole[cut:]


def _tag(tag: str, style: Minification) -> str:
    head = _NAME.match(tag)
    if head is None:
        return tag
    name = head[2].upper() if style == "upper-case" else head[2]
    if style in ("upper-case", "single-quotes"):
        change = _upper if style == "upper-case" else _swapped
        rest = _ATTRIBUTE.sub(change, tag[head.end() :])
        return f"<{head[1]}{name}{rest}"
    attributes = [
        _attribute(found[1], found[2], bare=style == "no-quotes")
        for found in _ATTRIBUTE.finditer(tag, head.end(), len(tag) - 1)
        if found[1] != "/"
    ]
    return f"<{head[1]}{' '.join([name, *attributes])}>"


def _upper(found: re.Match[str]) -> str:
    return found[0].replace(found[1], found[1].upper(), 1)


def _swapped(found: re.Match[str]) -> str:
    value = found[2] or ""
    if value.startswith('"'):
        other = "'" + value[1:-1].replace("'", "&#39;") + "'"
    elif value.startswith("'"):
        other = '"' + value[1:-1].replace('"', "&quot;") + '"'
    else:
        return found[0]
    return found[0][: -len(value)] + other


def _attribute(name: str, value: str | None, *, bare: bool) -> str:
    if value is None:
        return name
    inner = value[1:-1] if value[:1] in "\"'" else value
    if bare and not inner:
        return name
    if bare and _BARE.fullmatch(inner):
        return f"{name}={inner}"
    return f"{name}={value}" if value[:1] in "\"'" else f'{name}="{value}"'
