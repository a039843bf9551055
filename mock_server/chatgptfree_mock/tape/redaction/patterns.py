"""
What is a secret by its looks, wherever it is: keys, e-mail and IP addresses, phone, card and bank numbers.

Each kind has a cheap sign that is looked for in the whole text with the speed of `bytes.find` (an `@`, a long run of
letters and digits, digits with dots); only where it shows, a pattern looks closer.  So the time is linear in any input,
and text without secrets costs next to nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from typing import Final

from chatgptfree_mock.tape.redaction.check_sums import iban_length, is_card, is_iban
from chatgptfree_mock.tape.redaction.findings import Secret, one, unescaped
from chatgptfree_mock.tape.redaction.marks import marked_keys
from chatgptfree_mock.tape.redaction.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.private_keys import private_keys
from chatgptfree_mock.tape.redaction.spoken import spoken_secrets
from chatgptfree_mock.tape.redaction.values import is_code, is_phone_mask, looks_mixed, looks_random
from chatgptfree_mock.tape.redaction.vendor_keys import AUTOMATON, BEGINNINGS, kind_of


def _table(letters: str) -> bytes:
    return bytes(int(chr(code) in letters) for code in range(256))


_DIGITS: Final = "0123456789"
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WORD: Final = _DIGITS + _UPPER + _UPPER.lower()
_TOKEN_TABLE: Final = _table(_WORD + "_.-")
_NUMBER_TABLE: Final = _table(_DIGITS + "abcdefABCDEF.:-")
_CLASSES: Final = bytes(
    48 if chr(code) in _DIGITS else 65 if chr(code) in _UPPER else code if chr(code) in " +-)" else 120
    for code in range(256)
)
"""Digits become 0, capitals A; blanks, plus, dash and parenthesis stay."""
SHORTEST: Final = 6
"""Only an e-mail address is shorter."""
_SHORT: Final = 200
_EIGHT_DIGITS: Final = re.compile(r"(?:[^0-9]*+[0-9]){8}")
"""Any phone or card number has as many."""
_IBAN_SIGN: Final = re.compile(r"[A-Z]{2}[0-9]{2}")
_LONG: Final = 15
"""The shortest run that is tried as a key."""

_LEADS: Final = ("/", ":")
"""What stands before a key that is known by its surroundings only; or the key begins with a zero."""
_WORDS: Final = re.compile(r"[A-Za-z0-9]+")
_LOCAL: Final = re.compile(r"(?:[A-Za-z0-9._+-]|[\x80-\xff]|%2[Bb])+\Z")
_DOMAIN: Final = re.compile(r"(?:[A-Za-z0-9]|[\x80-\xff])(?:[A-Za-z0-9.-]|[\x80-\xff]){1,253}")
_LABELS: Final = re.compile(
    r"[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*\.(?:[^\W\d_]{2,24}|xn--[\w-]{2,59})"
)
_FILES: Final = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|s[ac]ss|less|[cm]?js|[jt]sx?|woff2?|map|json|ya?ml|html?|php|py|tgz|whl|zip)$",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(
    r"(?::|%3[Aa])(?://|\\/\\/|%2[Ff]%2[Ff])([^\s/:@\"'<>\\?#]{0,200}):?([^\s/@\"'<>\\]{0,400})\Z"
)
_CREDENTIALS: Final = re.compile(
    r"(?:[Bb]earer|BEARER|[Bb]asic|BASIC|Token|SSWS)(?:[ \t]|%20|\+){1,3}([A-Za-z0-9._~+/=%-]{8,4096})"
)
_SCHEMES: Final = (b"earer", b"EARER", b"asic", b"BASIC", b"Token ", b"SSWS")
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = re.compile(rf"(?<![0-9.:]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9.]*[0-9])")
_QUOTED_VERSION: Final = re.compile(
    r"\b(?:v|ver|version\w*)[\"']?\s?[:=]?\s?[\"']?$|(?:[<>=!~]=|[~^])\s?$", re.IGNORECASE
)
_SLASHED: Final = re.compile(
    r"(?:[\w)](?<!%2[Ff])(?:/|%2[Ff]|\\/)|\bv\.?|\brelease |\bbuild |\bupdate |\brev\.? )$", re.IGNORECASE
)
_PRODUCT: Final = re.compile(r"\b([A-Z][A-Za-z.]+) $")
_NO_PRODUCTS: Final = frozenset(
    {
        "IP",
        "Ip",
        "Address",
        "From",
        "Host",
        "Server",
        "Client",
        "Remote",
        "User",
        "Visitor",
        "To",
        "At",
        "Via",
        "By",
        "On",
    }
    | {"For", "Peer", "Gateway", "Node", "Router", "DNS", "Ping", "Using", "Use", "Try", "Connect", "Connected", "Your"}
    | {"Login", "Request", "Requests", "Failed", "Blocked", "Banned", "Access", "Seen", "Und", "Von", "And", "Or", "Is"}
)
_IPV6: Final = re.compile(
    rf"(?<![\w:.])[0-9A-Fa-f]{{0,4}}(?::[0-9A-Fa-f]{{0,4}}){{2,7}}(?:(?<=:){_OCTET}(?:\.{_OCTET}){{3}})?(?![\w:]|\.[0-9])",
    re.ASCII,
)
_NETWORK: Final = re.compile(r"(?:/|\\/|%2[Ff])[0-9]{1,3}(?![0-9.])")
_PHONE: Final = re.compile(r"(?:\+|%2[Bb])[1-9][0-9]{0,2}(?:[ ./-]{0,1}\(?[0-9]{1,5}\)?){2,7}(?![\w.]*[0-9])")
_US_PHONE: Final = re.compile(
    r"(?<![\w.+-])(?:1[ .-])?(?:\([2-9][0-9]{2}\)[ -]?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4}(?![\w-])"
)
_NATIONAL: Final = re.compile(
    r"(?<![\w.,+/-])(?<![0-9.,] )(?:00[1-9][0-9]{0,2}(?:[ /-][0-9]{1,8}){2,5}"
    r"|0[1-9](?:(?:[ ][0-9]{2}){4}|(?:[.][0-9]{2}){4}"
    r"|(?:-[0-9]{2}){4})|0[1-9][0-9]{0,4}(?:[ ][0-9]{3,4}[ ][0-9]{3,4}|-[0-9]{3,4}-[0-9]{3,4}"
    r"|[ ][0-9]{3}(?:[ ][0-9]{2}){2})"
    r"|0[1-9][0-9]{1,4}[ /][0-9]{6,8}|\([0-9]{2}\)[ ]?9?[0-9]{4}-[0-9]{4}|[2-9][0-9]{2}\.[2-9][0-9]{2}\.[0-9]{4})"
    r"(?![\w/-]|[ .,][0-9])"
)
"""As people write numbers in France, Britain, Germany, Switzerland, Japan, Australia, Brazil and the United States."""
_NATIONAL_SIGNS: Final = (
    *(b"00 00 00 00 00", b"00x00x00x00x00", b"00-00-00-00-00", b"000 0000", b"00-0000-0000", b"000 000 00 00"),
    *(b"0000 000 000", b"000x000000", b"000 000000", b"00) 0000", b"000x000x0000", b"000-000-0000", b"0000 0 0000"),
)
"""How they look among `_CLASSES`."""
_CARD: Final = re.compile(
    r"(?<![\w.+-])[2-6][0-9]{3}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}(?![\w-]|\.[0-9])"
    r"|(?<![\w.+-])3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{4,5}(?![\w-]|\.[0-9])"
)
_CARD_SIGNS: Final = (
    *(b"0000000000000", b"0000 0000 0000 0", b"0000-0000-0000-0", b"0000 000000 0000", b"0000-000000-0000"),
)
"""How cards look among `_CLASSES`."""
_GROUPS: Final = re.compile(b"|".join(map(re.escape, (*_CARD_SIGNS, *_NATIONAL_SIGNS))))
"""One look for all of these signs: it goes from digit to digit."""
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]){11,30}")
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}")
_TELEGRAM: Final = re.compile(r"(?:\A|[^0-9])([0-9]{6,12}:)\Z")
_REFRESH: Final = re.compile(r"(?<![0-9])1(?://|\\/\\/)\Z")
_HOOKS: Final = re.compile(
    r"hooks\.slack(?:-gov)?\.com\\?/(?:services|workflows|triggers)\\?/((?:[A-Za-z0-9]+\\?/){1,3}[A-Za-z0-9]{12,})"
    r"|discord(?:app)?\.com\\?/api\\?/(?:v[0-9]+\\?/)?webhooks\\?/([0-9]{10,24}\\?/[A-Za-z0-9_-]{20,100})"
    r"|webhook\.office\.com\\?/webhookb2\\?/([A-Za-z0-9@/\\-]{30,200})"
    r"|hooks\.zapier\.com\\?/hooks\\?/catch\\?/([0-9]{3,12}\\?/[A-Za-z0-9]{5,12})"
    r"|maker\.ifttt\.com\\?/trigger\\?/[^/\s]{1,80}/(?:json/)?with\\?/key\\?/([A-Za-z0-9_-]{16,80})"
    r"|outlook\.office(?:365)?\.com\\?/webhook\\?/([A-Za-z0-9@/\\-]{30,200})"
    r"|open\.(?:feishu\.cn|larksuite\.com)\\?/open-apis\\?/bot\\?/v2\\?/hook\\?/([A-Za-z0-9-]{16,80})"
    r"|hook\.[a-z0-9.]{0,12}make\.com\\?/([A-Za-z0-9]{16,80})"
    r"|api\.telegram\.org\\?/(?:file\\?/)?bot([0-9]{6,12}:[A-Za-z0-9_-]{30,40})"
    r"|calendar\.google\.com\\?/calendar\\?/ical\\?/[^/\s]{1,120}/private-([0-9a-f]{16,64})"
)
_HOOK_HOSTS: Final = (b"hook", b"ifttt.com", b"api.telegram.org", b"calendar.google.com")
_PATH_WORDS: Final = (
    *(
        "webhook",
        "session",
        "reset",
        "verif",
        "confirm",
        "activat",
        "invit",
        "magic",
        "unsubscri",
        "recover",
        "password",
        "login",
        "token",
    ),
    *("share", "auth", "join"),
)
"""How a part of a path begins that a token follows."""
_ASCII_LETTER: Final = re.compile(r"[A-Za-z0-9]")
_SEAMLESS: Final = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
"""Scripts that are written without blanks: a word before an address joins it."""
_EXAMPLES: Final = ("password", "passwd", "pass", "pwd", "your-password", "your_password")
"""Passwords that stand in the addresses of manuals: `postgres://user:password@host/db`."""
_OWN_ADDRESSES: Final = ("git", "hg", "svn")


def shapes(text: str) -> Iterable[Secret]:
    """Return what is a secret by its looks, in no order; overlaps are possible."""
    if len(text) < SHORTEST and "@" not in text:
        return ()
    return _in_short(text) if len(text) < _SHORT else _shapes(text)


@lru_cache(8192)
def _in_short(text: str) -> tuple[Secret, ...]:
    """Look once at what is met again and again, such as the headers of one site in all of a folder's cassettes."""
    return tuple(_shapes(text))


def _shapes(text: str) -> Iterator[Secret]:
    data = text.encode("latin-1")
    yield from _keys(text, data)
    if text.count(".") >= 3 or text.count(":") >= 2:
        yield from _numbers(text, data)
    if _EIGHT_DIGITS.match(text) or _IBAN_SIGN.search(text):
        yield from _classes(text, data)
    yield from marked_keys(text, data)
    yield from spoken_secrets(text, data)
    if b"@" in data:
        yield from _addresses(text, data)
    if b"KEY" in data or b"Key-File" in data:
        yield from private_keys(text)
    for at in _positions_of_all(data, _SCHEMES):
        yield from _credentials(text, at)
    for at in _positions_of_all(data, _HOOK_HOSTS):
        yield from _hooks(text, at)


def _positions(data: bytes, sign: bytes) -> Iterator[int]:
    at = data.find(sign)
    while at >= 0:
        yield at
        at = data.find(sign, at + len(sign))


def _positions_of_all(data: bytes, signs: tuple[bytes, ...]) -> Iterator[int]:
    for sign in signs:
        if sign in data:
            yield from _positions(data, sign)


def _runs(classes: bytes, length: int) -> Iterator[tuple[int, int]]:
    """Yield from and to of each run of at least *length* ones in *classes*."""
    sign, at = b"\1" * length, 0
    while (at := classes.find(sign, at)) >= 0:
        end = classes.find(b"\0", at + length)
        end = len(classes) if end < 0 else end
        yield at, end
        at = end


def _keys(text: str, data: bytes) -> Iterator[Secret]:
    begun: dict[str, bool] = {}
    for start, end in _runs(data.translate(_TOKEN_TABLE), _LONG):
        if text.startswith("eyJ", start) and (found := _JWT.match(text, start)):
            yield from _unless_placeholder(
                start, found.end(), "keys", found[0], "has the shape of a JSON web token (RFC 7519)"
            )
            continue
        run = text[start:end]
        if run not in begun:
            begun[run] = any(map(_begins_key, repeat(run), (word.start() for word in _WORDS.finditer(run))))
        if begun[run]:
            yield from _vendor_keys(text, start, end)
        if text[start - 1 : start] in _LEADS or text[start] == "0":
            yield from _by_surroundings(text, start, end)


def _begins_key(text: str, at: int) -> bool:
    return text[at : at + 3] in BEGINNINGS or text[at : at + 2] in BEGINNINGS


def _vendor_keys(text: str, start: int, end: int) -> Iterator[Secret]:
    reached = start
    for word in _WORDS.finditer(text, start, end):
        at = word.start()
        if at < reached or not _begins_key(text, at):
            continue
        found = AUTOMATON.match(text, at)
        if found is None:
            continue
        kind = kind_of(found)
        if _is_key(found[0], kind.prefix):
            reached = found.end()
            reason = f"has the shape of a key: {kind.vendor} ({kind.source})"
            yield from _unless_placeholder(at, reached, kind.rule, found[0], reason)


def _is_key(value: str, prefix: str) -> bool:
    """Return whether what follows *prefix* is random: `sk-loading-indicator-bar` is a name in a style sheet."""
    rest = value[len(prefix) :]
    digits = sum(map(rest.count, _DIGITS))
    return (
        digits >= 2 or looks_mixed(rest) or (rest.isupper() and rest.isalnum()) or (rest.isalpha() and len(rest) >= 20)
    )


def _by_surroundings(text: str, start: int, end: int) -> Iterator[Secret]:
    before = text[max(0, start - 40) : start]
    if before.endswith("/") and _announces(before):
        value = text[start:end].rstrip(".")
        if len(value) >= 16 and (looks_random(value) or looks_mixed(value)) and not re.search(r"\.[a-z]{2,5}$", value):
            yield from _unless_placeholder(start, start + len(value), "keys", value, "is the token of a link")
    elif before.endswith(":") and text.startswith("AA", start) and (found := _TELEGRAM.search(before)):
        at = start - len(found[1])
        if 34 <= end - start <= 42:
            yield from _unless_placeholder(
                at,
                end,
                "keys",
                text[at:end],
                "has the shape of a Telegram bot's token (https://core.telegram.org/bots/api)",
            )
    elif text.startswith("0", start) and (lead := _REFRESH.search(before)):
        at = start - len(lead[0])
        yield from _unless_placeholder(at, end, "keys", text[at:end], "has the shape of a Google refresh token")


def _announces(before: str) -> bool:
    """Return whether a token follows the path *before*: `/reset/`, and `/reset/MQ/` with a user's number."""
    parts = before.rstrip("\\/").split("/")
    last = parts[-1].rstrip("\\")
    if len(last) <= 8 and len(parts) > 1 and last.isalnum() and not last.islower():
        return parts[-2].lower().startswith("reset")
    return last.lower().startswith(_PATH_WORDS)


def _numbers(text: str, data: bytes) -> Iterator[Secret]:
    classes = data.translate(_NUMBER_TABLE)
    for start, end in _runs(classes, 7):
        run = text[start:end]
        if run.count(".") >= 3:
            yield from _ipv4(text, start, end)
        if run.count(":") >= 2:
            yield from _ipv6(text, start, end)
    if b"::" in data:
        for at in _positions(data, b"::"):
            start = classes.rfind(b"\0", max(0, at - 40), at) + 1
            end = classes.find(b"\0", at, at + 8)
            end = min(len(text), at + 8) if end < 0 else end
            if end - start < 7:
                yield from _ipv6(text, max(start, at - 40), end)


def _ipv4(text: str, start: int, end: int) -> Iterator[Secret]:
    for found in _IPV4.finditer(text, start, end):
        if _is_address(found[0], text[max(0, found.start() - 24) : found.start()], text[found.end() : found.end() + 8]):
            yield from _unless_placeholder(*found.span(), "addresses", found[0], "is an IP address")


def _is_address(value: str, before: str, after: str) -> bool:
    address = ipaddress.IPv4Address(value)
    if address.is_loopback or address.is_unspecified or address == ipaddress.IPv4Address("255.255.255.255"):
        return False
    if value.endswith(".0.0.0") or value.startswith(("255.", "0.")) or _NETWORK.match(after):
        return False
    if after[:1] == "-" and after[1:2].isalpha():  # `5.10.102.1-microsoft-standard` is a release
        return False
    if (
        before[-1:].isalnum()
        or before.endswith(("_", "-", "."))
        or _SLASHED.search(before)
        or _QUOTED_VERSION.search(before)
    ):
        return before.endswith(("%2F", "%2f", "//", "%20", "%3D", "%3d", "%3A", "%22"))
    product = _PRODUCT.search(before)
    return product is None or product[1].rstrip(".") in _NO_PRODUCTS or int(value.partition(".")[0]) > 30


def _ipv6(text: str, start: int, end: int) -> Iterator[Secret]:
    for found in _IPV6.finditer(text, start, end):
        value = found[0].lower()
        if start and text[start - 1].isalnum() and found.start() == start:
            continue
        if _is_visitors_v6(value) and not _NETWORK.match(text, found.end()):
            yield from _unless_placeholder(*found.span(), "addresses", value, "is an IP address")


def _is_visitors_v6(value: str) -> bool:
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(map(str.isdigit, value)) and len(value) >= 6


def _classes(text: str, data: bytes) -> Iterator[Secret]:
    classes = data.translate(_CLASSES)
    grouped = _GROUPS.search(classes) is not None
    for at in _positions(classes, b"AA00"):
        found = _IBAN.match(text, at)
        if found and (value := _iban(found[0])):
            yield from _unless_placeholder(at, at + len(value), "payment", value, "is an IBAN (its check sum is right)")
    if grouped:
        for at in _positions_of_all(classes, _CARD_SIGNS):
            yield from _cards(text, at)
    for at in _positions(classes, b"+0"):
        yield from _phones(text, at)
    for at in _positions(classes, b"000-0000"):
        yield from _us_phones(text, at)
    if grouped:
        for at in _positions_of_all(classes, _NATIONAL_SIGNS):
            yield from _national_phones(text, at)
    if b"%2B" in data or b"%2b" in data:
        for found in _PHONE.finditer(text):
            yield from _phones(text, found.start())


def _iban(text: str) -> str | None:
    """Return the IBAN that *text* begins with, blanks included."""
    length, count = iban_length(text[:2]), 0
    for at, character in enumerate(text):
        count += character != " "
        if count == length:
            value = text[: at + 1]
            return value if is_iban(value.replace(" ", "")) and not text[at + 1 : at + 2].isalnum() else None
    return None


def _cards(text: str, at: int) -> Iterator[Secret]:
    found = _CARD.match(text, at)
    if found and is_card(re.sub(r"[ -]", "", found[0])):
        yield from _unless_placeholder(*found.span(), "payment", found[0], "is a card number (its check sum is right)")


def _phones(text: str, at: int) -> Iterator[Secret]:
    before = text[max(0, at - 1) : at]
    found = _PHONE.match(text, at)
    if found is None or before.isalnum() or before in (")", "]", "_", "+", "/", "."):
        return
    digits = sum(map(str.isdigit, found[0].removeprefix("%2B").removeprefix("%2b")))
    if 8 <= digits <= 15 and found[0].count("(") == found[0].count(")") and not is_phone_mask(found[0]):
        yield from _unless_placeholder(*found.span(), "phones", found[0], "is a phone number (ITU-T E.164)")


def _us_phones(text: str, at: int) -> Iterator[Secret]:
    for start in (at - 7, at - 6, at - 5, at - 4):
        if start >= 0 and (found := _US_PHONE.match(text, start)):
            if not is_phone_mask(found[0]):
                yield from _unless_placeholder(*found.span(), "phones", found[0], "is a phone number")
            return


def _national_phones(text: str, at: int) -> Iterator[Secret]:
    for found in _NATIONAL.finditer(text, max(0, at - 8), at + 40):
        digits = sum(map(str.isdigit, found[0]))
        if found.end() > at and 9 <= digits <= 15 and not is_phone_mask(found[0]):
            yield from _unless_placeholder(*found.span(), "phones", found[0], "is a phone number")


def _addresses(text: str, data: bytes) -> Iterator[Secret]:
    reached = 0
    for at in _positions(data, b"@"):
        before = text[max(reached, at - 700) : at]
        if "://" in before or ":\\/\\/" in before:
            found = _USERINFO.search(before[max(0, before.rfind("://"), before.rfind(":\\/\\/")) :])
            if found is not None:
                base = at - len(found[0]) if found.end() else at
                yield from _userinfo(found, base)
                reached = at
                continue
        local = _LOCAL.search(before[-96:])
        domain = _DOMAIN.match(text, at + 1)
        escaped = (
            local is not None and text[at - len(local[0]) - 1 : at - len(local[0])] == "\\" and local[0][0] in "nrtbfv"
        )
        if local and domain and (secret := _email(local[0], domain[0], at, escaped=escaped)):
            yield secret
            reached = secret.spans[0][1]


def _userinfo(found: re.Match[str], base: int) -> Iterator[Secret]:
    user, password = found[1], found[2]
    offset = base - found.start()
    if (user in _OWN_ADDRESSES and not password) or password.lower() in _EXAMPLES:
        return
    for group, value in ((1, user), (2, password)):
        if value and (group == 2 or password or looks_random(value)) and not is_code(value):
            start, end = found.span(group)
            yield from _unless_placeholder(
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
    return one(at - len(local), at + 1 + len(domain), "emails", value, "is an e-mail address (RFC 5321, RFC 6531)")


def _without_text_before(local: str) -> str:
    """Leave out what stands before an address without a blank, in scripts that have none."""
    if local.isascii():
        return local
    plain = unescaped(local)
    if plain == local:  # cut inside a character
        plain = unescaped(local.lstrip("".join(map(chr, range(0x80, 0xC0)))))
    ends = [found.end() for found in _SEAMLESS.finditer(plain)]
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
    seamless = _SEAMLESS.search(plain)
    if (
        seamless
        and plain[: seamless.start()].isascii()
        and "." in plain[: seamless.start()]
        and plain[seamless.start() - 1].isalpha()
    ):
        return plain[: seamless.start()]
    return plain


def _credentials(text: str, at: int) -> Iterator[Secret]:
    found = _CREDENTIALS.match(text, at - 1) or _CREDENTIALS.match(text, at)
    if found and (looks_random(found[1]) or len(found[1]) >= 24):
        yield from _unless_placeholder(*found.span(1), "keys", found[1], "follows a scheme of the Authorization header")


def _hooks(text: str, at: int) -> Iterator[Secret]:
    for found in _HOOKS.finditer(text, max(0, at - 48), min(len(text), at + 300)):
        group = found.lastindex or 1
        yield from _unless_placeholder(
            *found.span(group), "keys", found[group], "is the secret part of a webhook's URL"
        )


def _unless_placeholder(start: int, end: int, rule: str, value: str, reason: str) -> Iterator[Secret]:
    if not is_placeholder(value):
        yield one(start, end, rule, value, reason)
