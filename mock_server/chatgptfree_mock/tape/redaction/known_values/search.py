r"""
Find known secret values everywhere else: in JSON, HTML, addresses and base64, nested in any way.

A value is found by its longest run of letters and digits, which is seldom escaped, or if that is short by the signs of
a symbol in it; then what is around it is decoded in every way (`\u00fc`, `\/`, `&#39;`, `%2F`, and these in one
another).  One pass over a text serves all values, so that a file with a thousand secrets takes no longer than one with
ten.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.tape.decoding.base64_text import from_base64
from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.known_values.letter_runs import (
    GLUED,
    GRAM,
    STEP,
    as_base64,
    cores_in_base64,
    grams,
    longest_run,
    runs_around,
)
from chatgptfree_mock.tape.redaction.known_values.occurrences import (
    ESCAPED_LETTERS,
    meaning,
    merged,
    places_of,
    regions_around,
    words_with_escaped_letters,
)
from chatgptfree_mock.tape.redaction.known_values.searchable import is_searched_everywhere
from chatgptfree_mock.tape.redaction.known_values.symbol_signs import symbol_signs
from chatgptfree_mock.tape.redaction.text.base64_stretches import VIEWS, base64_stretches
from chatgptfree_mock.tape.redaction.text.character_text import CharacterText
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, Wrapped, unescaped
from chatgptfree_mock.tape.redaction.text.literals import Literals
from chatgptfree_mock.tape.redaction.text.views import as_bytes
from chatgptfree_mock.tape.structured_values import values_in

KnownPlace = tuple[int, int, str]
"""From, to, and the value that is there."""
_BASE64: Final = LazyPattern(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ESCAPE_BEFORE: Final = LazyPattern(r"(?:[\\%]|[&#]\w{1,10};)\Z")
_LONGEST_LEAD: Final = 32
"""The number of characters that may join a run because an escape ends before it, as in `%25255Cu0022`."""
_SHORT: Final = 500
"""Texts up to this length, such as the headers that a site sends again and again, are read once."""
_DEEPEST: Final = 8
"""The depth to which base64 is decoded within base64."""


class KnownValues:
    """The values that are proven secret, each with the secret that proved it; see the module."""

    def __init__(self) -> None:
        self._by_run: dict[str, list[str]] = {}
        self._by_gram: dict[str, set[str]] = {}
        self._by_sign: dict[str, list[str]] = {}
        self._by_symbol: list[str] = []
        self._in_base64: set[str] = set()
        self._exact: dict[str, list[tuple[str, str]]] = {}
        self._first: dict[str, Secret] = {}
        self._read_before: dict[str, list[Secret]] = {}
        self._shortest = sys.maxsize
        self._literals: Literals | None = None
        self._searched: tuple[str, Mapping[bytes, list[int]]] = "", {}

    def __len__(self) -> int:
        """Return how many values are looked for."""
        return len(self._first)

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Look for the values of *secrets* from now on, but for a project's own and for those that may be words."""
        for secret in secrets:
            if secret.rule != "own":
                for value in map(_in_bytes, (secret.value, *values_in(secret.value))):
                    if (
                        value not in self._first
                        and is_searched_everywhere(secret.rule, value)
                        and not is_placeholder(value)
                    ):
                        self._add(replace(secret, value=value))

    def _add(self, secret: Secret) -> None:
        value = secret.value
        anchor = longest_run(value)
        self._first[value] = secret
        self._read_before.clear()
        self._literals, self._searched = None, ("", {})
        if len(anchor) < (4 if len(value) >= 8 else 5):
            self._by_symbol.append(value)
            for sign in symbol_signs(value):
                self._by_sign.setdefault(sign, []).append(value)
        else:
            self._by_run.setdefault(anchor, []).append(value)
            self._shortest = min(self._shortest, len(anchor))
            if len(anchor) >= GLUED:
                self._add_grams(anchor, value)
        cores = list(cores_in_base64(value))
        for core in cores:
            self._add_grams(core, value)
            self._in_base64.add(core)
        if len(cores) < 3:
            for text in as_base64(value):
                self._exact.setdefault(longest_run(text), []).append((text, value))

    def _add_grams(self, run: str, value: str) -> None:
        for at in range(STEP):
            self._by_gram.setdefault(run[at : at + GRAM], set()).add(value)

    def secrets(self, text: str) -> list[Secret]:
        """Return the known secrets in *text*: first those in base64, then the rest in order."""
        if not self._first or (len(text) < self._shortest and not self._by_symbol):
            return []
        if len(text) > _SHORT:
            return [*self._wrapped(text, 0), *self._unwrapped(text)]
        if text not in self._read_before:
            self._read_before[text] = [*self._wrapped(text, 0), *self._unwrapped(text)]
        return self._read_before[text]

    def _unwrapped(self, text: str) -> list[Secret]:
        if not self._literals_in(text):
            return []
        secrets = [self._secret(start, end, value) for start, end, value in self._find(text)]
        return sorted(secrets, key=lambda each: (each.spans[0][0], -each.spans[-1][1]))

    def _wrapped(self, text: str, depth: int) -> Iterator[Secret]:
        for start, end, decoded in base64_stretches(text) if depth < _DEEPEST else ():
            inner = (*self._wrapped(decoded, depth + 1), *self._unwrapped(decoded))
            if inner:
                yield self._secret(start, end, inner[0].value, Wrapped(decoded, inner))
        if not self._literals_in(text):
            return
        for start, end, decoded, values in (*self._in_other_base64(text), *self._in_short_base64(text)):
            inner = tuple(
                self._secret(*found.span(), value)
                for value in values
                for found in re.finditer(re.escape(value), decoded)
            )
            yield self._secret(start, end, values[0], Wrapped(decoded, inner))

    def _secret(self, start: int, end: int, value: str, wrapped: Wrapped | None = None) -> Secret:
        first = self._first[value]
        how = "holds in base64" if wrapped else "is"
        return Secret(((start, end),), first.rule, value, f"{how} a value that elsewhere {first.reason}", wrapped)

    def _find(self, text: str) -> Iterator[KnownPlace]:
        regions = list(words_with_escaped_letters(text, self._literals_in(text)))
        for value, runs in chain(self._candidates(text).items(), self._signed(text).items()):
            found, others = places_of(text, value, runs)
            yield from ((*place, value) for place in found)
            regions += regions_around(text, value, others)
        for start, end in merged(regions):
            characters = CharacterText(text[start:end])
            for view in islice(located_views(characters.text, most=VIEWS), 1, None):
                for value, runs in self._candidates(view.text).items():
                    for place in places_of(view.text, value, runs)[0]:
                        inner = characters.span(*view.span(*place))
                        yield start + inner[0], start + inner[1], value
                for value in self._by_symbol:
                    for place in (found.span() for found in meaning(value).finditer(view.text)):
                        inner = characters.span(*view.span(*place))
                        yield start + inner[0], start + inner[1], value

    def _signed(self, text: str) -> Mapping[str, list[Span]]:
        """Return the values without a long run that may be in *text*, each with where a sign of it is."""
        signs: dict[str, list[Span]] = {}
        for literal, places in self._literals_in(text).items() if self._by_sign else ():
            for value in self._by_sign.get(literal.decode("latin-1"), ()):
                signs.setdefault(value, []).extend((at, at + len(literal)) for at in places)
        return signs

    def _candidates(self, text: str) -> Mapping[str, list[Span]]:
        """Return the values that may be in *text*, each with the runs that may be part of it."""
        runs: dict[str, list[Span]] = {}
        for start, end in self._runs_with(self._by_run, text):
            run = text[start:end]
            if run in self._by_run:
                places: Iterable[KnownPlace] = ((start, end, value) for value in self._by_run[run])
            else:
                places = self._in_longer_run(text, start, run)
            for first, last, value in places:
                runs.setdefault(value, []).append((first, last))
        return runs

    def _in_longer_run(self, text: str, start: int, run: str) -> Iterator[KnownPlace]:
        """Look inside a run that an escape before it (`%2F`, a line feed of JSON) or a word joined to it lengthened."""
        for cut in range(1, _LONGEST_LEAD) if _ESCAPE_BEFORE.search(text[max(0, start - 12) : start]) else ():
            for value in self._by_run.get(run[cut:], ()):
                yield start + cut, start + len(run), value
        if len(run) > GRAM:
            for value in {value for gram in grams(run) for value in self._by_gram.get(gram, ())}:
                yield start, start + len(run), value

    def _runs_with(self, anchors: Container[str], text: str) -> Iterator[Span]:
        """Yield from and to of the runs of *text* that one of *anchors* is in."""
        found = self._literals_in(text).items()
        if places := [place for anchor, places in found if anchor.decode("latin-1") in anchors for place in places]:
            yield from runs_around(places, text)

    def _literals_in(self, text: str) -> Mapping[bytes, list[int]]:
        """Return where the runs that show a value are in *text*, and which signs of escapes are."""
        if self._literals is None:
            runs = (*self._by_run, *self._in_base64, *self._exact, *self._by_sign)
            signs = (sign.encode() for sign, _ in ESCAPED_LETTERS)
            self._literals = Literals((run.encode("latin-1") for run in runs), signs, lasting=False)
        if text is not self._searched[0]:
            self._searched = text, self._literals.find(text.encode("latin-1", "replace"))
        return self._searched[1]

    def _in_other_base64(self, text: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        """Yield from and to of each stretch of base64 of any bytes that holds known values, decoded, and these."""
        if not self._in_base64 or len(text) < GLUED:
            return
        for start, end in self._runs_with(self._in_base64, text):
            values = {value for gram in grams(text[start:end]) for value in self._by_gram.get(gram, ())}
            if not values:
                continue
            lead = re.search(r"[A-Za-z0-9+/_-]*\Z", text[max(0, start - 400) : start])
            first = start - (len(lead[0]) if lead else 0)
            stretch = _BASE64.match(text, first)
            data = from_base64(stretch[0]) if stretch is not None else None
            if stretch is not None and data is not None:
                decoded = data.decode("latin-1")
                held = tuple(sorted(value for value in values if value in decoded))
                if held:
                    yield first, stretch.end(), decoded, held

    def _in_short_base64(self, text: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        """Yield each place that is the base64 of a short value and nothing else, as `_in_other_base64` does."""
        if not self._exact:
            return
        for start, end in self._runs_with(self._exact, text):
            for coded, value in self._exact.get(text[start:end], ()):
                first = start - coded.index(text[start:end])
                last = first + len(coded)
                if (
                    first >= 0
                    and text.startswith(coded, first)
                    and not re.match("[A-Za-z0-9+/_-]", text[last : last + 1])
                ):
                    padding = text[last : last + 2]
                    yield first, last + len(padding) - len(padding.lstrip("=")), value, (value,)


def _in_bytes(value: str) -> str:
    """Return *value* as one character a byte of its UTF-8 if it is Latin-1, as in a header."""
    return value if value.isascii() or unescaped(value) != value else as_bytes(value)
