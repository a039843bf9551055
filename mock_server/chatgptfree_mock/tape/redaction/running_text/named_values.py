"""
Values under secret names in running text: `password: hunter2`, `?token=…`, `export API_KEY=…`, `apiKey = "…"`.

Prose, source code and settings look alike here, so that an unquoted value counts only if it is neither an expression
nor a word of a sentence.  The text is cut at `=` and at `:`, and only what leads to one is looked at: linear, and fast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, compress
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import (
    Name,
    ending_of,
    is_password,
    may_end_name,
    needs_query,
    open_endings,
)
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value
from chatgptfree_mock.tape.redaction.running_text.copied_headers import cookie_pairs, scheme_length
from chatgptfree_mock.tape.redaction.running_text.named_calls import OPENINGS, called_values
from chatgptfree_mock.tape.redaction.running_text.names_before import REACH, name_at_end, promising_endings
from chatgptfree_mock.tape.redaction.running_text.pattern_search import Signs, signs_in
from chatgptfree_mock.tape.redaction.running_text.quotes import LONGEST, QUOTE, closing
from chatgptfree_mock.tape.redaction.running_text.second_arguments import second_arguments
from chatgptfree_mock.tape.redaction.running_text.yaml_values import yaml_values
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at, unescaped
from chatgptfree_mock.tape.redaction.text.views import url_view

_NameAtEnd = tuple[str, str, bool]
"""A name, what leads to it, and whether it is quoted."""
_UNQUOTED: Final = {mark: LazyPattern(rf"{mark}(?<![\"'`]{mark})") for mark in "=:"}
_AFTER: Final = LazyPattern(r">?[ \t]*+")
_BARE: Final = LazyPattern(r"[^\s&;,\"'`<>\\|]+", re.ASCII)
_TYPED: Final = LazyPattern(r"(?:&?'?[\w<>\[\]?.]++[ ]?){1,3}+=[ ]?(?=[\"'`])", re.ASCII)
"""A type between a name and its value: `let key: &'static str = "…"`, `val key: String? = "…"`."""
_PREFIX: Final = LazyPattern(
    r"(?:[\"'](?:[A-Z][A-Za-z]{1,9}[ ])?[\"'](?:\.concat\(|[ ]?\+[ ]?)|@|[bfruBFRU]{1,2}"
    r"|(?:String::from|Some|SecretStr|Secret|aws\.String|ptr\.To|String\.valueOf|(?:unsafeP|p)lainText|\[\]byte)\()(?=[\"'])"
)
"""What may be before a string: of C#, Objective-C and Python, and what makes a value of one."""
_PERL: Final = LazyPattern(r"qq?[ ]?[({\[|](?P<value>[^\s(){}\[\]|]{4,400})[)}\]|]")
"""A string of Perl between marks of its own: `q(…)`."""
_DEFAULT: Final = LazyPattern(r"\$\{\w+\Z", re.ASCII)
"""Before what a shell does if a variable is not set, as in `${API_KEY:?missing}`."""
_LINE: Final = 200
_TAG: Final = LazyPattern(r"!{1,2}[A-Za-z]\w{0,30}(?=\s|\Z)|&[A-Za-z]\w{0,30}[ ]")
_LINE_VALUE: Final = LazyPattern(r"[ \t]*(?:[\r\n]|\\[nr]|\Z)")
_BRIEF: Final = 500
"""In a text that is shorter, all names are looked at closely."""
_SEPARATORS: Final = 8
"""More of these than any one value has."""
_GLANCE: Final = 128


def named_values(text: str, context: Context, signs: Signs | None = None, *, quotes: bool = True) -> Iterator[Secret]:
    """
    Yield the values under secret names in *text*.

    *signs*: what `signs_in` finds in the text, if it is known already.
    *quotes* is off for text between the quotes of a format (JSON), whose strings are read by themselves.
    """
    every = len(text) < _BRIEF or not context.rules.names_end_alike
    begun = frozenset[str]() if every else open_endings(text, signs_in(text) if signs is None else signs)
    for separator in "=:":
        if separator in text:
            separated = _separated if quotes else _separated_unquoted
            yield from _values(text, separated(text, separator, begun, every=every), context, quotes)
    yield from called_values(text, context, OPENINGS if quotes else OPENINGS[1:])
    for mark in "\"'" if quotes else "":
        if f"{mark}, " in text:
            yield from second_arguments(text, mark, begun, context, every=every)


def _ends_quoted(ending: str) -> bool:
    return ending.rstrip(" \t:]")[-1:] in ('"', "'", "`")


def _separated(text: str, separator: str, begun: frozenset[str], *, every: bool) -> Iterator[tuple[int, str]]:
    """Yield the places of *separator* that may follow a secret's name, each with the text before it."""
    pieces = text.split(separator)[:-1]
    promising = promising_endings(pieces, begun, every=every)
    if promising:
        ends = enumerate(accumulate(map(len, pieces)))
        for piece, (number, end) in compress(
            zip(pieces, ends, strict=True), map(promising.__contains__, map(ending_of, pieces))
        ):
            yield end + number, piece[-REACH:]


def _separated_unquoted(text: str, separator: str, begun: frozenset[str], *, every: bool) -> Iterator[tuple[int, str]]:
    """Yield what `_separated` does, but for places after a quote, as after a key of JSON."""
    for found in _UNQUOTED[separator].finditer(text):
        at = found.start()
        first = max(0, at - REACH)
        piece = text[max(first, text.rfind(separator, first, at) + 1) : at]
        ending = ending_of(piece)
        if (every or may_end_name(ending) or ending in begun) and not _ends_quoted(ending):
            yield at, piece


def _values(text: str, places: Iterable[tuple[int, str]], context: Context, quotes: bool) -> Iterator[Secret]:
    known: dict[str, tuple[_NameAtEnd, Name] | None] = {}
    reached = 0
    parity = _Parity(text)
    for at, tail in places:
        if not tail:
            continue
        tail = tail[tail.rfind(" ", 0, len(tail.rstrip(" \t:"))) + 1 :]
        if tail not in known:
            named = name_at_end(tail)
            found = context.rules.name(named[0]) if named else None
            known[tail] = (named, found) if named and found else None
        counting = known[tail]
        if counting is not None and at >= reached and text[at + 1 : at + 2] not in ("=", ":", ""):
            for secret in _value(text, at, tail, *counting, context, parity if quotes else None):
                yield secret
                reached = secret.spans[-1][1]


class _Parity:
    """Whether a place lies inside quotes on its line; asked from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._open = text, 0, {'"': False, "'": False, "`": False}

    def inside(self, quote: str, at: int) -> bool:
        between = self._text[self._at : at]
        line = between.rfind("\n")
        for each in self._open:
            odd = between.count(each, line + 1) % 2 == 1
            self._open[each] = odd if line >= 0 else self._open[each] != odd
        self._at = at
        return self._open[quote]


def _value(
    text: str, at: int, tail: str, named: _NameAtEnd, found: Name, context: Context, parity: _Parity | None
) -> Iterator[Secret]:
    name, _, quoted_name = named
    after = _AFTER.match(text, at + 1)
    start = after.end() if after else at + 1
    prefix = _PREFIX.match(text, start)
    quote = QUOTE.match(text, prefix.end() if prefix else start)
    if quote is None and text[at] == ":" and (typed := _TYPED.match(text, start, start + _GLANCE)):
        quote = QUOTE.match(text, typed.end())
    if quote is None:
        if parity is not None or not quoted_name:
            yield from _unquoted(text, at, start, named, found, context, multiline=parity is not None)
        return
    mark = quote[0]
    if parity is None or (not quoted_name and parity.inside(mark[-1], at)) or tail.endswith(mark[-1] * 2):
        return
    start = quote.end()
    end = closing(text, start, mark)
    value = text[start:end] if end >= 0 else ""
    if value and "\n" not in value:
        yield from _quoted(name, found, value, start, f"is the value of `{name}`")


def _unquoted(
    text: str, at: int, start: int, named: _NameAtEnd, found: Name, context: Context, *, multiline: bool
) -> Iterator[Secret]:
    """Yield the secrets in what begins at *start* without a quote; a cookie ends with its line, if *multiline*."""
    name, lead, _ = named
    reason = f"is the value of `{name}`"
    if text[at] == ":" and lead not in ("?", "&"):
        if text.rfind("{{", max(0, start - _LINE), start) > text.rfind("}}", max(0, start - _LINE), start):
            return  # a reference, such as `{{resolve:secretsmanager:name:SecretString:password}}`
        if (listed := list(yaml_values(text, start, name, found, reason))) or _TAG.match(text, start):
            yield from listed
            return
    in_query = lead in ("?", "&", "&amp;", ";")
    if (needs_query(name) and not in_query) or (
        text[at + 1 : at + 2] == "?" and _DEFAULT.search(text[max(0, at - REACH) : at])
    ):
        return
    if found.rule == "cookies":
        if _is_list(text, start, text[at]):
            return
        line = text[start : min(len(text), start + LONGEST)].partition("\n" if multiline else '"')[0]
        yield from cookie_pairs(line, start, context)
        return
    yield from _perl(text, start, name, found, reason)
    yield from _bare(text, start, name, found, in_query, reason, text[at] == "=" and start == at + 1)


def _perl(text: str, start: int, name: str, found: Name, reason: str) -> Iterator[Secret]:
    string = _PERL.match(text, start, start + LONGEST)
    if string is not None:
        yield from _quoted(name, found, string["value"], string.start("value"), reason)


def _quoted(name: str, found: Name, value: str, start: int, reason: str) -> Iterator[Secret]:
    skipped = scheme_length(value) if found.rule in ("authorization", "keys") else 0
    if needs_query(name):
        return
    if is_secret_value(found, name, value[skipped:], Notation.QUOTED):
        yield secret_at(start + skipped, start + len(value), found.rule, value[skipped:], reason)


def _bare(text: str, start: int, name: str, found: Name, in_query: bool, reason: str, tight: bool) -> Iterator[Secret]:
    if _is_list(text, start, text[start - 1 : start] or ":"):
        return
    raw = _BARE.match(text, start, start + LONGEST)
    if raw is None or text.count(text[start - 1 : start] or ":", *raw.span()) > _SEPARATORS:
        return
    if scheme := scheme_length(text[start : start + 40]) if found.rule in ("authorization", "keys") else 0:
        start += scheme
        raw = _BARE.match(text, start, start + LONGEST) or raw
    shown = raw[0]
    end = raw.end() - len(shown) + len(shown.rstrip(".)]}!?" if not in_query else ")]}"))
    value = text[start:end]
    if in_query and "%" in value:
        value = url_view(value).text
    notation = Notation.FIELD if in_query or (is_password(name) and _alone(text, start, end, tight)) else Notation.BARE
    if notation is Notation.FIELD and any(mark in shown for mark in ("${", "{{", "<%", "(")):
        return
    if notation is Notation.BARE and shown.endswith("=") and text[raw.end() : raw.end() + 1] == ">":
        return  # an arrow function
    if notation is Notation.BARE and any(mark in shown for mark in "([{$"):
        return
    if notation is Notation.FIELD and not in_query and not value.isascii() and unescaped(value).isalpha():
        return  # a word of a language
    if is_secret_value(found, name, value, notation):
        yield secret_at(start, end, found.rule, value, reason)


def _is_list(text: str, start: int, separator: str) -> bool:
    """Return whether what begins at *start* has more of *separator* than any value: a short look, as rows are long."""
    end = start + _GLANCE
    return text.count(separator, start, end) > _SEPARATORS and (
        (raw := _BARE.match(text, start, end)) is not None and text.count(separator, *raw.span()) > _SEPARATORS
    )


def _alone(text: str, start: int, end: int, tight: bool) -> bool:
    """Return whether a line holds the name and its value only, as in `.env` and YAML files and in `a=1 password=x`."""
    if not _LINE_VALUE.match(text, end) and not (tight and text[end : end + 1] in (" ", "&")):
        return False
    line = text[max(text.rfind("\n", max(0, start - 200), start) + 1, start - 200) : start]
    return tight or len(line.split()) <= 2
