"""
Find the secrets of one part of an exchange: what kind of text it is, and which reader takes it.

Readers call back for texts inside their own (JSON in an attribute, an address in JSON), down to a fixed depth.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.encoded_text import encoded_secrets
from chatgptfree_mock.tape.redaction.bodies.forms import form_secrets, header_secrets, multipart_secrets, url_secrets
from chatgptfree_mock.tape.redaction.bodies.json_text import json_secrets
from chatgptfree_mock.tape.redaction.bodies.markup import code_secrets, markup_secrets
from chatgptfree_mock.tape.redaction.bodies.streams import divided_secrets, is_stream, stream_secrets, with_joined_data
from chatgptfree_mock.tape.redaction.bodies.tables import inserted_values, table_values
from chatgptfree_mock.tape.redaction.bodies.text_kinds import BOUNDARY, TextKind, inner_kind, kind_of_text
from chatgptfree_mock.tape.redaction.bodies.value_spans import value_spans
from chatgptfree_mock.tape.redaction.names.rules import SEPARATOR, Context, Rules
from chatgptfree_mock.tape.redaction.patterns.project_patterns import ProjectPatterns
from chatgptfree_mock.tape.redaction.running_text.named_values import named_values
from chatgptfree_mock.tape.redaction.running_text.pattern_search import INSERT, SHORTEST, pattern_secrets, signs_in
from chatgptfree_mock.tape.redaction.text.character_text import with_whole_characters
from chatgptfree_mock.tape.redaction.text.findings import Secret, without_overlap
from chatgptfree_mock.tape.redaction.text.views import html_view

_DEEPEST: Final = 6
_PROMISING: Final = LazyPattern(r"[@=:0-9%]|[A-Za-z0-9_.-]{15}|earer |asic |EARER ")
_REFERENCE: Final = LazyPattern(r"&(?:#|quot;|commat;)")
_ScannedText = tuple[str | int | None, str]
"""The text, and what it is: a header's name, empty for an address, a type for a body, the depth inside another text."""


class _Remembered(dict[_ScannedText, list[Secret]]):
    """What was found in each text of up to *longest* characters, emptied when there are too many."""

    def __init__(self, longest: int, most: int) -> None:
        super().__init__()
        self._longest, self._most = longest, most

    def keep(self, key: _ScannedText, found: list[Secret]) -> None:
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
        self._own = ProjectPatterns(rules)
        self._depth = 0
        self._memory = _memory(rules)
        self._context = Context(rules, self._nested, self._nested_all)

    def body(self, text: str, content_type: str) -> list[Secret]:
        """Return the secrets of a body."""
        key = content_type, text
        found = self._memory.bodies.get(key)
        if found is None:
            kind = kind_of_text(text, content_type)
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

    def _remembered(self, key: _ScannedText, find: Callable[[], Iterator[Secret]]) -> list[Secret]:
        """Return what *find* finds in the short text of *key*, which most exchanges of a site have in common."""
        found = self._memory.texts.get(key)
        if found is None:
            found = self._wanted(find(), key[1], TextKind.TEXT)
            self._memory.texts.keep(key, found)
        return found

    def _wanted(self, found: Iterator[Secret], text: str, kind: TextKind) -> list[Secret]:
        wanted = [secret for secret in found if secret.rule not in self.rules.keep]
        if self._own:
            wanted += self._own.find(text, value_spans(text, kind), patterns=kind is not TextKind.BINARY)
            if is_stream(text, kind):
                wanted += divided_secrets(text, self._own.anywhere)
        return without_overlap(wanted if kind is TextKind.BINARY else with_whole_characters(wanted, text))

    def _read(self, kind: TextKind, text: str, content_type: str = "") -> Iterator[Secret]:
        context = self._context
        if kind is TextKind.JSON:
            yield from json_secrets(text, context)
            if is_stream(text, kind):
                yield from stream_secrets(text, self._nested)
        elif kind is TextKind.EVENTS:
            yield from self._events(text)
        elif kind is TextKind.MARKUP:
            yield from markup_secrets(text, context)
        elif kind is TextKind.SCRIPT:
            yield from pattern_secrets(text)
            yield from encoded_secrets(text, context)
            yield from code_secrets(text, context)
        elif kind is TextKind.FORM:
            yield from form_secrets(text, context)
        elif kind is TextKind.MULTIPART:
            boundary = BOUNDARY.search(content_type)
            yield from multipart_secrets(text, (boundary[1] or boundary[2]) if boundary else "", context)
        elif kind is TextKind.TEXT:
            yield from self._in_running_text(text)
            if is_stream(text, kind):
                yield from stream_secrets(text, self._nested)

    def _events(self, text: str) -> Iterator[Secret]:
        whole = list(json_secrets(with_joined_data(text), self._context))
        yield from whole
        taken = {span for secret in whole for span in secret.spans}
        for secret in stream_secrets(text, self._nested):
            if not taken.issuperset(secret.spans):
                yield secret

    def _in_running_text(self, text: str) -> Iterator[Secret]:
        signs = signs_in(text)
        yield from pattern_secrets(text, signs)
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
                found = without_overlap(with_whole_characters(self._inner(text), text))
            finally:
                self._depth -= 1
            self._memory.texts.keep((self._depth, text), found)
        return found

    def _nested_all(self, texts: Sequence[str]) -> Iterator[tuple[int, Secret]]:
        """Read texts that lie inside another: the plain ones joined, since most of the time goes into beginning."""
        plain = []
        for number, text in enumerate(texts):
            if inner_kind(text) is TextKind.TEXT and not _REFERENCE.search(text):
                plain.append(number)
            else:
                for secret in self._nested(text):
                    yield number, secret
        starts = [0, *accumulate(len(texts[number]) + len(SEPARATOR) for number in plain)]
        if self._depth < _DEEPEST and plain:
            self._depth += 1
            try:
                joined = SEPARATOR.join(texts[number] for number in plain)
                found = without_overlap(with_whole_characters(self._in_running_text(joined), joined))
            finally:
                self._depth -= 1
            for secret in found:
                index = bisect_right(starts, secret.spans[0][0]) - 1
                yield plain[index], secret.moved(-starts[index])

    def _inner(self, text: str) -> Iterator[Secret]:
        kind = inner_kind(text)
        if kind is TextKind.JSON:
            yield from json_secrets(text, self._context)
        elif kind is TextKind.MARKUP:
            yield from markup_secrets(text, self._context)
        elif kind is TextKind.FORM:
            yield from form_secrets(text, self._context)
        elif kind is TextKind.URL:
            yield from url_secrets(text, self._context)
        else:
            yield from self._in_running_text(text)
            if _REFERENCE.search(text):
                view = html_view(text)
                yield from view.back(self._nested(view.text))
