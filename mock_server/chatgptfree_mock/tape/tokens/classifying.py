"""Classify a value that requests send: by its source, by its randomness and by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from chatgptfree_mock.tape.checksums import is_iban
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.tokens.lookup import INSIDE, SourceMatch
from chatgptfree_mock.tape.tokens.randomness import LEAST, is_random, is_unspeakable
from chatgptfree_mock.tape.tokens.request_values import RequestValue
from chatgptfree_mock.tape.tokens.token_block import Return, Token, TokenClass, ValueShape
from chatgptfree_mock.tape.tokens.token_names import NameKind, is_id, is_time, kind_of_name, words_of

_NEAR: Final = 24 * 3600.0
"""Seconds from the time of recording within which a number is a time."""
_EVER: Final = (1e9, 4e9)
"""Unix seconds that count as a time if the name means one and the recording has no date: from 2001 to 2096."""
_TIME: Final = LazyPattern(r"[0-9]{10}(?:[0-9]{3}|\.[0-9]{1,6})?")
NAMED_SO: Final = "received before, and named so"
_LITERALS: Final = frozenset({"true", "false", "null", "none", "undefined", "yes", "no", "on", "off", "new", "default"})
_NUMBER: Final = LazyPattern(r"[+(]{0,2}[0-9][0-9 ().,/-]*")
"""Digits with what people write between them, as in phone numbers: they are drawn for no visit."""
_ALPHABETS: Final = (
    ("digits", LazyPattern(r"[0-9]+")),
    ("hex", LazyPattern(r"[0-9a-f]+")),
    ("letters-digits", LazyPattern(r"[A-Za-z0-9]+")),
    ("base64url", LazyPattern(r"[A-Za-z0-9_-]+")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundToken:
    """A token, its recorded *value*, and the reason in words why it counts as one."""

    token: Token
    value: str = field(repr=False)
    why: str


class SentValue(msgspec.Struct, kw_only=True):
    """One value under one name: where it was sent, and where it was given out before."""

    entry: RequestValue
    back: list[Return] = msgspec.field(default_factory=list)
    found: SourceMatch | None = None

    @property
    def is_random(self) -> bool:
        """Return whether the value looks random, or is a placeholder for a redacted value that did."""
        value = self.entry.value
        if is_random(value) or value.isdecimal():
            return is_random(value)
        return len(value) >= LEAST and "@" not in value and is_placeholder(value)


def _is_clock(entry: RequestValue, times: Sequence[float]) -> bool:
    if not (entry.value.isascii() and _TIME.fullmatch(entry.value)):
        return False
    seconds = float(entry.value) / (1000 if len(entry.value) == 13 and entry.value.isdecimal() else 1)
    if not times:
        return is_time(entry.name) and _EVER[0] <= seconds <= _EVER[1]
    return any(abs(seconds - each) <= _NEAR for each in times)


def classified(sent: SentValue, times: Sequence[float]) -> FoundToken | None:
    """Return the token that a value is; None if it is not one."""
    kind = kind_of_name(sent.entry.name)
    if _is_clock(sent.entry, times) and not (kind is NameKind.SURE and sent.found):
        return found_token(sent, TokenClass.CLOCK, "a time near that of recording")
    if kind is NameKind.TYPED and not _is_untyped(sent):
        return None
    if sent.found is None:
        return _of_client(sent, kind)
    return _of_site(sent, sent.found, kind)


def found_token(sent: SentValue, kind: TokenClass, why: str) -> FoundToken:
    """Return the token of *kind* that a value is, for the reason *why*."""
    name = sent.entry.name or sent.entry.place
    source = sent.found.source if sent.found else None
    token = Token(name=name, kind=kind, shape=_shape(sent.entry.value), source=source, back=sent.back)
    return FoundToken(token=token, value=sent.entry.value, why=why)


def _is_untyped(sent: SentValue) -> bool:
    """Return whether nobody typed the value, though its name ends like that of a text: `signed_stream_name`."""
    several = len(words_of(sent.entry.name)) > 1
    return several and sent.found is not None and sent.is_random and len(sent.entry.value) >= INSIDE


def _of_client(sent: SentValue, kind: NameKind) -> FoundToken | None:
    if kind in (NameKind.THING, NameKind.MEASURE) or sent.entry.place.startswith("path:"):
        return None
    named = kind in (NameKind.SURE, NameKind.SESSION) and _has_digit(sent.entry.value) and len(sent.entry.value) >= 4
    counts = sent.is_random or named
    return found_token(sent, TokenClass.CLIENT, "sent before it was ever received") if counts else None


def _of_site(sent: SentValue, found: SourceMatch, kind: NameKind) -> FoundToken | None:
    value = sent.entry.value
    if kind is NameKind.THING:
        counts = sent.is_random or (found.beside_its_name and _has_digit(value))
        return found_token(sent, TokenClass.CONSTANT, "the id of a thing") if counts else None
    if _is_named(value, kind):
        return found_token(sent, TokenClass.TOKEN, NAMED_SO)
    if value.isdecimal() and is_id(sent.entry.name) and found.beside_its_name:
        return found_token(sent, TokenClass.CONSTANT, "received before, under the same name")
    if not sent.is_random or is_iban(value):
        return None
    if _NUMBER.fullmatch(value) and (kind is NameKind.MEASURE or not is_placeholder(value)):
        numbers_a_thing = value.isdecimal() and kind is not NameKind.MEASURE
        return found_token(sent, TokenClass.CONSTANT, "a number that was received before") if numbers_a_thing else None
    return found_token(sent, TokenClass.TOKEN, "received before, and random")


def _is_named(value: str, kind: NameKind) -> bool:
    """Return whether a *value* under a name of this *kind* is a token, be it random or not."""
    if kind is NameKind.SURE:
        return value.lower() not in _LITERALS
    if kind in (NameKind.SESSION, NameKind.TOKEN):
        return len(value) >= 4 and " " not in value and (_has_digit(value) or is_unspeakable(value))
    return False


def _has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


def _shape(value: str) -> ValueShape:
    for alphabet, pattern in _ALPHABETS:
        if pattern.fullmatch(value):
            return ValueShape(alphabet=alphabet, length=len(value))  # type: ignore[arg-type]  # the names are those of ValueShape
    return ValueShape(alphabet="any", length=len(value))
