"""A project's own words and patterns: matched against what a value means, in whatever way it is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from chatgptfree_mock.tape.redaction.findings import Secret, Span, one, unescaped
from chatgptfree_mock.tape.redaction.known import spellings
from chatgptfree_mock.tape.redaction.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.rules import Rules
from chatgptfree_mock.tape.redaction.views import as_bytes, html_view, json_view, url_view

_DEEPEST: Final = 4
"""How many times a value is decoded: JSON in a string of JSON in an attribute takes three."""
_DECODERS: Final = (("\\", json_view), ("&", html_view), ("%", url_view))


class Own:
    """Finds the words and patterns of *rules*."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._words = [_pattern(word) for word in rules.words]

    def __bool__(self) -> bool:
        return bool(self._words or self._rules.patterns)

    def find(self, text: str, values: Iterable[Span], *, patterns: bool) -> Iterator[Secret]:
        """Yield what is found in the parts *values* of *text*, one each; words only unless *patterns* is on."""
        for start, end in values:
            for secret in self._in_value(text[start:end], 0, patterns=patterns):
                yield secret.moved(start)

    def _in_value(self, value: str, depth: int, *, patterns: bool) -> Iterator[Secret]:
        for number, word in enumerate(self._words):
            for found in word.finditer(value):
                reason = f"is `words` number {number + 1} of pyproject.toml"
                yield one(*found.span(), "own", self._rules.words[number], reason)
        if patterns:
            yield from self._matches(value)
        if depth < _DEEPEST:
            for sign, view_of in _DECODERS:
                if sign in value and (view := view_of(value)).text != value:
                    yield from view.back(self._in_value(view.text, depth + 1, patterns=patterns))

    def _matches(self, value: str) -> Iterator[Secret]:
        characters = value if value.isascii() else unescaped(value)
        places = None if len(characters) == len(value) else _Places(characters)
        for pattern in self._rules.patterns:
            for found in pattern.finditer(characters):
                group = 1 if pattern.groups else 0
                if found[group] and not is_placeholder(found[group]):
                    start, end = places.span(found.span(group)) if places else found.span(group)
                    reason = f"matches the pattern {pattern.pattern!r} of pyproject.toml"
                    yield one(start, end, "own", as_bytes(found[group]) if places else found[group], reason)


class _Places:
    """Where each character of a text begins in its UTF-8."""

    def __init__(self, characters: str) -> None:
        self._starts = [0, *accumulate(len(each.encode("utf-8", "surrogatepass")) for each in characters)]

    def span(self, span: Span) -> Span:
        return self._starts[span[0]], self._starts[span[1]]


def _pattern(word: str) -> re.Pattern[str]:
    """Compile a word: as it is anywhere, in another case between other characters than letters and digits."""
    exact = spellings(word)
    return re.compile(rf"{exact}|(?<![A-Za-z0-9])(?i:{exact})(?![A-Za-z0-9])")
