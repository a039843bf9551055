r"""
What is a secret by its looks, wherever it stands: e-mail and IP addresses, keys of known makes, bearer tokens.

The patterns read text as it stands in its carrier: `@` may be `%40` or `\u0040`, a colon `%3A`.  They are tried at the
beginning of words only; the scanner steps over escapes, so that the `n` of `\n` is never taken for part of a word.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_DOMAIN: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,6}?\.[A-Za-z]{2,24}(?![A-Za-z0-9-])"
_AT: Final = r"@|\\+u0040|&#0{0,4}64;|&#[xX]0{0,4}40;|&commat;"
_COLON: Final = r"(?::|%3[Aa]|\\+u003[aA])"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

_USERINFO: Final = (
    r"(?P<userinfo>(?:(?<=://)|(?<=:\\/\\/))[^\s/:@\"'<>\\]{1,200}:[^\s/@\"'<>\\]{1,200}(?=@)"
    r"|(?<=%3A%2F%2F)[^\s%&\"']{1,200}%3A[^\s%&\"']{1,200}(?=%40))"
)
_EMAIL: Final = (
    rf"(?P<email>[A-Za-z0-9](?:[A-Za-z0-9._+-]{{0,63}}(?P<at>{_AT})"
    rf"|(?:[A-Za-z0-9._-]|%2[Bb]){{0,63}}(?P<at40>%40)){_DOMAIN})"
)
_PEM: Final = r"(?P<pem>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.{1,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----)"
_CREDENTIALS: Final = (
    r"(?:Bearer|bearer|BEARER|Basic|basic)(?:\s|%20|\+){1,3}(?P<credentials>[A-Za-z0-9._~+/=%-]{8,4096})"
)
_KEY: Final = (
    r"(?P<key>(?:sk|pk|rk)[-_](?:[A-Za-z0-9]{1,12}[-_])?[A-Za-z0-9_-]{16,400}|AIza[A-Za-z0-9_-]{30,50}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,64}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])|hf_[A-Za-z0-9]{20,64}"
    r"|gsk_[A-Za-z0-9]{20,100}|r8_[A-Za-z0-9]{20,64}|ya29\.[A-Za-z0-9_.-]{20,400}|SG\.[A-Za-z0-9_.-]{30,100}"
    r"|eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}\.?[A-Za-z0-9_-]{0,1000})"
)
_SESSION: Final = r"(?P<session>(?:resp|thread|conv|run)_[A-Za-z0-9]{12,128}|aipkit_sse_[A-Za-z0-9]{32})"
_IPV4: Final = rf"(?P<ipv4>(?<![0-9]\.)(?:{_OCTET}\.){{3}}{_OCTET})(?![0-9]|\.[0-9])"
_IPV6: Final = (
    rf"(?P<ipv6>(?:[0-9A-Fa-f]{{0,4}}{_COLON}){{2,8}}"
    rf"(?:(?:{_OCTET}\.){{3}}{_OCTET}|[0-9A-Fa-f]{{1,4}})?)(?![0-9A-Za-z])"
)
SHAPES: Final = f"{_USERINFO}|{_EMAIL}|{_PEM}|{_CREDENTIALS}|{_KEY}|{_SESSION}|{_IPV4}|{_IPV6}"
"""Alternatives, for the scanner's one pattern."""

KINDS: Final = {
    "userinfo": "authorization",
    "email": "emails",
    "pem": "keys",
    "credentials": "keys",
    "key": "keys",
    "session": "sessions",
    "ipv4": "addresses",
    "ipv6": "addresses",
}
"""Group and rule."""

_FILES: Final = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|css|m?js|woff2?|map)$", re.IGNORECASE)
_VERSION: Final = re.compile(
    r"(?:[\w)](?<!%2[Ff])(?:/|%2[Ff]|\\/)|\bv(?:er(?:sion)?)?[\s\"'\\=:%-]{0,8}(?:[23][2ADad])?)$", re.IGNORECASE
)


def looks_random(value: str) -> bool:
    """Tell a token from a word or from code: long enough, unspaced, letters and digits mixed or many digits."""
    if len(value) < 8 or not re.fullmatch(r"[A-Za-z0-9._~+/=%:|!*@$-]+", value):
        return False
    digits = sum(character.isdigit() for character in value)
    return digits >= 2 and (digits < len(value) or len(value) >= 10)


def plainly(kind: str, found: re.Match[str]) -> tuple[str, tuple[str, str]]:
    """Return the value that *kind* found, decoded, and which character its carrier writes in which way."""
    value = found[kind]
    if kind == "email":
        at = found["at"] or found["at40"]
        return value.replace(at, "@").replace("%2B", "+").replace("%2b", "+").lower(), ("@", at)
    if kind == "ipv6" and (colon := re.search(_COLON, value)):
        return re.sub(_COLON, ":", value).lower(), (":", colon[0])
    return value, ("", "")


def is_secret(kind: str, value: str, before: str) -> bool:
    """Check what a pattern alone can't: *before* is the text that leads to *value*."""
    if kind == "email":
        return not _FILES.search(value)
    if kind == "credentials":
        return looks_random(value) or len(value) >= 24
    if kind == "ipv4":
        address = ipaddress.IPv4Address(value)
        return not (address.is_loopback or address.is_unspecified or _VERSION.search(before))
    if kind == "ipv6":
        return _is_visitors_v6(value, before)
    return True


def _is_visitors_v6(value: str, before: str) -> bool:
    if value.startswith(":") and before[-1:].isalnum():
        return False  # `Name::member` of some language
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(map(str.isdigit, value))
