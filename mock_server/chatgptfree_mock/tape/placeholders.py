"""
The replacements of secrets in a cassette: equal for equal secrets, and recognised when they are read again.

A placeholder keeps the shape (a nonce stays ten hex digits, a UUID a UUID, a key keeps its prefix), so that the client
still reads the page and the exchange still fits together; most keep their length as well.  Addresses come from ranges
that no visitor has: 198.18.0.0/15 is for benchmarks, 100::/64 is thrown away, `.invalid` is never a domain.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.structured_values import rewritten, values_in

UUID: Final = LazyPattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIX: Final = LazyPattern(
    r"(?:(?:[a-z]{1,12}|[A-Z]{1,12})[_-])+(?=[^_-]{6})(?=[^_-]*[0-9]|[^_-]*[a-z][^_-]*[A-Z]|[^_-]{16})"
    r"(?![A-Za-z]{1,15}[0-9]{0,4}\Z)(?![^!@#$^&*?]*[!@#$^&*?])"
)
"""The beginning of a vendor's key, such as `sk-proj-`; words of `correct-horse-pass7` and `Red-Kite!24` are none."""
_PLACEHOLDER: Final = LazyPattern(
    r"(?:[A-Za-z]{1,12}[_-])*0{4,}[0-9]{0,9}|10{5,}[0-9]{1,4}|00000000-0000-4000-8000-[0-9]{12}"
    r"|visitor-[0-9]+(?:@|%40|\\u0040|&#64;)redacted(?:\.[a-z]{0,7})?|.*REDACTED.*|[*xX.•…-]{3,}",
    re.DOTALL,
)
_NUMBER: Final = LazyPattern(
    r"(?<![A-Za-z0-9])(?:(?:0{4,}|10{5,})(?P<number>[0-9]{1,6})(?![A-Za-z0-9])|visitor-(?P<visitor>[0-9]{1,6})"
    r"|(?P<four>198\.1[89](?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){2})(?![0-9.])|100::(?P<six>[0-9a-f]{1,5})(?![0-9a-f:]))"
)
_NUMBER_SIGNS: Final = ("0000", "visitor-", "198.1", "100::")
"""What every match of `_NUMBER` holds: found first, since the pattern alone takes longer than all the rest."""
_NUMBERED: Final = ("cookies", "authorization", "challenge", "addresses", "emails", "keys", "nonces", "sessions", "own")
_STRUCTURED: Final = frozenset({"cookies", "authorization", "challenge", "keys", "nonces", "sessions"})
"""The rules for values that may have a structure."""
_PUBLIC: Final = LazyPattern(
    r"[0-9]{4}-?[01][0-9]-?[0-3][0-9]T[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    r"|(?:[A-Z0-9]{2,8}-)*SHA-?(?:1|224|256|384|512)(?:-[A-Z0-9]{2,8})*",
    re.IGNORECASE,
)
"""A time (ISO 8601) or the name of an algorithm."""
_EMAIL: Final = LazyPattern(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_FOUR: Final = ipaddress.ip_network("198.18.0.0/15")
_SIX: Final = ipaddress.ip_network("100::/64")
_LONGEST: Final = 64
_MAY_BE_ADDRESS: Final = LazyPattern(r"[0-9A-Fa-f:.]{2,45}(?:%|\Z)")


class Placeholders:
    """
    Placeholders by secret, numbered per rule in the order of their first appearance.

    Two secrets never have the same one, whatever their rules, since a client would seem to send a value it never got.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[str, str] = {}
        self._made: set[str] = set()

    def begin_after(self, text: str) -> None:
        """Continue the numbers of the placeholders in *text*, an earlier part of the same file."""
        highest = max(map(_number, _found_in(text)), default=0)
        for rule in _NUMBERED:
            self._numbers[rule] = max(highest, self._numbers.get(rule, 0))

    def of(self, rule: str, secret: str, *, spelled: str = "") -> str:
        """
        Return the placeholder of *secret*, which is the same with and without percent-encoding.

        Laravel's page sends the value of the cookie `XSRF-TOKEN` back in a header, decoded.  A secret with a structure
        (see `structured_values`) keeps it, in the spelling of *spelled*, what the text has of it.
        """
        if rule in _STRUCTURED and (text := rewritten(spelled or secret, lambda value: self._within(rule, value))):
            return text
        return self._placeholder(rule, secret)

    def _within(self, rule: str, value: str) -> str:
        """Return the placeholder of a *value* within a structure; harmless values stay."""
        if is_placeholder(value) or is_public(value):
            return value
        return self._placeholder("emails" if _EMAIL.fullmatch(value) else rule, value)

    def _placeholder(self, rule: str, secret: str) -> str:
        key = unquote(secret)
        known = self._known.get(key)
        if known is None:
            number = self._numbers.get(rule, 0) + 1
            while (made := _make(rule, secret, number)) in self._made:
                number += 1  # another rule has it for another secret
            self._numbers[rule] = number
            self._made.add(made)
            known = self._known[key] = made
        return known


def numbers_in(text: str) -> Iterator[str]:
    """Yield the numbered part of each placeholder in *text*: `0000000001`, `visitor-1`, `198.18.0.1`."""
    return (found[0] for found in _found_in(text))


def _found_in(text: str) -> Iterator[re.Match[str]]:
    for sign in _NUMBER_SIGNS:
        at = text.find(sign)
        while at >= 0:
            start = at - 1 if sign == "0000" and text[at - 1 : at] == "1" else at
            found = _NUMBER.match(text, start)
            if found is not None:
                yield found
            at = text.find(sign, max(at + len(sign), found.end() if found else 0))


def _number(found: re.Match[str]) -> int:
    if found["four"]:
        return int(ipaddress.IPv4Address(found["four"])) - int(_FOUR.network_address)
    return int(found["six"], 16) if found["six"] else int(found["number"] or found["visitor"])


def _make(rule: str, secret: str, number: int) -> str:
    if rule == "emails":
        return f"visitor-{number}@redacted.invalid"
    if rule == "addresses" and (address := _address(secret)) is not None:
        return str((_FOUR if address.version == 4 else _SIX)[number])
    if UUID.fullmatch(secret):
        return f"00000000-0000-4000-8000-{number:012}"
    if (digits := secret.removeprefix("-")).isdigit() and digits[0] != "0":
        return f"1{number:0{max(10, min(len(secret), _LONGEST)) - 1}}"  # a bare number in JSON can't begin with 0
    prefix = _PREFIX.match(secret)
    kept = prefix[0] if prefix else ""
    return f"{kept}{number:0{max(8, min(len(secret), _LONGEST) - len(kept))}}"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if not _MAY_BE_ADDRESS.match(text):
        return None  # most values: an exception for each would take longer than all else
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_public(value: str) -> bool:
    """Return whether *value* is a time or the name of an algorithm, which may be beside secrets in what is signed."""
    return _PUBLIC.fullmatch(value) is not None


def is_placeholder(value: str) -> bool:
    """Return whether *value* is a placeholder already, is blanked out, or consists of such values."""
    address = _address(value)
    if address is not None:
        return address in (_FOUR if address.version == 4 else _SIX)
    if _PLACEHOLDER.fullmatch(value) is not None:
        return True
    return rewritten(value, _as_it_is) is not None and all(
        is_placeholder(each) or is_public(each) for each in values_in(value)
    )


def _as_it_is(value: str) -> str:
    return value
