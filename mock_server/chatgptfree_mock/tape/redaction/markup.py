"""
Secrets in HTML and XML: in the text, in attributes, in scripts and in JSON that lies in either.

The page is cut into tags and text as a browser cuts it (WHATWG HTML, 13.2.5).  Values are replaced inside a text or
inside an attribute's value only; style sheets, drawings (`d`, `points`), check sums (`integrity`) and names are left
alone, and `nonce` of a script belongs to the page's own policy.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Final, TypeVar

from chatgptfree_mock.tape.redaction.encoded_text import encoded_secrets
from chatgptfree_mock.tape.redaction.findings import Secret, Span, one
from chatgptfree_mock.tape.redaction.json_text import json_secrets
from chatgptfree_mock.tape.redaction.named_text import named_values
from chatgptfree_mock.tape.redaction.names import Name, needs_query
from chatgptfree_mock.tape.redaction.patterns import shapes
from chatgptfree_mock.tape.redaction.rules import Context
from chatgptfree_mock.tape.redaction.scripts import script_secrets
from chatgptfree_mock.tape.redaction.signs import page_signs
from chatgptfree_mock.tape.redaction.values import Held, counts
from chatgptfree_mock.tape.redaction.views import html_view

T = TypeVar("T")
_TAG: Final = re.compile(
    r"(<(?:!--(?:[^-]++|-(?!->))*+(?:-->)?"
    r"|(?i:script|style)(?=[\s/>])[^\"'<>]*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>(?:[^<]++|<(?!/(?i:script|style)))*+"
    r"|[A-Za-z/!?][^\"'<>]*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>?))"
)
_OPENING: Final = re.compile(r"<(\w+)[^\"'<>]*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>?")
_ELEMENT: Final = re.compile(r"<(\w+)")
_ATTRIBUTE: Final = re.compile(r"([^\s\"'<>/=]+)(?:\s*+=\s*+(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+)))")
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
_REFERENCE: Final = re.compile(r"&(?:#|commat|quot|colon|period|amp;#)")


def is_markup(text: str) -> bool:
    """Return whether *text* holds tags."""
    return re.search(r"<(?:!doctype|!--|/?[a-zA-Z][a-zA-Z0-9-]*[\s/>])", text[:4096], re.IGNORECASE) is not None


def markup_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in HTML or XML."""
    page = _Page(text)
    for secret in shapes(text):
        if page.may_hold(secret.spans[0]):
            yield secret
    for secret in encoded_secrets(text, context):
        if page.may_hold(secret.spans[0]):
            yield secret
    numbers = page.promising(context)
    yield from page.in_tags(numbers, lambda tag: _in_tag(tag, context))
    yield from page.in_texts(numbers, lambda pair: _in_text(*pair, context))


class _Page:
    """A page as texts and tags by turns, where each begins, and which parts of it a value may be replaced in."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.pieces = _TAG.split(text)
        self.starts = [0, *accumulate(map(len, self.pieces))]

    def promising(self, context: Context) -> list[int]:
        """Return the numbers of the pieces that may hold a secret by its name, or in another spelling."""
        signs = page_signs(self._text, context.rules)
        if signs is None:
            return list(range(len(self.pieces)))
        numbers = {bisect_right(self.starts, at) - 1 for at in signs}
        named = {name for name in set(_ELEMENT.findall(self._text)) if _names_content(name, context)}
        if named:
            numbers.update(
                number + 1
                for number in range(1, len(self.pieces), 2)
                if (opening := _ELEMENT.match(self.pieces[number])) and opening[1] in named
            )
        return sorted(numbers)

    def may_hold(self, span: Span) -> bool:
        """Return whether *span* lies in a text, in an attribute's value or in a script."""
        index = bisect_right(self.starts, span[0]) - 1
        if index >= len(self.pieces) or self.starts[index + 1] < span[1]:
            return False
        if index % 2 == 0:
            return True
        tag, start, end = self.pieces[index], self.starts[index], self.starts[index + 1]
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

    def in_tags(self, numbers: list[int], find: Callable[[str], Iterable[Secret]]) -> Iterator[Secret]:
        """Yield what *find* finds in the tags among the pieces *numbers*, each different one read once."""
        tags = [number for number in numbers if number % 2]
        yield from _each([self.pieces[number] for number in tags], [self.starts[number] for number in tags], find)

    def in_texts(self, numbers: list[int], find: Callable[[tuple[str, str]], Iterable[Secret]]) -> Iterator[Secret]:
        """Yield what *find* finds in the texts among *numbers*, given the tag before, each different pair read once."""
        texts = [number for number in numbers if number % 2 == 0]
        pairs = [(self.pieces[number - 1] if number else "", self.pieces[number]) for number in texts]
        yield from _each(pairs, [self.starts[number] for number in texts], find)


def _each(items: list[T], starts: list[int], find: Callable[[T], Iterable[Secret]]) -> Iterator[Secret]:
    found = {item: secrets for item in dict.fromkeys(items) if (secrets := list(find(item)))}
    if found:
        for item, start in zip(items, starts, strict=False):
            for secret in found.get(item, ()):
                yield secret.moved(start)


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
            if counts(found, label, html_view(value).text, Held.FIELD):
                yield one(
                    at, at + len(value), found.rule, html_view(value).text, f"is the value of the field `{label}`"
                )
                continue
        yield from _in_attribute(name, value, at, context)


def _held_by(attributes: list[tuple[str, str, int]], context: Context) -> tuple[str, Name] | None:
    """Return the name that `name` or `id` gives to the value of its element, if it is a secret's."""
    for name, value, _ in attributes:
        if name in ("name", "id", "property", "http-equiv", "key") and (found := context.rules.name(value)):
            return value, found
    return None


def _in_attribute(name: str, value: str, at: int, context: Context) -> Iterator[Secret]:
    found = context.rules.name(name)
    plain = html_view(value) if "&" in value else None
    decoded = plain.text if plain else value
    if found is not None and not needs_query(name) and counts(found, name, decoded, Held.QUOTED):
        yield one(at, at + len(value), found.rule, decoded, f"is the value of the attribute `{name}`")
    elif name.startswith("on"):
        for secret in script_secrets(value, context):
            yield secret.moved(at)
    elif plain is not None:
        yield from plain.back(context.nested(decoded), at)
    elif "{" in value or "[" in value:
        for secret in context.nested(value):
            yield secret.moved(at)
    elif "=" in value or ":" in value:
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
    elif "=" in piece or ":" in piece:
        yield from named_values(piece, context)


def _names_content(element: str, context: Context) -> bool:
    """Return whether the content of an *element* may be a secret: its name is one's, or it is a field."""
    named = context.rules.name(element)
    return element == "textarea" or (named is not None and named.sure)


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
    value, plain = text.strip(), html_view(text.strip()).text
    if not counts(held[1], held[0], plain, Held.QUOTED):
        return None
    start = text.index(value)
    return one(start, start + len(value), held[1].rule, plain, f"is the content of the element `{held[0]}`")
