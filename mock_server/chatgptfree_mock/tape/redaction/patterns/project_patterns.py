"""A project's own words and patterns: matched against what a value means, in whatever way it is spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.text.base64_stretches import VIEWS, base64_stretches
from chatgptfree_mock.tape.redaction.text.character_text import CharacterText
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, Wrapped, secret_at, without_overlap
from chatgptfree_mock.tape.redaction.text.views import as_bytes

_DEEPEST: Final = 4
"""The depth to which base64 is decoded within base64."""


class ProjectPatterns:
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

    def anywhere(self, text: str) -> Iterator[Secret]:
        """Yield what is found in all of *text*."""
        return self.find(text, [(0, len(text))], patterns=True)

    def _in_value(self, value: str, depth: int, *, patterns: bool) -> Iterator[Secret]:
        characters = CharacterText(value)
        for view in located_views(characters.text, most=VIEWS):
            for text in {view.text, view.text.replace("+", " ")}:  # a form spells a blank so (WHATWG URL, 5.1)
                for found in self._in_view(text, patterns=patterns):
                    yield replace(found, spans=(characters.span(*view.span(*found.spans[0])),))
        for start, end, decoded in base64_stretches(value) if depth < _DEEPEST else ():
            inner = tuple(without_overlap(self._in_value(decoded, depth + 1, patterns=patterns)))
            if inner:
                yield Secret(((start, end),), "own", inner[0].value, inner[0].reason, Wrapped(decoded, inner))

    def _in_view(self, text: str, *, patterns: bool) -> Iterator[Secret]:
        for number, word in enumerate(self._words):
            for found in word.finditer(text):
                reason = f"is `words` number {number + 1} of pyproject.toml"
                yield secret_at(*found.span(), "own", self._rules.words[number], reason)
        for pattern in self._rules.patterns if patterns else ():
            group = 1 if pattern.groups else 0
            for found in pattern.finditer(text):
                if found[group] and not is_placeholder(found[group]):
                    reason = f"matches the pattern {pattern.pattern!r} of pyproject.toml"
                    yield secret_at(*found.span(group), "own", as_bytes(found[group]), reason)


def _pattern(word: str) -> re.Pattern[str]:
    """Compile a word: as it is anywhere, in another case between other characters than letters and digits."""
    exact = re.escape(word)
    return re.compile(rf"{exact}|(?<![A-Za-z0-9])(?i:{exact})(?![A-Za-z0-9])")
