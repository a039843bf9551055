r"""
Values that are known to be secret, found wherever else they are: in JSON, HTML, addresses and base64, however nested.

A value is found by its longest run of letters and digits, which is seldom escaped; then what is around it is decoded in
every way (`\u00fc`, `\/`, `&#39;`, `%2F`, and these in one another).  One pass over a text serves all values, so that
a file with a thousand secrets takes no longer than one with ten.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Final

from chatgptfree_mock.tape.decoding.base64_text import from_base64
from chatgptfree_mock.tape.decoding.located_views import located_views
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.base64_stretches import VIEWS, base64_stretches
from chatgptfree_mock.tape.redaction.byte_search import ALPHANUMERIC, class_table
from chatgptfree_mock.tape.redaction.character_text import CharacterText, whole_characters
from chatgptfree_mock.tape.redaction.findings import Secret, Span, Wrapped, unescaped
from chatgptfree_mock.tape.redaction.literals import Literals
from chatgptfree_mock.tape.redaction.values import looks_mixed, looks_random
from chatgptfree_mock.tape.structured_values import values_in

Place = tuple[int, int, str]
"""From, to, and the value that is there."""
_TABLE: Final = class_table(ALPHANUMERIC)
_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_GRAM: Final = 8
_STEP: Final = 4
_GLUED: Final = _GRAM + _STEP - 1
"""From this length on a run is found inside a longer one as well."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ESCAPES: Final = re.compile(r"[\\%&+\x80-\xff]")
"""One of these is in each spelling of a value that is not the value itself."""
_HEX_OF_LETTER: Final = "(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa])"
_ESCAPED_LETTERS: Final = tuple(
    (sign, re.compile(sign.replace("\\", r"\\") + pattern))
    for sign, pattern in (
        ("%", f"(?:25)*{_HEX_OF_LETTER}"),
        ("\\u00", _HEX_OF_LETTER),
        ("\\x", _HEX_OF_LETTER),
        ("#", f"(?:[xX]0*{_HEX_OF_LETTER}|0*(?:4[89]|5[0-7]|6[5-9]|[789][0-9]|1[012][0-9]));"),
    )
)
"""Escapes where none is needed, of a letter or a digit: their sign, and the whole."""
_WORD: Final = 600
_WORD_AROUND: Final = re.compile(rf"[^\s\"'<>]{{0,{_WORD}}}")
_LONGEST_SPELLING: Final = 420
"""The most characters that spell one other than a letter or a digit: four codings in one another take as many."""
_ESCAPE_BEFORE: Final = re.compile(r"(?:[\\%]|[&#]\w{1,10};)\Z")
_LONGEST_LEAD: Final = 32
"""The number of characters that may join a run because an escape ends before it, as in `%25255Cu0022`."""
_SHORT: Final = 500
"""Texts up to this length, such as the headers that a site sends again and again, are read once."""
_DEEPEST: Final = 8
"""The depth to which base64 is decoded within base64."""


def is_telling(rule: str, value: str) -> bool:
    """Return whether *value* is secret wherever it is met; a word or a short number is not."""
    if rule in ("emails", "phones", "payment") or (rule == "addresses" and ("." in value or ":" in value)):
        return False  # they show by themselves
    if rule == "own" or (rule == "nonces" and len(value) >= 8):
        return len(value) >= 5
    if looks_random(value) or looks_mixed(value):
        return True
    return len(value) >= 6 and any(map(str.isdigit, value)) and not value.isdigit()


class Known:
    """The values that are proven secret, each with the secret that proved it; see the module."""

    def __init__(self) -> None:
        self._by_run: dict[str, list[str]] = {}
        self._by_gram: dict[str, set[str]] = {}
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
                for value in (secret.value, *values_in(secret.value)):
                    if value not in self._first and is_telling(secret.rule, value) and not is_placeholder(value):
                        self._add(replace(secret, value=value))

    def _add(self, secret: Secret) -> None:
        value = secret.value
        anchor = _longest_run(value)
        if len(anchor) < (4 if len(value) >= 8 else 5):
            return
        self._first[value] = secret
        self._read_before.clear()
        self._literals, self._searched = None, ("", {})
        self._by_run.setdefault(anchor, []).append(value)
        self._shortest = min(self._shortest, len(anchor))
        if len(anchor) >= _GLUED:
            self._add_grams(anchor, value)
        cores = list(_cores(value))
        for core in cores:
            self._add_grams(core, value)
            self._in_base64.add(core)
        if len(cores) < 3:
            for text in _as_base64(value):
                self._exact.setdefault(_longest_run(text), []).append((text, value))

    def _add_grams(self, run: str, value: str) -> None:
        for at in range(_STEP):
            self._by_gram.setdefault(run[at : at + _GRAM], set()).add(value)

    def secrets(self, text: str) -> list[Secret]:
        """Return what is known to be secret in *text*: first what is wrapped in base64, then the rest in order."""
        if not self._first or len(text) < self._shortest:
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

    def _find(self, text: str) -> Iterator[Place]:
        regions = list(_words_with_escaped_letters(text, self._literals_in(text)))
        for start, end, value in self._candidates(text):
            if found := _directly(text, start, end, value):
                yield *found, value
            elif region := _region(text, start, end, value):
                regions.append(region)
        for start, end in _merged(regions):
            characters = CharacterText(text[start:end])
            for view in islice(located_views(characters.text, most=VIEWS), 1, None):
                for first, last, value in self._candidates(view.text):
                    if found := _directly(view.text, first, last, value):
                        inner = characters.span(*view.span(*found))
                        yield start + inner[0], start + inner[1], value

    def _candidates(self, text: str) -> Iterator[Place]:
        """Yield the runs of *text* that may be part of a value, and the value."""
        for start, end in self._runs_with(self._by_run, text):
            run = text[start:end]
            values = self._by_run.get(run)
            if values is None and len(run) > self._shortest:
                yield from self._in_longer_run(text, start, run)
            for value in values or ():
                yield start, end, value

    def _in_longer_run(self, text: str, start: int, run: str) -> Iterator[Place]:
        """Look inside a run that an escape before it (`%2F`, a line feed of JSON) or a word joined to it lengthened."""
        for cut in range(1, _LONGEST_LEAD) if _ESCAPE_BEFORE.search(text[max(0, start - 12) : start]) else ():
            for value in self._by_run.get(run[cut:], ()):
                yield start + cut, start + len(run), value
        if len(run) > _GRAM:
            for value in {value for gram in _grams(run) for value in self._by_gram.get(gram, ())}:
                yield start, start + len(run), value

    def _runs_with(self, anchors: Container[str], text: str) -> Iterator[Span]:
        """Yield from and to of the runs of *text* that one of *anchors* is in."""
        found = self._literals_in(text).items()
        if places := [place for anchor, places in found if anchor.decode() in anchors for place in places]:
            yield from _runs_around(places, text)

    def _literals_in(self, text: str) -> Mapping[bytes, list[int]]:
        """Return where the runs that show a value are in *text*, and which signs of escapes are."""
        if self._literals is None:
            runs = (*self._by_run, *self._in_base64, *self._exact)
            signs = (sign.encode() for sign, _ in _ESCAPED_LETTERS)
            self._literals = Literals(map(str.encode, runs), signs, lasting=False)
        if text is not self._searched[0]:
            self._searched = text, self._literals.find(text.encode("latin-1", "replace"))
        return self._searched[1]

    def _in_other_base64(self, text: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        """Yield from and to of each stretch of base64 of any bytes that holds known values, decoded, and these."""
        if not self._in_base64 or len(text) < _GLUED:
            return
        for start, end in self._runs_with(self._in_base64, text):
            values = {value for gram in _grams(text[start:end]) for value in self._by_gram.get(gram, ())}
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


def _longest_run(value: str) -> str:
    return max(_RUN.findall(value), key=len, default="")


def _directly(text: str, start: int, end: int, value: str) -> Span | None:
    """Return the part of *text* that is *value*, without any escapes; it holds a part of the run *start* to *end*."""
    first, last = max(0, start - len(value) + 1), end + len(value) - 1
    at = text.find(value, first, last)
    if at >= 0:
        return at, at + len(value)
    if value.isascii() and " " not in value:
        return None
    found = _meaning(value).search(text, first, last)
    return found.span() if found else None


@lru_cache(1024)
def _meaning(value: str) -> re.Pattern[str]:
    """Return a pattern for the characters of *value*; in a form, a plus is a blank (WHATWG URL, 5.1)."""
    return re.compile("|".join({re.escape(each).replace(r"\ ", "[ +]") for each in (unescaped(value), value)}))


def _region(text: str, start: int, end: int, value: str) -> Span | None:
    """Return the part of *text* around a run of *value* that holds the value if it is escaped, or None if it is not."""
    reach = len(value) + _LONGEST_SPELLING * sum(not (each.isascii() and each.isalnum()) for each in value)
    first, last = whole_characters(text, max(0, start - reach), min(len(text), end + reach))
    region = text[first:last]
    if not _ESCAPES.search(region) or not all(run in region for run in _RUN.findall(value)):
        return None
    return first, last


def _words_with_escaped_letters(text: str, literals: Container[bytes]) -> Iterator[Span]:
    for sign, pattern in _ESCAPED_LETTERS:
        reached = 0
        while escape := pattern.search(text, reached) if sign.encode() in literals else None:
            lead = _WORD_AROUND.match(text[max(reached, escape.start() - _WORD) : escape.start()][::-1])
            word = _WORD_AROUND.match(text, escape.end())
            start, reached = escape.start() - (lead.end() if lead else 0), word.end() if word else escape.end()
            yield whole_characters(text, start, reached)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield *spans* in order, those that overlap as one."""
    begun: Span | None = None
    for start, end in sorted(spans):
        if begun is None or start > begun[1]:
            if begun is not None:
                yield begun
            begun = start, end
        else:
            begun = begun[0], max(begun[1], end)
    if begun is not None:
        yield begun


def _as_base64(value: str) -> set[str]:
    data = value.encode("latin-1", "replace")
    return {each.decode().rstrip("=") for each in (base64.b64encode(data), base64.urlsafe_b64encode(data))}


def _cores(value: str) -> Iterator[str]:
    """Yield what base64 makes of *value* at each of the three places where it can begin, without its neighbours."""
    data = value.encode("latin-1", "replace")
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + data).decode().rstrip("=")
        first, last = (0, 2, 3)[lead], len(text) - (1 if (lead + len(data)) % 3 else 0)
        if len(longest := _longest_run(text[first:last])) >= _GLUED:
            yield longest


def _grams(run: str) -> Iterator[str]:
    for at in range(0, len(run) - _GRAM + 1, _STEP):
        yield run[at : at + _GRAM]


def _runs_around(places: Iterable[int], text: str) -> Iterator[Span]:
    """Yield from and to of each run of letters and digits in *text* that one of *places* is in."""
    classes, end = text.encode("latin-1", "replace").translate(_TABLE), 0
    for at in sorted(places):
        if at >= end:
            end = classes.find(b"\0", at)
            end = len(classes) if end < 0 else end
            yield classes.rfind(b"\0", 0, at) + 1, end
