"""
The family `tokens/`: other values for the tokens in responses, and refusals of tokens in requests.

A rule only makes a new value from the recorded one; the recording has the places of the values and the
requests that must contain them.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Literal

from msgspec import Struct

from chatgptfree_mock.replay.token_values import mint
from chatgptfree_mock.tape.tokens.token_block import ValueShape
from chatgptfree_mock.variants.grades import Grade
from chatgptfree_mock.variants.rule import VariantKind
from chatgptfree_mock.variants.token_spelling import as_html_references, as_string_escapes

Mint = Callable[[str, ValueShape, bytes], str | None]
"""Returns a new value for a recorded value, its shape and a seed; None if such a value is not possible."""
Spell = Callable[[str, str, str], str]
"""Returns a body, given its media type, with a value spelled in another way."""
_OPAQUE: Final = re.compile(r"(?![0-9a-f]{10}\Z)[A-Za-z0-9]+")
"""Values of any length and alphabet; nonces of WordPress are left out, as they always have ten hexadecimal digits."""
_NOT_HEX: Final = "Zg"
_SHORTEST: Final = 8


class TokenRule(Struct, frozen=True, kw_only=True):
    """
    How one variant of a recording's tokens is made.

    *mint* makes the values.  *spell* writes them into a body in another spelling, None: in the recorded one.
    *refuses*: which requests with a right token are refused all the same: the first, or all.  *in_paths*: whether such
    values can be parts of a path.  For the other fields see `Rule`.
    """

    name: str
    source: str
    mint: Mint
    kind: VariantKind = VariantKind.EQUIVALENT
    grade: Grade = 1
    short: bool = True
    once: bool = False
    spell: Spell | None = None
    refuses: Literal["none", "first", "all"] = "none"
    in_paths: bool = True


def _same_form(recorded: str, shape: ValueShape, seed: bytes) -> str:
    return mint(recorded, shape, seed)


def _longer(recorded: str, shape: ValueShape, seed: bytes) -> str | None:
    if not _OPAQUE.fullmatch(recorded):
        return None
    return mint(recorded, shape, seed) + mint(recorded, shape, seed + b"more")


def _other_letters(recorded: str, shape: ValueShape, seed: bytes) -> str | None:
    if not _OPAQUE.fullmatch(recorded):
        return None
    length = max(shape.length - len(_NOT_HEX), _SHORTEST)
    return _NOT_HEX + mint("", ValueShape(alphabet="letters-digits", length=length), seed)


def _base64(recorded: str, shape: ValueShape, seed: bytes) -> str | None:
    if not _OPAQUE.fullmatch(recorded):
        return None
    data = blake2b(seed[:64], key=b"base64", digest_size=11).digest()
    return b64encode(b"\xfb\xff" + data).decode()  # +/ at its start and = at its end


def _none(recorded: str, shape: ValueShape, seed: bytes) -> str:
    del recorded, shape, seed
    return ""


_PER_VISIT: Final = "a nonce, a CSRF token or a session id belongs to one visit (OWASP Session Management Cheat Sheet)"

TOKEN_RULES: Final[tuple[TokenRule, ...]] = (
    TokenRule(name="tokens/fresh", mint=_same_form, source=_PER_VISIT),
    TokenRule(
        name="tokens/longer",
        mint=_longer,
        grade=3,
        source="RFC 6749 section 4.2.2: clients should avoid making assumptions about value sizes",
    ),
    TokenRule(
        name="tokens/other-letters",
        mint=_other_letters,
        grade=3,
        source="PHP's session.sid_bits_per_character; a plugin may replace wp_create_nonce()",
    ),
    TokenRule(
        name="tokens/base64",
        mint=_base64,
        grade=3,
        in_paths=False,
        source="CSRF tokens of Rails, Laravel and ASP.NET: `+`, `/` and `=` have to be encoded in a form",
    ),
    TokenRule(
        name="tokens/html-references",
        mint=_same_form,
        grade=3,
        spell=as_html_references,
        source="WHATWG HTML 13.1.4: any character of an attribute may be a character reference",
    ),
    TokenRule(
        name="tokens/string-escapes",
        mint=_same_form,
        grade=3,
        spell=as_string_escapes,
        source="RFC 8259 section 7 and ECMA-262 section 12.9.4: any character of a string may be escaped",
    ),
    TokenRule(
        name="tokens/expired",
        mint=_same_form,
        kind=VariantKind.BREAKAGE,
        refuses="all",
        source="a page cache that keeps pages longer than their nonces live: what it gives out is always refused",
    ),
    TokenRule(
        name="tokens/expired/once",
        mint=_same_form,
        kind=VariantKind.BREAKAGE,
        refuses="first",
        once=True,
        source="a nonce is valid for 12 to 24 hours (wp_nonce_tick()): the page has to be read again",
    ),
    TokenRule(
        name="tokens/missing",
        mint=_none,
        kind=VariantKind.BREAKAGE,
        grade=2,
        source="a page for visitors who must log in, or of a plugin that is switched off, gives no value out",
    ),
)
"""All rules of the family."""
