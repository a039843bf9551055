r"""
Values that are known to be secret, found wherever else they are: in JSON, HTML, addresses and base64, in any spelling.

A value is found by its longest run of letters and digits, which no format spells otherwise; then the characters around
it are compared in every spelling (`\u00fc`, `\/`, `&#39;`, `%2F`).  One pass over the runs of a text serves all values,
so that a file with a thousand secrets takes no longer than one with ten.
"""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Collection, Iterator
from functools import lru_cache
from html.entities import html5
from typing import Final
from urllib.parse import quote, unquote

from chatgptfree_mock.tape.redaction.byte_search import ALPHANUMERIC, class_table, runs
from chatgptfree_mock.tape.redaction.findings import unescaped
from chatgptfree_mock.tape.redaction.values import looks_mixed, looks_random

_TABLE: Final = class_table(ALPHANUMERIC)
_FEW: Final = 64
"""Up to here, searches for one value each are faster than one look at each run."""
_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_GRAM: Final = 8
_STEP: Final = 4
_GLUED: Final = _GRAM + _STEP - 1
"""From this length on a run is found inside a longer one as well."""
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ESCAPES: Final = re.compile(r"[\\%&+\x80-\xff]")
"""One of these is in each spelling of a value that is not the value itself."""
_LONGEST_SPELLING: Final = 14
"""How many characters spell one."""


def is_telling(rule: str, value: str) -> bool:
    """Return whether *value* is secret wherever it is met; a word or a short number is not."""
    if rule in ("emails", "phones", "payment") or (rule == "addresses" and ("." in value or ":" in value)):
        return False  # they show by themselves
    if rule == "own" or (rule == "nonces" and len(value) >= 8):
        return len(value) >= 5
    if looks_random(value) or looks_mixed(value):
        return True
    return len(value) >= 6 and any(map(str.isdigit, value)) and not value.isdigit()


@lru_cache(1)
def _entity_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, character in html5.items():
        if name.endswith(";") and len(character) == 1:
            names.setdefault(character, []).append(name)
    return names


def spellings(value: str) -> str:
    """Return a pattern for *value*, characters of a text, in all the spellings of JSON, HTML and addresses."""
    return "".join(map(_spelled, value))


@lru_cache(4096)
def _spelled(character: str) -> str:
    code = ord(character)
    if code < 128 and character.isalnum():
        return character
    utf8 = character.encode("utf-8", "surrogatepass")
    found = [re.escape(utf8.decode("latin-1")), "".join(f"%(?:25)*(?i:{byte:02x})" for byte in utf8)]
    found.append(rf"&(?:amp;)*#0*{code};?")
    found.append(rf"&(?:amp;)*#[xX]0*(?i:{code:x});?")
    found += [f"&(?:amp;)*{re.escape(name)}" for name in _entity_names().get(character, ())]
    if code > 0xFFFF:
        high, low = 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)
        found.append(rf"\\+[uU](?i:{high:04x})\\+[uU](?i:{low:04x})")
    else:
        found.append(rf"\\+u(?i:{code:04x})")
    found.append(rf"\\+u\{{0*(?i:{code:x})\}}")
    if code < 256:
        found.append(rf"\\+x(?i:{code:02x})")
        found.append(re.escape(character))
    if character == " ":
        found.append(r"\+")
    elif character in "/'\"":
        found.append(rf"\\+{character}")
    elif character == "\n":
        found.append(r"\\+n")
    elif character == "\\":
        found.append(r"\\\\")
    return f"(?:{'|'.join(dict.fromkeys(found))})"


class Known:
    """Values and their placeholders; see the module."""

    def __init__(self) -> None:
        self._by_run: dict[str, list[str]] = {}
        self._by_gram: dict[str, set[str]] = {}
        self._in_base64: set[str] = set()
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._values: set[str] = set()
        self._shortest = sys.maxsize

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, value: str) -> bool:
        """Look for *value*, as UTF-8 of one character a byte, from now on; return whether that is new and possible."""
        if value in self._values:
            return False
        runs = _RUN.findall(value)
        anchor = max(runs, key=len, default="")
        if len(anchor) < (4 if len(value) >= 8 else 5):
            return False
        self._values.add(value)
        self._by_run.setdefault(anchor, []).append(value)
        self._shortest = min(self._shortest, len(anchor))
        if len(anchor) >= _GLUED:
            self._add_grams(anchor, value)
        for core in _cores(value):
            self._add_grams(core, value)
            self._in_base64.add(core)
        return True

    def _add_grams(self, run: str, value: str) -> None:
        for at in range(_STEP):
            self._by_gram.setdefault(run[at : at + _GRAM], set()).add(value)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield from, to and value of each known value in *text*; base64 apart (see `find_base64`)."""
        if len(text) < self._shortest:
            return
        for start, end in _runs_with(self._by_run, text, self._shortest):
            run = text[start:end]
            values = self._by_run.get(run)
            if values is None and len(run) > self._shortest:
                yield from self._glued(text, start, run)
                continue
            for value in values or ():
                if value == run:
                    yield start, end, value
                elif found := self._around(text, start, end, value):
                    yield *found, value

    def _glued(self, text: str, start: int, run: str) -> Iterator[tuple[int, int, str]]:
        """Look inside a run that an escape before it (`%2F`, a line feed of JSON) or a word joined to it lengthened."""
        for cut in range(1, 8) if text[start - 1 : start] in ("\\", "%") else ():  # from \n and %2F to %5Cu0022
            for value in self._by_run.get(run[cut:], ()):
                if found := self._around(text, start + cut, start + len(run), value):
                    yield *found, value
        if len(run) > _GRAM:
            for value in {value for gram in _grams(run) for value in self._by_gram.get(gram, ())}:
                at = run.find(value)
                if at >= 0:
                    yield start + at, start + at + len(value), value
                elif found := self._around(text, start, start + len(run), value):
                    yield *found, value

    def _around(self, text: str, start: int, end: int, value: str) -> tuple[int, int] | None:
        """Return the part of *text* that spells *value*; it holds a part of the run from *start* to *end*."""
        at = text.find(value, max(0, start - len(value) + 1), end + len(value) - 1)
        if at >= 0:
            return at, at + len(value)
        reach = _LONGEST_SPELLING * len(value)
        if not _ESCAPES.search(text, max(0, start - reach), end + reach):
            return None
        pattern = self._patterns.get(value)
        if pattern is None:
            pattern = self._patterns[value] = re.compile(spellings(unescaped(value)))
        near = pattern.finditer(text, max(0, start - reach), end + reach)
        return next((found.span() for found in near if found.start() < end and found.end() > start), None)

    def find_base64(self, text: str) -> Iterator[tuple[int, int, str, tuple[str, ...]]]:
        """Yield from and to of each stretch of base64 that holds known values, decoded, and these values."""
        if not self._in_base64 or len(text) < _GLUED:
            return
        for start, end in _runs_with(self._in_base64, text, _GLUED):
            values = {value for gram in _grams(text[start:end]) for value in self._by_gram.get(gram, ())}
            if not values:
                continue
            lead = re.search(r"[A-Za-z0-9+/_-]*\Z", text[max(0, start - 400) : start])
            first = start - (len(lead[0]) if lead else 0)
            stretch = _BASE64.match(text, first)
            if stretch is not None and (decoded := _decoded(stretch[0])) is not None:
                held = tuple(sorted(value for value in values if value in decoded))
                if held:
                    yield first, stretch.end(), decoded, held


def encoded_like(source: str, decoded: str) -> str:
    """Return *decoded* as base64 of the alphabet and padding of *source*, percent-encoded if that is."""
    if "%" in source:
        return quote(encoded_like(unquote(source), decoded), safe="")
    text = base64.b64encode(decoded.encode("latin-1")).decode()
    if "-" in source or "_" in source:
        text = text.replace("+", "-").replace("/", "_")
    return text if source.endswith("=") or len(source) % 4 == 0 else text.rstrip("=")


def _decoded(text: str) -> str | None:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return None
    return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("latin-1")


def _cores(value: str) -> Iterator[str]:
    """Yield what base64 makes of *value* at each of the three places where it can begin, without its neighbours."""
    data = value.encode("latin-1", "replace")
    for lead in range(3):
        text = base64.b64encode(b"\0" * lead + data).decode().rstrip("=")
        first, last = (0, 2, 3)[lead], len(text) - (1 if (lead + len(data)) % 3 else 0)
        runs = _RUN.findall(text[first:last])
        if runs and len(longest := max(runs, key=len)) >= _GLUED:
            yield longest


def _grams(run: str) -> Iterator[str]:
    for at in range(0, len(run) - _GRAM + 1, _STEP):
        yield run[at : at + _GRAM]


def _runs_with(anchors: Collection[str], text: str, length: int) -> Iterator[tuple[int, int]]:
    """Yield from and to of the runs that can hold one of *anchors*; if these are many, of all of at least *length*."""
    data = text.encode("latin-1", "replace")
    if len(anchors) > _FEW:
        yield from runs(data.translate(_TABLE), length)
    elif present := [anchor for anchor in anchors if anchor in text]:
        classes = data.translate(_TABLE)
        yield from sorted({run for anchor in present for run in _runs_around(classes, text, anchor)})


def _runs_around(classes: bytes, text: str, anchor: str) -> Iterator[tuple[int, int]]:
    at = text.find(anchor)
    while at >= 0:
        end = classes.find(b"\0", at)
        end = len(classes) if end < 0 else end
        yield classes.rfind(b"\0", 0, at) + 1, end
        at = text.find(anchor, end)
