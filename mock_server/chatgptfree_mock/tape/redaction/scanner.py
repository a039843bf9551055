"""
Find the secrets of one part of an exchange: what kind of text it is, and which reader takes it.

Readers call back for texts inside their own (JSON in an attribute, an address in JSON), down to a fixed depth.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import Final

from chatgptfree_mock.tape.redaction.encoded_text import encoded_secrets
from chatgptfree_mock.tape.redaction.findings import Secret, without_overlap
from chatgptfree_mock.tape.redaction.forms import form_secrets, header_secrets, multipart_secrets, url_secrets
from chatgptfree_mock.tape.redaction.json_text import json_secrets
from chatgptfree_mock.tape.redaction.markup import code_secrets, is_markup, markup_secrets
from chatgptfree_mock.tape.redaction.named_text import named_values
from chatgptfree_mock.tape.redaction.own import Own
from chatgptfree_mock.tape.redaction.patterns import INSERT, SHORTEST, shapes, signs_in
from chatgptfree_mock.tape.redaction.rules import SEPARATOR, Context, Rules
from chatgptfree_mock.tape.redaction.streams import stream_secrets
from chatgptfree_mock.tape.redaction.tables import inserted_values, table_values
from chatgptfree_mock.tape.redaction.views import html_view

_DEEPEST: Final = 6
_PROMISING: Final = re.compile(r"[@=:0-9%]|[A-Za-z0-9_.-]{15}|earer |asic |EARER ")
_BINARY: Final = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/|application/(?:zip|gzip|pdf|wasm|octet-stream|x-protobuf|protobuf|grpc|msgpack|"
    r"x-msgpack|cbor|vnd\.amazon\.eventstream|x-tar|x-7z|font|vnd\.ms-fontobject|x-shockwave-flash))",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(r"\[{1,2}[A-Za-z][^\[\]{}\"',]*\]{1,2}[ \t]*(?:[#;][^\n]*)?\r?\n")
"""The first line of INI and TOML."""
_JSON: Final = re.compile(r"[{\[]\s*+(?:[\"{\[\]}0-9tfn-]|\Z)")
"""The start of an object or a list of JSON, and not of `{key: "…"}` in another language."""
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FORM: Final = re.compile(
    r"(?![A-Za-z0-9+/_-]*+={1,2}\Z)[\w.%+\[\]~*-]{1,200}=[^\s<>{}\"]*(?:&[^\s<>{}\"]*)*\Z", re.ASCII
)
"""Names and values, but not the padding of base64."""
_EVENTS: Final = re.compile(r"\ufeff?(?:data|event|id|retry)?:[^/]", re.ASCII)
_SCRIPT: Final = re.compile(r"(?:java|ecma)script", re.IGNORECASE)
_BOUNDARY: Final = re.compile(r"boundary=(?:\"([^\"]{1,200})\"|([^\s;]{1,200}))", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"&(?:#|quot;|commat;)")
_URL: Final = re.compile(r"(?:https?:)?//[^\s\"'<>]*\Z|/[^\s\"'<>?#]*[?#][^\s\"'<>]*\Z", re.IGNORECASE)


class SecretKind(Enum):
    """What a text is."""

    BINARY = "binary"
    FORM = "form"
    MULTIPART = "multipart"
    EVENTS = "events"
    JSON = "json"
    MARKUP = "markup"
    SCRIPT = "script"
    STYLE = "style"
    TEXT = "text"
    URL = "url"


def kind_of(text: str, content_type: str) -> SecretKind:
    """Return the kind of a body, by its header and by its bytes."""
    kind = content_type.lower()
    if is_binary(text, content_type):
        return SecretKind.BINARY
    if kind.startswith("multipart/") and _BOUNDARY.search(content_type):
        return SecretKind.MULTIPART
    start = text[:256].lstrip("\ufeff \t\r\n")
    if "event-stream" in kind or (_EVENTS.match(start) and "\n" in text):
        return SecretKind.EVENTS
    if (_JSON.match(start) and not _SECTION.match(start)) or (start[:1] == '"' and "json" in kind):
        return SecretKind.JSON
    if _SCRIPT.search(kind):
        return SecretKind.SCRIPT
    if kind.startswith("text/css"):
        return SecretKind.STYLE
    if start[:1] == "<" or ("html" in kind or "xml" in kind):
        return SecretKind.MARKUP
    if "urlencoded" in kind or (_FORM.match(text) and "text/" not in kind):
        return SecretKind.FORM
    return SecretKind.TEXT


def is_binary(text: str, content_type: str) -> bool:
    """Return whether a body is binary: by its type, or since it holds control characters or is not UTF-8."""
    if _BINARY.match(content_type.strip()):
        return True
    head = text[:4096]
    if "\0" in head or len(_CONTROLS.findall(head)) * 20 > len(head):
        return True
    if head.isascii() or "charset" in content_type.lower() or content_type.lower().startswith("text/"):
        return False
    return _is_broken(head)


def _is_broken(head: str) -> bool:
    data = head.encode("latin-1")
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        return exc.start < len(data) - 4 and sum(byte > 127 for byte in data) * 5 > len(data)
    return False


def _inner_kind(text: str) -> SecretKind:
    """Return what a text inside another is, by what it looks like."""
    stripped = text.lstrip()
    start = stripped[:1]
    if start in ("{", "[") and '"' in text and _JSON.match(stripped) and not _SECTION.match(stripped):
        return SecretKind.JSON
    if "<" in text and is_markup(text):
        return SecretKind.MARKUP
    if "/" in text and _URL.match(text):
        return SecretKind.URL
    if start == "%" or ("=" in text and _FORM.match(text)):
        return SecretKind.FORM
    return SecretKind.TEXT


_Place = tuple[str | int | None, str]
"""The text, and what it is: a header's name, empty for an address, a type for a body, the depth inside another text."""


class _Remembered(dict[_Place, list[Secret]]):
    """What was found in each text of up to *longest* characters, until there are too many: then it begins anew."""

    def __init__(self, longest: int, most: int) -> None:
        super().__init__()
        self._longest, self._most = longest, most

    def keep(self, key: _Place, found: list[Secret]) -> None:
        if len(key[1]) <= self._longest:
            if len(self) >= self._most:
                self.clear()
            self[key] = found


class _Memory:
    """What was found by some rules: the cassettes of one folder have headers, addresses and bodies in common."""

    def __init__(self) -> None:
        self.texts = _Remembered(500, 10_000)
        self.bodies = _Remembered(16_384, 1_000)


@lru_cache(16)
def _memory(rules: Rules) -> _Memory:
    del rules
    return _Memory()


class Scanner:
    """Finds secrets by *rules*."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._own = Own(rules)
        self._depth = 0
        self._memory = _memory(rules)
        self._context = Context(rules, self._nested, self._nested_all)

    def body(self, text: str, content_type: str) -> list[Secret]:
        """Return the secrets of a body."""
        key = content_type, text
        found = self._memory.bodies.get(key)
        if found is None:
            kind = kind_of(text, content_type)
            found = self._wanted(self._read(kind, text, content_type), text, kind)
            self._memory.bodies.keep(key, found)
        return found

    def url(self, text: str) -> list[Secret]:
        """Return the secrets of an address."""
        return self._remembered(("", text), lambda: url_secrets(text, self._context))

    def header(self, name: str, value: str) -> list[Secret]:
        """Return the secrets of a header's value."""
        return self._remembered((name, value), lambda: header_secrets(name, value, self._context))

    def text(self, text: str) -> list[Secret]:
        """Return the secrets of any short text."""
        return self._remembered((None, text), lambda: self._in_running_text(text))

    def _remembered(self, key: _Place, find: Callable[[], Iterator[Secret]]) -> list[Secret]:
        """Return what *find* finds in the short text of *key*, which most exchanges of a site have in common."""
        found = self._memory.texts.get(key)
        if found is None:
            found = self._wanted(find(), key[1], SecretKind.TEXT)
            self._memory.texts.keep(key, found)
        return found

    def _wanted(self, found: Iterator[Secret], text: str, kind: SecretKind) -> list[Secret]:
        wanted = [secret for secret in found if secret.rule not in self.rules.keep]
        if self._own:
            wanted += self._own.find(text, self._values(text, kind), patterns=kind is not SecretKind.BINARY)
        return without_overlap(wanted)

    def _read(self, kind: SecretKind, text: str, content_type: str = "") -> Iterator[Secret]:
        context = self._context
        if kind is SecretKind.JSON:
            yield from json_secrets(text, context)
            if "\n{" in text:
                yield from stream_secrets(text, self._nested)
        elif kind is SecretKind.EVENTS:
            yield from self._events(text)
        elif kind is SecretKind.MARKUP:
            yield from markup_secrets(text, context)
        elif kind is SecretKind.SCRIPT:
            yield from shapes(text)
            yield from encoded_secrets(text, context)
            yield from code_secrets(text, context)
        elif kind is SecretKind.FORM:
            yield from form_secrets(text, context)
        elif kind is SecretKind.MULTIPART:
            boundary = _BOUNDARY.search(content_type)
            yield from multipart_secrets(text, (boundary[1] or boundary[2]) if boundary else "", context)
        elif kind is SecretKind.TEXT:
            yield from self._in_running_text(text)

    def _events(self, text: str) -> Iterator[Secret]:
        whole = list(json_secrets(text, self._context))
        yield from whole
        taken = {span for secret in whole for span in secret.spans}
        for secret in stream_secrets(text, self._nested):
            if not taken.issuperset(secret.spans):
                yield secret

    def _in_running_text(self, text: str) -> Iterator[Secret]:
        signs = signs_in(text)
        yield from shapes(text, signs)
        yield from named_values(text, self._context, signs)
        yield from table_values(text, self._context)
        if INSERT in signs:
            yield from inserted_values(text, self._context.rules)
        yield from encoded_secrets(text, self._context)

    def _nested(self, text: str) -> list[Secret]:
        """Read a text that lies inside another."""
        if self._depth >= _DEEPEST or (len(text) < SHORTEST and text.isalnum()) or not _PROMISING.search(text):
            return []
        found = self._memory.texts.get((self._depth, text))
        if found is None:
            self._depth += 1
            try:
                found = without_overlap(self._inner(text))
            finally:
                self._depth -= 1
            self._memory.texts.keep((self._depth, text), found)
        return found

    def _nested_all(self, texts: Sequence[str]) -> Iterator[tuple[int, Secret]]:
        """Read texts that lie inside another: the plain ones joined, since most of the time goes into beginning."""
        plain = []
        for number, text in enumerate(texts):
            if _inner_kind(text) is SecretKind.TEXT and not _REFERENCE.search(text):
                plain.append(number)
            else:
                for secret in self._nested(text):
                    yield number, secret
        starts = [0, *accumulate(len(texts[number]) + len(SEPARATOR) for number in plain)]
        if self._depth < _DEEPEST and plain:
            self._depth += 1
            try:
                found = without_overlap(self._in_running_text(SEPARATOR.join(texts[number] for number in plain)))
            finally:
                self._depth -= 1
            for secret in found:
                index = bisect_right(starts, secret.spans[0][0]) - 1
                yield plain[index], secret.moved(-starts[index])

    def _inner(self, text: str) -> Iterator[Secret]:
        kind = _inner_kind(text)
        if kind is SecretKind.JSON:
            yield from json_secrets(text, self._context)
        elif kind is SecretKind.MARKUP:
            yield from markup_secrets(text, self._context)
        elif kind is SecretKind.FORM:
            yield from form_secrets(text, self._context)
        elif kind is SecretKind.URL:
            yield from url_secrets(text, self._context)
        else:
            yield from self._in_running_text(text)
            if _REFERENCE.search(text):
                view = html_view(text)
                yield from view.back(self._nested(view.text))

    def _values(self, text: str, kind: SecretKind) -> Iterator[tuple[int, int]]:
        """Yield the parts of *text* in which something can be replaced without harm to what holds them."""
        if kind in (SecretKind.JSON, SecretKind.EVENTS):
            yield from (found.span(1) for found in _STRINGS.finditer(text))
        if kind is SecretKind.EVENTS:
            yield from (found.span(1) for found in _LINES.finditer(text))
        elif kind is SecretKind.MARKUP:
            yield from _markup_values(text)
        elif kind is SecretKind.FORM:
            yield from (found.span() for found in re.finditer(r"[^&=]+", text))
        elif kind is not SecretKind.JSON:
            yield 0, len(text)


_STRINGS: Final = re.compile(r"\"([^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)\"?")
_LINES: Final = re.compile(r"^data: ?+([^{\[\"\r\n][^\r\n]*)$", re.MULTILINE)
_TAGS: Final = re.compile(r"<[^<>\"']*+(?:\"[^\"]*+\"?[^\"'<>]*+|'[^']*+'?[^\"'<>]*+)*+>?")
_QUOTED: Final = re.compile(r"=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")


def _markup_values(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for tag in _TAGS.finditer(text):
        if tag.start() > position:
            yield position, tag.start()
        for value in _QUOTED.finditer(text, tag.start(), tag.end()):
            yield value.span(value.lastindex or 1)
        position = tag.end()
    yield position, len(text)
