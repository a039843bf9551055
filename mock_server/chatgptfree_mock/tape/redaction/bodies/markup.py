"""
Secrets in HTML and XML: in the text, in attributes, in scripts and in JSON that lies in either.

The page is cut into tags and text as a browser cuts it (WHATWG HTML, 13.2.5).  Values are replaced inside a text or
inside an attribute's value only; style sheets, drawings (`d`, `points`), checksums (`integrity`) and names are left
alone, and `nonce` of a script belongs to the page's own policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.encoded_text import encoded_secrets
from chatgptfree_mock.tape.redaction.bodies.json_text import json_secrets
from chatgptfree_mock.tape.redaction.bodies.labelled_values import labelled_values
from chatgptfree_mock.tape.redaction.bodies.markup_page import MarkupPage, PagePiece
from chatgptfree_mock.tape.redaction.bodies.quick_check import named_elements, page_signs
from chatgptfree_mock.tape.redaction.bodies.scripts import script_secrets
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import Name, needs_query
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value
from chatgptfree_mock.tape.redaction.running_text.named_values import named_values
from chatgptfree_mock.tape.redaction.running_text.pattern_search import Signs, pattern_secrets, signs_in
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, secret_at
from chatgptfree_mock.tape.redaction.text.views import html_view

_OPENING: Final = LazyPattern(r"<(?:\w+:)?(\w+)[^\"'<>]*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>?")
_ELEMENT: Final = LazyPattern(r"<(?:\w+:)?(\w+)")
_ATTRIBUTE: Final = LazyPattern(r"([^\s\"'<>/=]+)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))")
_KEPT: Final = frozenset(
    {
        "d",
        "points",
        "viewbox",
        "transform",
        "style",
        "class",
        "integrity",
        "srcset",
        "sizes",
        "pattern",
        "path",
        "type",
        "rel",
    }
    | {
        "for",
        "autocomplete",
        "role",
        "xmlns",
        "values",
        "x",
        "y",
        "width",
        "height",
        "lang",
        "media",
        "target",
        "method",
    }
)
"""Attributes in which nothing is secret, whatever it looks like."""
_POLICY_NONCES: Final = frozenset({"script", "style", "link"})
_BUTTONS: Final = frozenset({"submit", "button", "reset", "image", "checkbox", "radio"})
_REFERENCE: Final = LazyPattern(r"&(?:#|commat|quot|colon|period|mdash|ndash|rarr|nbsp|amp;#)")


def is_markup(text: str) -> bool:
    """Return whether *text* holds tags."""
    return re.search(r"<(?:!doctype|!--|/?[a-zA-Z][a-zA-Z0-9-]*[\s/>])", text[:4096], re.IGNORECASE) is not None


def markup_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in HTML or XML."""
    page, signs = MarkupPage(text), signs_in(text)
    shown = [*pattern_secrets(text, signs), *encoded_secrets(text, context)]
    for piece, secrets in page.holders(shown, lambda secret: secret.spans[0][0]):
        yield from (secret for secret in secrets if _may_hold(page.text, piece, secret.spans[0]))
    yield from labelled_values(text, signs, context.rules)
    yield from _in_pieces(text, dict.fromkeys(_promising(page, context, signs)), context)


def _promising(page: MarkupPage, context: Context, signs: Signs) -> Iterator[PagePiece]:
    """Yield the pieces that may hold a secret by its name, or in another spelling."""
    places = page_signs(page.text, context.rules, signs)
    if places is None:
        yield from page.pieces()
        return
    opened = dict(named_elements(page.text, context.rules))
    named = set(opened.values())
    for piece, _ in page.holders([*places, *opened], int):
        yield piece
        if piece.is_tag and (opening := _ELEMENT.match(page.text, piece.start)) and opening[1] in named:
            yield page.text_after(piece)


def _may_hold(text: str, piece: PagePiece, span: Span) -> bool:
    """Return whether *span* lies in *piece* of *text* only: in a text, in an attribute's value or in a script."""
    if piece.end < span[1]:
        return False
    if not piece.is_tag:
        return True
    tag, start, end = text[piece.start : piece.end], piece.start, piece.end
    if tag.startswith("<!--"):
        return span[1] <= end - 3
    opening = _OPENING.match(tag)
    if opening is not None and opening[1].lower() in ("script", "style") and span[0] >= start + opening.end():
        return opening[1].lower() == "script"
    return any(
        start + found.start(found.lastindex or 2) <= span[0] and span[1] <= start + found.end(found.lastindex or 2)
        for found in _ATTRIBUTE.finditer(tag)
        if found[1].lower() not in _KEPT
    )


def _in_pieces(text: str, pieces: Iterable[PagePiece], context: Context) -> Iterator[Secret]:
    """Yield the named secrets of each of *pieces*; those that look alike are read once."""
    known: dict[tuple[bool, str, str], list[Secret]] = {}
    for piece in pieces:
        before, held = text[slice(*piece.before)], text[piece.start : piece.end]
        key = piece.is_tag, before, held
        if key not in known:
            known[key] = list(_in_tag(held, context) if piece.is_tag else _in_text(before, held, context))
        for secret in known[key]:
            yield secret.moved(piece.start)


def _in_tag(tag: str, context: Context) -> Iterator[Secret]:
    if "=" not in tag and ":" not in tag and len(tag) <= 40:
        return
    opening = _OPENING.match(tag)
    if opening is None:
        if tag.startswith("<!--"):
            for secret in named_values(tag[:-3], context):
                yield secret.moved(0)
        return
    element = opening[1].lower()
    yield from _in_attributes(tag[: opening.end()], element, context)
    if element == "script" and opening.end() < len(tag):
        for secret in code_secrets(tag[opening.end() :], context):
            yield secret.moved(opening.end())


def code_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the named secrets of a script, or of the JSON that it is."""
    stripped = text.strip()
    if stripped[:1] in ("{", "[") and stripped[-1:] in ("}", "]"):
        yield from json_secrets(text, context)
    yield from script_secrets(text, context)


def _in_attributes(tag: str, element: str, context: Context) -> Iterator[Secret]:
    attributes = [
        (each[1].lower(), each[each.lastindex or 2] or "", each.start(each.lastindex or 2))
        for each in _ATTRIBUTE.finditer(tag)
    ]
    kind = next((value.lower() for name, value, _ in attributes if name == "type"), "")
    held = _held_by([*attributes, ("name", "password", 0)] if kind == "password" else attributes, context)
    for name, value, at in attributes:
        if not value or name in _KEPT or (name == "nonce" and element in _POLICY_NONCES):
            continue
        if held is not None and name in ("value", "content") and kind not in _BUTTONS:
            label, found = held
            if is_secret_value(found, label, html_view(value).text, Notation.FIELD):
                yield secret_at(
                    at, at + len(value), found.rule, html_view(value).text, f"is the value of the field `{label}`"
                )
                continue
        yield from _in_attribute(name, value, at, context)


def _held_by(attributes: list[tuple[str, str, int]], context: Context) -> tuple[str, Name] | None:
    """Return the name that `name` or `id` gives to the value of its element, if it is a secret's."""
    for name, value, _ in attributes:
        if name in ("name", "id", "property", "http-equiv", "key"):
            label = html_view(value).text if "&" in value else value
            if found := context.rules.name(label):
                return label, found
    return None


def _in_attribute(name: str, value: str, at: int, context: Context) -> Iterator[Secret]:
    found = context.rules.name(name)
    plain = html_view(value) if "&" in value else None
    decoded = plain.text if plain else value
    if found is not None and not needs_query(name) and is_secret_value(found, name, decoded, Notation.QUOTED):
        yield secret_at(at, at + len(value), found.rule, decoded, f"is the value of the attribute `{name}`")
    elif name.startswith("on"):
        for secret in script_secrets(value, context):
            yield secret.moved(at)
    elif plain is not None:
        yield from plain.back(context.nested(decoded), at)
    elif "{" in value or "[" in value:
        for secret in context.nested(value):
            yield secret.moved(at)
    elif any(mark in value for mark in "=:("):
        for secret in named_values(value, context, quotes=False):
            yield secret.moved(at)


def _in_text(tag: str, piece: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets of the text *piece* that follows *tag*."""
    if len(piece) <= 2:
        return
    if secret := _content(tag, piece, context):
        yield secret
    elif "&" in piece and _REFERENCE.search(piece):
        view = html_view(piece)
        yield from view.back(context.nested(view.text))
    elif any(mark in piece for mark in "=:("):
        yield from named_values(piece, context)


def _content(tag: str, text: str, context: Context) -> Secret | None:
    """Return *text* if the element that *tag* opens holds a secret by its name: `<accessToken>`, a named `textarea`."""
    opening = _OPENING.match(tag)
    if opening is None or tag.endswith("/>"):
        return None
    held: tuple[str, Name] | None
    if opening[1] == "textarea":
        held = _held_by(
            [(each[1].lower(), each[each.lastindex or 2] or "", 0) for each in _ATTRIBUTE.finditer(tag)], context
        )
    else:
        found = context.rules.name(opening[1])
        held = (opening[1], found) if found is not None and found.sure else None
    if held is None:
        return None
    value = text.strip().removesuffix("]]>").rstrip()
    plain = html_view(value).text
    if not is_secret_value(held[1], held[0], plain, Notation.QUOTED):
        return None
    start = text.index(value)
    return secret_at(start, start + len(value), held[1].rule, plain, f"is the content of the element `{held[0]}`")
