"""Secrets around an `@`: e-mail addresses, also international ones (RFC 6531), and user and password of a URL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.names.secret_values import is_code, looks_random
from chatgptfree_mock.tape.redaction.text.byte_search import positions
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at, unescaped, unless_placeholder

_LOCAL: Final = LazyPattern(r"(?:[A-Za-z0-9._+-]|[\x80-\xff]|%2[Bb])+\Z")
_DOMAIN: Final = LazyPattern(r"(?:[A-Za-z0-9]|[\x80-\xff])(?:[A-Za-z0-9.-]|[\x80-\xff]){1,253}")
_LABELS: Final = LazyPattern(
    r"[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*\.(?:[^\W\d_]{2,24}|xn--[\w-]{2,59})"
)
_FILES: Final = LazyPattern(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|s[ac]ss|less|[cm]?js|[jt]sx?|woff2?|map|json|ya?ml|html?|php|py|tgz|whl|zip)$",
    re.IGNORECASE,
)
_USERINFO: Final = LazyPattern(
    r"(?::|%3[Aa])(?://|\\/\\/|%2[Ff]%2[Ff])([^\s/:\"'<>\\?#]{0,200}):?([^\s/@\"'<>\\]{0,400})\Z",
    re.ASCII,
)
_LOGIN: Final = LazyPattern(r"(?<![\w.:/@%-])([A-Za-z][\w.-]{0,40}):([^\s:@/\"'<>\\,;(){}\[\]]{4,200})\Z", re.ASCII)
_MACHINE: Final = LazyPattern(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.])|localhost(?![\w-])|(?:tcp|unix|udp)\(")
"""The host of `admin:password@10.0.0.1`, without a scheme: no domain of an e-mail address."""
_ASCII_LETTER: Final = LazyPattern(r"[A-Za-z0-9]")
SEAMLESS: Final = LazyPattern(r"[぀-ヿ㐀-鿿가-힯]")
"""Scripts that are written without blanks: a word before an address joins it."""
_EXAMPLES: Final = ("password", "passwd", "pass", "pwd", "your-password", "your_password")
"""Passwords in the example addresses of manuals: `postgres://user:password@host/db`."""
_OWN_ADDRESSES: Final = ("git", "hg", "svn")


def at_signs(text: str, data: bytes) -> Iterator[Secret]:
    """Yield what is around each `@` of *text*, whose bytes are *data*: an e-mail address, or a user of a URL."""
    reached = 0
    for at in positions(data, b"@"):
        before = text[max(reached, at - 700) : at]
        reached = at + 1  # neither a name nor a user holds an `@`
        if "://" in before or ":\\/\\/" in before:
            found = _USERINFO.search(before[max(0, before.rfind("://"), before.rfind(":\\/\\/")) :])
            if found is not None:
                base = at - len(found[0]) if found.end() else at
                if not found[2]:
                    reached = base  # the user may be an address: `ftp://jane@example.org:password@host`
                yield from _userinfo(found, base)
                continue
        if ":" in before and (login := _LOGIN.search(before)) and _is_login(login, text, at + 1):
            yield from _userinfo(login, at - len(login[0]))
            continue
        local = _LOCAL.search(before[-96:])
        domain = _DOMAIN.match(text, at + 1)
        escaped = (
            local is not None and text[at - len(local[0]) - 1 : at - len(local[0])] == "\\" and local[0][0] in "nrtbfv"
        )
        if local and domain and (secret := _email(local[0], domain[0], at, escaped=escaped)):
            yield secret
            reached = secret.spans[0][1]


def _is_login(login: re.Match[str], text: str, at: int) -> bool:
    """Return whether *login*, before the `@` that ends at *at*, is a name with a password: a machine follows."""
    if _MACHINE.match(text, at):
        return True
    return (
        _LOCAL.search(login[2]) is None
        and _email("a", (_DOMAIN.match(text, at) or [""])[0], at, escaped=False) is not None
    )


def _userinfo(found: re.Match[str], base: int) -> Iterator[Secret]:
    user, password = found[1], found[2]
    offset = base - found.start()
    if password.lower() in _EXAMPLES:
        return
    for group, value in ((1, user), (2, password)):
        if value and (group == 2 or password or looks_random(value)) and not is_code(value):
            start, end = found.span(group)
            yield from unless_placeholder(
                start + offset, end + offset, "authorization", value, "is the user or password of a URL"
            )


def _email(local: str, domain: str, at: int, *, escaped: bool) -> Secret | None:
    """Return the address around the `@` at *at*, whose parts were taken as wide as they go."""
    local, domain = _without_text_before(local), _domain(domain)
    if escaped:
        local = local[1:]
    name = local.lstrip(".+-_").replace("%2B", "+").replace("%2b", "+")
    local = local.lstrip(".+-_")
    if not local or not domain or local in _OWN_ADDRESSES or _FILES.search(domain) or local.endswith("."):
        return None
    value = f"{name}@{domain}".lower()
    if is_placeholder(value):
        return None
    return secret_at(
        at - len(local), at + 1 + len(domain), "emails", value, "is an e-mail address (RFC 5321, RFC 6531)"
    )


def _without_text_before(local: str) -> str:
    """Leave out the text directly before an address, in scripts that have none."""
    if local.isascii():
        return local
    plain = unescaped(local)
    if plain == local:  # cut inside a character
        plain = unescaped(local.lstrip("".join(map(chr, range(0x80, 0xC0)))))
    ends = [found.end() for found in SEAMLESS.finditer(plain)]
    if ends and ends[-1] < len(plain) and _ASCII_LETTER.match(plain, ends[-1]):
        plain = plain[ends[-1] :]
    return plain.encode().decode("latin-1")


def _domain(text: str) -> str:
    if text.isascii():
        found = _LABELS.match(text)
        return found[0] if found else ""
    plain = unescaped(text)
    while plain == text and text:  # cut inside a character
        text = text[:-1]
        plain = unescaped(text) if not text.isascii() else text
        if text.isascii():
            break
    found = _LABELS.match(_ascii_domain(plain))
    return found[0].encode().decode("latin-1") if found else ""


def _ascii_domain(plain: str) -> str:
    """Leave out the text that follows an ASCII domain without a blank."""
    seamless = SEAMLESS.search(plain)
    if (
        seamless
        and plain[: seamless.start()].isascii()
        and "." in plain[: seamless.start()]
        and plain[seamless.start() - 1].isalpha()
    ):
        return plain[: seamless.start()]
    return plain
