"""
Make values in the form of a recorded one, from a seed.

Pure: the randomness is in *seed*, an argument.
"""

from __future__ import annotations

import re
import string
from collections.abc import Container
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from chatgptfree_mock.tape.placeholders import UUID, is_placeholder
from chatgptfree_mock.tape.structured_values import rewritten
from chatgptfree_mock.tape.tokens.token_block import Alphabet, ValueShape

_HEX: Final = "0123456789abcdef"
_ALNUM: Final = string.ascii_letters + string.digits
_ALPHABETS: Final = {
    "digits": string.digits,
    "hex": _HEX,
    "letters-digits": _ALNUM,
    "base64url": f"{_ALNUM}-_",
    "any": _ALNUM,
}
_JWT_HEAD: Final = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.(?=[A-Za-z0-9_-]+\Z)")
"""Header and claims of a JSON Web Token (RFC 7519), which clients read, so that only its signature is changed."""
_PREFIX: Final = re.compile(r"(?:[A-Za-z]{1,12}[_-])+")
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
"""A byte in percent-encoding (RFC 3986 section 2.1), which has to stay one."""
_ADDRESS: Final = re.compile(r"[@.:]")
"""What addresses of mail and of machines have, which stay as they are within a structure."""
_BLOCK: Final = blake2b().digest_size
_UUID_VERSION: Final = (14, 19)
"""Positions in a UUID that hold its version and variant (RFC 9562 section 4)."""


def mint(recorded: str, shape: ValueShape, seed: bytes) -> str:
    """
    Return a fresh value of the same form as *recorded*.

    Args:
        recorded: the value of the recording; its punctuation, prefixes and kinds of letters are kept, and so is a
            structure that clients read, such as that of a web token or of JSON in base64.
        shape: the alphabet and the length; it decides alone if *recorded* has no structure and does not fit it.
        seed: decides the value; only its first 64 bytes count.
    """
    if _has_structure(recorded):
        return rewritten(recorded, lambda value: _structured_part(value, seed)) or recorded
    fixed = _fixed_part(recorded, shape)
    if isinstance(fixed, _Pattern):
        return _from_pattern(fixed, seed)
    return fixed + _characters(_ALPHABETS[shape.alphabet], seed, shape.length - len(fixed))


class _Pattern(NamedTuple):
    """A recorded *text*, and the *places* of the characters that are replaced."""

    text: str
    places: tuple[int, ...]
    first: str
    """The characters for the first place."""
    table: bytes
    """Maps a random byte to the character at any other place."""


@lru_cache(maxsize=256)
def _has_structure(recorded: str) -> bool:
    """Return whether *recorded* has a structure with values that can be others; a web token's signature is enough."""
    changed = None if _JWT_HEAD.match(recorded) else rewritten(recorded, lambda value: _structured_part(value, b"any"))
    return changed is not None and changed != recorded


def _structured_part(value: str, seed: bytes) -> str:
    """Return a fresh *value* within a structure: a number stays one, and an address as it is."""
    alphabet: Alphabet = "digits" if value.removeprefix("-").isdigit() else "any"
    if _ADDRESS.search(value):
        return value
    own = blake2b(value.encode("utf-8", "surrogatepass"), key=seed[:64]).digest()
    return mint(value, ValueShape(alphabet=alphabet, length=len(value)), own)


@lru_cache(maxsize=256)
def _fixed_part(recorded: str, shape: ValueShape) -> _Pattern | str:
    """Return the pattern of *recorded*, or of its first characters if *shape* alone decides about the rest."""
    if UUID.fullmatch(recorded) and shape.length == len(recorded):
        return _pattern(recorded, _HEX, keep=_UUID_VERSION)
    if head := _JWT_HEAD.match(recorded):
        signature = recorded[head.end() :]
        alphabet = _ALPHABETS["base64url"] if is_placeholder(signature) else _alphabet_of(signature)
        return _pattern(recorded, alphabet, keep=range(head.end()))
    placeholder = is_placeholder(recorded)
    if len(recorded) == shape.length and not placeholder and _fits(recorded, shape):
        kept = [place for found in _ESCAPE.finditer(recorded) for place in range(*found.span())]
        return _pattern(recorded, _alphabet_of(recorded), keep=kept)
    prefix = _PREFIX.match(recorded) if placeholder else None
    return prefix[0][: shape.length] if prefix else ""


def _pattern(text: str, alphabet: str, *, keep: Container[int]) -> _Pattern:
    varying = (place for place, each in enumerate(text) if each.isascii() and each.isalnum() and place not in keep)
    places = tuple(varying)
    # It begins with a zero only if nothing else is possible.
    first = alphabet.replace("0", "") if places[:1] == (0,) else alphabet
    return _Pattern(text, places, first or alphabet, _table(alphabet))


def _table(alphabet: str) -> bytes:
    return bytes(ord(alphabet[number % len(alphabet)]) for number in range(256)) if alphabet else b""


def _random_bytes(seed: bytes, length: int) -> bytes:
    """Return *length* bytes that are derived from *seed*."""
    if length <= _BLOCK:
        return blake2b(bytes(8), key=seed[:64]).digest()[:length]
    blocks = range(-(-length // _BLOCK))
    digests = [blake2b(number.to_bytes(8, "big"), key=seed[:64]).digest() for number in blocks]
    return b"".join(digests)[:length]


def _characters(alphabet: str, seed: bytes, length: int) -> str:
    """Return characters, the first neither zero nor punctuation: a number, a name or a path may begin with it."""
    if length <= 0:
        return ""
    random = _random_bytes(seed, length)
    first = [each for each in alphabet if each.isalnum() and each != "0"]
    return first[random[0] % len(first)] + random[1:].translate(_table(alphabet)).decode("ascii")


def _from_pattern(pattern: _Pattern, seed: bytes) -> str:
    """Return the pattern's text with fresh letters and digits."""
    if not pattern.places:
        return pattern.text
    random = _random_bytes(seed, len(pattern.places))
    letters = pattern.first[random[0] % len(pattern.first)] + random[1:].translate(pattern.table).decode("ascii")
    if len(letters) == len(pattern.text):
        return letters
    made = list(pattern.text)
    for place, letter in zip(pattern.places, letters, strict=True):
        made[place] = letter
    return "".join(made)


def _alphabet_of(text: str) -> str:
    """Return the smallest of the usual alphabets that contains the letters and digits of *text*."""
    used = {each for each in text if each.isascii() and each.isalnum()}
    digits = string.digits if used & set(string.digits) else ""
    letters = ""
    for case in (string.ascii_lowercase, string.ascii_uppercase):
        own = used & set(case)
        letters += (case[:6] if digits and own <= set(case[:6]) else case) if own else ""
    return digits + letters


def _fits(recorded: str, shape: ValueShape) -> bool:
    return shape.alphabet == "any" or set(recorded) <= set(_ALPHABETS[shape.alphabet])
