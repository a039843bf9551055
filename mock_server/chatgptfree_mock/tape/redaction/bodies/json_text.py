"""
Find secrets in JSON, in lines of JSON and in event streams of JSON, without parsing and rewriting it.

A value under a secret name is found by its key.  Strings without escapes are searched as they are; those with escapes
are decoded and read on their own, as JSON, HTML, an address or text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, chain
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies import name_value_objects
from chatgptfree_mock.tape.redaction.bodies.encoded_text import encoded_secrets
from chatgptfree_mock.tape.redaction.bodies.json_objects import (
    BLANK,
    SPACED_KEY,
    STRING,
    listed_object_secrets,
    object_secrets,
)
from chatgptfree_mock.tape.redaction.bodies.quick_check import name_ends, string_signs
from chatgptfree_mock.tape.redaction.bodies.tables import table_places
from chatgptfree_mock.tape.redaction.names.rules import SEPARATOR, Context
from chatgptfree_mock.tape.redaction.names.secret_names import (
    Name,
    classify,
    classify_holder,
    is_password,
    may_end_holder,
    may_end_name,
    needs_query,
    open_endings,
    squeezed,
)
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, is_token, looks_random
from chatgptfree_mock.tape.redaction.running_text.copied_headers import cookie_pairs, scheme_length
from chatgptfree_mock.tape.redaction.running_text.named_values import named_values
from chatgptfree_mock.tape.redaction.running_text.pattern_search import SPACED, Signs, pattern_secrets, signs_in
from chatgptfree_mock.tape.redaction.text.base64_stretches import base64_stretches
from chatgptfree_mock.tape.redaction.text.findings import Secret, Span, secret_at
from chatgptfree_mock.tape.redaction.text.views import json_text, json_view

_FROM_ESCAPE: Final = LazyPattern(r"\\(?:\Z|.[^\"\\\n\r]*+(?:\\.[^\"\\\n\r]*+)*+)", re.DOTALL)
"""The rest of a string, from its first escape on."""
_COLON: Final = LazyPattern(r"\"[ \t\r\n]*+:")
_CLOSED: Final = LazyPattern(r"\"[ \t\r\n]*+(?:[,:\]}]|\Z)")
_NUMBER: Final = LazyPattern(r"-?[0-9]+(?![0-9.eE])")
_LIST: Final = LazyPattern(r"\[[^\[\]{}]*+")
_OBJECTS: Final = LazyPattern(r"\[[ \t\r\n]*+\{")
_LISTED: Final = LazyPattern(
    r"\[[ \t\r\n]*+\"([^\"\\\n]{2,80}+)\"[ \t\r\n]*+,(?=[ \t\r\n]*+\"[^\"\\\n]*+\"[ \t\r\n]*+\])"
)
"""`["Authorization", "…"]`"""
_SENTENCE_BLANKS: Final = 3
_BLANKS: Final = 80
_PAIRED_ENDINGS: Final = tuple({name[-4:] for name in name_value_objects.KEYS})
_MAY_LIST_NAMES: Final = frozenset({"secrets", "credentials", "tokens", "keys", "cookies"})
"""Lists of what things are called rather than of secrets: `"secrets": ["database-password", "tls"]`."""
_PUNCTUATION: Final = LazyPattern(r"[^A-Za-z0-9\[\]]")
_OAUTH: Final = ('"grant_type"', '"redirect_uri"', '"code_verifier"', '"response_type"')


def json_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets in JSON, or in lines that hold JSON; a text that was cut off is read as far as it goes."""
    escaped = list(_escaped_strings(text))
    if "<" in text:
        escaped = sorted([*escaped, *_marked_strings(text)])
    outside = _Outside(text, escaped)
    signs = signs_in(outside.text)
    yield from _decoded(text, escaped, context)
    yield from _as_it_is(outside, signs, context)
    spaced = any(map(signs.__contains__, SPACED))
    keys = _secret_keys(text, context, open_endings(outside.text, signs), spaced=spaced)
    yield from _values_of_names(text, chain(keys, _escaped_keys(text, escaped)), context)


def _decoded(text: str, strings: list[Span], context: Context) -> Iterator[Secret]:
    """Read the decoded strings that have a sign of a secret, each different one once, and all in one go."""
    places: dict[str, list[int]] = {}
    for start, end in strings:
        places.setdefault(text[start:end], []).append(start)
    sources = list(_with_signs(list(places), context))
    for number, secret in context.nested_all([json_view(source).text for source in sources]):
        (found,) = json_view(sources[number]).back([secret])
        for at in places[sources[number]]:
            yield found.moved(at)


def _with_signs(sources: list[str], context: Context) -> Iterable[str]:
    """Yield those of *sources*, the insides of strings, that may hold a secret once they are decoded."""
    values = json_text(SEPARATOR.join(sources)).split(SEPARATOR)
    joined = SEPARATOR.join(values)
    literals = signs_in(joined)
    starts = list(accumulate((len(value) + len(SEPARATOR) for value in values), initial=0))[:-1]
    signs = string_signs(joined, starts, context.rules, literals) if len(values) == len(sources) else None
    if signs is None:
        return sources
    shown = (span[0] for secret in pattern_secrets(joined, literals) for span in secret.spans)
    coded = (stretch.start for stretch in base64_stretches(joined))
    places = chain(shown, coded, table_places(joined, context.rules))
    return (sources[number] for number in sorted({*signs, *(bisect_right(starts, at) - 1 for at in places)}))


def _escaped_strings(text: str) -> Iterator[Span]:
    """
    Yield the inside of each string that holds an escape.

    A backslash is inside a string always, and the last quote before the first one of a string opened it.
    """
    reached = 0
    for rest in _FROM_ESCAPE.finditer(text):
        at, end = rest.span()
        start = text.rfind('"', reached, at) + 1
        broken = start <= reached or text.find("\n", start, at) >= 0 or text.find("\r", start, at) >= 0
        yield (at if broken else start), end
        reached = end + 1


def _marked_strings(text: str) -> Iterator[Span]:
    """Yield the inside of each string without escapes that holds what may be a tag."""
    end = 0
    while (at := text.find("<", end)) >= 0:
        start, end = text.rfind('"', end, at) + 1, text.find('"', at)
        if end < 0:
            return
        string = text[start:end]
        opened = start and text[max(0, start - 1 - _BLANKS) : start - 1].rstrip()[-1:] in (":", ",", "[", "{")
        if opened and _CLOSED.match(text, end) and not any(mark in string for mark in "\\\n\r"):
            yield start, end
        end += 1


def _as_it_is(outside: _Outside, signs: Signs, context: Context) -> Iterator[Secret]:
    """Read what is outside the strings that have to be decoded."""
    yield from outside.back(pattern_secrets(outside.text, signs))
    yield from outside.back(encoded_secrets(outside.text, context))
    yield from outside.back(named_values(outside.text, context, signs, quotes=False))


class _Outside:
    """The parts of a text outside of *spans*, joined by a backslash each, and the way back."""

    def __init__(self, text: str, spans: list[Span]) -> None:
        self._starts = starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        self.text = "\\".join(map(text.__getitem__, map(slice, starts, ends)))
        self._joined = list(accumulate((end - start + 1 for start, end in zip(starts, ends, strict=True)), initial=0))

    def back(self, secrets: Iterable[Secret]) -> Iterator[Secret]:
        for secret in secrets:
            number = bisect_right(self._joined, secret.spans[0][0]) - 1
            if secret.spans[-1][1] < self._joined[number + 1]:
                yield secret.moved(self._starts[number] - self._joined[number])


def _values_of_names(text: str, keys: Iterable[tuple[str, int]], context: Context) -> Iterator[Secret]:
    """Yield the values under secret names: *keys*, each with the place of its value, and names in lists and pairs."""
    for key, at in keys:
        found = _of_key(key, context, text)
        if found is not None:
            yield from _value(text, at, key, found, context)
        if key in name_value_objects.KEYS and (pair := name_value_objects.pair_of(text, at, context.rules)):
            for secret in _value(text, at, pair.name, pair.found, context):
                if not pair.shown or is_token(secret.value):
                    yield secret
    for listed in _LISTED.finditer(text):
        found = context.rules.name(listed[1])
        if found is not None and not needs_query(listed[1]):
            yield from _value(text, listed.end(), listed[1], found, context)


def _secret_keys(text: str, context: Context, begun: frozenset[str], *, spaced: bool) -> Iterator[tuple[str, int]]:
    """
    Yield the keys that may name a secret, and where the value of each begins.

    *begun*: the `open_endings` of the text; *spaced*: whether blanks may be between a key and its colon.
    """
    every = not context.rules.names_end_alike
    is_secret: dict[str, bool] = {}
    for end in name_ends(text, '":', _may_end_key, begun, every=every):
        key = text[text.rfind('"', 0, end) + 1 : end]
        if key not in is_secret:
            is_secret[key] = key in name_value_objects.KEYS or _of_key(key, context, text) is not None
        if is_secret[key]:
            yield key, end + 2
    for found in SPACED_KEY.finditer(text) if spaced else ():
        yield found[1], found.end()


def _escaped_keys(text: str, escaped: list[Span]) -> Iterator[tuple[str, int]]:
    r"""Yield each key that holds an escape, such as `\u0070assword`, decoded, and where its value begins."""
    for start, end in escaped:
        if colon := _COLON.match(text, end):
            yield json_text(text[start:end]), colon.end()


@lru_cache(16384)
def _may_end_key(ending: str) -> bool:
    """Return whether *ending*, the last four characters of a key, may end one that is looked at."""
    _, whole, key = ending.rpartition('"')
    if whole:
        return classify(key) is not None or classify_holder(key) is not None or key in name_value_objects.KEYS
    if not ending.isascii() or may_end_holder(ending) or ending.endswith(_PAIRED_ENDINGS):
        return True
    return may_end_name(_PUNCTUATION.sub("_", ending))


def _of_key(name: str, context: Context, text: str) -> Name | None:
    key = squeezed(name)
    if needs_query(name) and not (key in ("code", "state") and any(each in text for each in _OAUTH)):
        return None
    return context.rules.name(name) or context.rules.holder(name)


def _value(text: str, at: int, name: str, found: Name, context: Context) -> Iterator[Secret]:
    blank = BLANK.match(text, at)
    start = blank.end() if blank else at
    kind = text[start : start + 1]
    reason = f"is the value of the key `{name}`"
    if kind == '"':
        yield from _string(text, start, name, found, context, reason)
    elif kind == "[" and (first := _OBJECTS.match(text, start)):
        yield from listed_object_secrets(text, first.end() - 1, name, found, context)
    elif kind == "[" and (items := _LIST.match(text, start)):
        single, found = _singular(name, found, context)
        for item in STRING.finditer(text, start, items.end()):
            if not (is_password(single) and item[1].count(" ") >= _SENTENCE_BLANKS):  # what is wrong with one
                yield from _string(text, item.start(), single, found, context, f"is in the list `{name}`")
    elif kind == "{":
        yield from object_secrets(text, start, name, found, context)
    elif found.sure and (number := _NUMBER.match(text, start)) and not name.lower().endswith("tokens"):
        long = len(number[0]) >= (3 if found.rule != "sessions" else 6)
        if long and is_secret_value(found, name, number[0], Notation.QUOTED):
            yield secret_at(start, number.end(), found.rule, number[0], reason)


def _singular(name: str, found: Name, context: Context) -> tuple[str, Name]:
    """Return the singular of the list's *name*, with that name's rule; *name* and *found* if it has no secret one."""
    single = (
        context.rules.name(name[:-1]) if name[-1:] in ("s", "S") and squeezed(name) not in _MAY_LIST_NAMES else None
    )
    return (name[:-1], single) if single is not None and single.sure else (name, found)


def _string(text: str, start: int, name: str, found: Name, context: Context, reason: str) -> Iterator[Secret]:
    string = STRING.match(text, start)
    if string is None:
        return
    raw, first = string[1], string.start(1)
    value = json_view(raw).text if "\\" in raw else raw
    if classify_holder(name) is not None:
        found = Name(found.rule, False)
    if found.rule == "cookies" and "\\" not in raw and "=" in raw:
        yield from cookie_pairs(raw, first, context)
    elif (found.rule == "cookies" and not looks_random(value)) or _is_likelihood(text, string.end(), name):
        return
    elif is_secret_value(found, name, value, Notation.QUOTED):
        skipped = scheme_length(raw) if found.rule in ("authorization", "keys") else 0
        if is_secret_value(found, name, value[skipped:], Notation.QUOTED):
            yield secret_at(first + skipped, string.end(1), found.rule, value[skipped:], reason)


def _is_likelihood(text: str, end: int, name: str) -> bool:
    """Return whether a `token` is a word of a model's answer, with its likelihood beside it."""
    return squeezed(name) == "token" and '"logprob' in text[max(0, end - 80) : end + 40]
