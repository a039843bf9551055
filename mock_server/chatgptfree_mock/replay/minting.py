"""
Mint values: like a recorded one, and another for every key.

Pure: what is random comes in as a key.
"""

from __future__ import annotations

import re
import string
from collections.abc import Container, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import count, islice
from typing import Final, NamedTuple

from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.tokens.record import ValueShape

_HEX: Final = "0123456789abcdef"
_ALNUM: Final = string.ascii_letters + string.digits
_ALPHABETS: Final = {
    "digits": string.digits,
    "hex": _HEX,
    "letters-digits": _ALNUM,
    "base64url": f"{_ALNUM}-_",
    "any": _ALNUM,
}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_JWT_HEAD: Final = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.(?=[A-Za-z0-9_-]+\Z)")
"""Header and claims of a JSON Web Token (RFC 7519), which clients read; what is random is the signature."""
_PREFIX: Final = re.compile(r"(?:[A-Za-z]{1,12}[_-])+")
_UUID_VERSION: Final = (14, 19)
"""Positions in a UUID that hold its version and variant (RFC 9562 section 4)."""


def mint(recorded: str, shape: ValueShape, key: bytes) -> str:
    """
    Return a fresh value of the same form as *recorded*.

    Args:
        recorded: the value of the recording; its punctuation, prefixes and kinds of letters are kept.
        shape: the alphabet and the length; it alone decides where *recorded* does not have them.
        key: makes the value; the same key makes the same one.
    """
    form, random = _form(recorded, shape), _bytes(key)
    if isinstance(form, _Pattern):
        return _like(form, random)
    return form + "".join(_characters(_ALPHABETS[shape.alphabet], random, shape.length - len(form)))


class _Pattern(NamedTuple):
    """A recorded *text*, and the *places* at which it gets other characters of the *alphabet*."""

    text: str
    places: tuple[int, ...]
    alphabet: str


@lru_cache(maxsize=256)
def _form(recorded: str, shape: ValueShape) -> _Pattern | str:
    """Return the pattern of *recorded*; or only its first characters, where *shape* alone says what follows."""
    if _UUID.fullmatch(recorded) and shape.length == len(recorded):
        return _pattern(recorded, _HEX, keep=_UUID_VERSION)
    placeholder = is_placeholder(recorded)
    if len(recorded) == shape.length and not placeholder and _has(recorded, shape):
        head = _JWT_HEAD.match(recorded)
        kept = len(head[0]) if head else 0
        return _pattern(recorded, _alphabet_of(recorded[kept:]), keep=range(kept))
    prefix = _PREFIX.match(recorded) if placeholder else None
    return prefix[0][: shape.length] if prefix else ""


def _pattern(text: str, alphabet: str, *, keep: Container[int]) -> _Pattern:
    varying = (place for place, each in enumerate(text) if each.isascii() and each.isalnum() and place not in keep)
    return _Pattern(text, tuple(varying), alphabet)


def _bytes(key: bytes) -> Iterator[int]:
    for number in count():
        yield from blake2b(number.to_bytes(8, "big"), key=key[:64]).digest()


def _characters(alphabet: str, random: Iterator[int], length: int) -> Iterator[str]:
    """Yield characters, the first neither zero nor punctuation: a number, a name or a path may begin with it."""
    if length > 0:
        first = [each for each in alphabet if each.isalnum() and each != "0"]
        yield first[next(random) % len(first)]
    yield from (alphabet[each % len(alphabet)] for each in islice(random, max(0, length - 1)))


def _like(form: _Pattern, random: Iterator[int]) -> str:
    """Return the text with other letters and digits; it begins with a zero only where nothing else is possible."""
    made, places, alphabet = list(form.text), form.places, form.alphabet
    if places[:1] == (0,):
        first = alphabet.replace("0", "") or alphabet
        made[0] = first[next(random) % len(first)]
        places = places[1:]
    size = len(alphabet)
    for place, number in zip(places, random, strict=False):
        made[place] = alphabet[number % size]
    return "".join(made)


def _alphabet_of(text: str) -> str:
    """Return the smallest of the usual alphabets that has the letters and digits of *text*."""
    used = {each for each in text if each.isascii() and each.isalnum()}
    digits = string.digits if used & set(string.digits) else ""
    letters = ""
    for case in (string.ascii_lowercase, string.ascii_uppercase):
        own = used & set(case)
        letters += (case[:6] if digits and own <= set(case[:6]) else case) if own else ""
    return digits + letters


def _has(recorded: str, shape: ValueShape) -> bool:
    return shape.alphabet == "any" or set(recorded) <= set(_ALPHABETS[shape.alphabet])
