"""
Mint values: like a recorded one, and another for every key.

Pure: what is random comes in as a key.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import count, islice
from typing import Final

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
    random = _bytes(key)
    if _UUID.fullmatch(recorded) and shape.length == len(recorded):
        return _like(recorded, _HEX, random, keep=_UUID_VERSION)
    if len(recorded) == shape.length and not is_placeholder(recorded) and _has(recorded, shape):
        head = _JWT_HEAD.match(recorded)
        kept = len(head[0]) if head else 0
        return _like(recorded, _alphabet_of(recorded[kept:]), random, keep=range(kept))
    prefix = _PREFIX.match(recorded) if is_placeholder(recorded) else None
    kept_text = prefix[0][: shape.length] if prefix else ""
    return kept_text + "".join(_characters(_ALPHABETS[shape.alphabet], random, shape.length - len(kept_text)))


def _bytes(key: bytes) -> Iterator[int]:
    for number in count():
        yield from blake2b(number.to_bytes(8, "big"), key=key[:64]).digest()


def _characters(alphabet: str, random: Iterator[int], length: int) -> Iterator[str]:
    """Yield characters, the first neither zero nor punctuation: a number, a name or a path may begin with it."""
    if length > 0:
        first = [each for each in alphabet if each.isalnum() and each != "0"]
        yield first[next(random) % len(first)]
    yield from (alphabet[each % len(alphabet)] for each in islice(random, max(0, length - 1)))


def _like(recorded: str, alphabet: str, random: Iterator[int], *, keep: range | tuple[int, ...] = ()) -> str:
    """Return *recorded* with other letters and digits; a zero comes first only where *recorded* begins with one."""
    made: list[str] = []
    for number, character in enumerate(recorded):
        if number in keep or not (character.isascii() and character.isalnum()):
            made.append(character)
            continue
        allowed = alphabet if number else alphabet.replace("0", "") or alphabet
        made.append(allowed[next(random) % len(allowed)])
    return "".join(made)


@lru_cache(maxsize=256)
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
