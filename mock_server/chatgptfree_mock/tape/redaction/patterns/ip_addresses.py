"""IP addresses, separated from versions, releases and networks by what surrounds them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.text.byte_search import DIGITS, class_table, positions
from chatgptfree_mock.tape.redaction.text.findings import Secret, unless_placeholder

_TABLE: Final = class_table(DIGITS + "abcdefABCDEF.:-")
_IPV4_SIGN: Final = LazyPattern(r"\.[0-9]{1,3}+\.[0-9]{1,3}+\.", re.ASCII)
_IPV6_SIGN: Final = LazyPattern(r":[0-9a-fA-F]{0,4}+:", re.ASCII)
"""What is in the middle of every address."""
_SHORTEST: Final = 7
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = LazyPattern(rf"(?<![0-9.:]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9.]*[0-9])")
_QUOTED_VERSION: Final = LazyPattern(
    r"\b(?:v|ver|version\w*)[\"']?\s?[:=]?\s?[\"']?$|(?:[<>=!~]=|[~^])\s?$", re.IGNORECASE
)
_SLASHED: Final = LazyPattern(
    r"(?:[\w)](?<!%2[Ff])(?:/|%2[Ff]|\\/)|\bv\.?|\brelease |\bbuild |\bupdate |\brev\.? )$", re.IGNORECASE
)
_PRODUCT: Final = LazyPattern(r"\b([A-Z][A-Za-z.]+) $")
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
_IPV6: Final = LazyPattern(
    rf"(?<![\w:.])[0-9A-Fa-f]{{0,4}}(?::[0-9A-Fa-f]{{0,4}}){{2,7}}(?:(?<=:){_OCTET}(?:\.{_OCTET}){{3}})?(?![\w:]|\.[0-9])",
    re.ASCII,
)
_NETWORK: Final = LazyPattern(r"(?:/|\\/|%2[Ff])[0-9]{1,3}(?![0-9.])")


def ip_addresses(text: str, data: bytes) -> Iterator[Secret]:
    """Yield the IPv4 and IPv6 addresses in *text*, whose bytes are *data*, of visitors: no loopback, no networks."""
    if data.count(b".") < 3 and data.count(b":") < 2:
        return
    classes = data.translate(_TABLE)
    for sign, read in ((_IPV4_SIGN, _ipv4), (_IPV6_SIGN, _ipv6)):
        reached = 0
        for found in sign.finditer(text):
            if (at := found.start()) >= reached:
                start = classes.rfind(b"\0", 0, at) + 1
                end = classes.find(b"\0", at)
                reached = end = len(text) if end < 0 else end
                if end - start >= _SHORTEST:
                    yield from read(text, start, end)
    for at in positions(data, b"::"):
        if data[at + 2 : at + 3] != b":" != data[at - 1 : at]:  # three colons in a row are in no address
            start = classes.rfind(b"\0", max(0, at - 40), at) + 1
            end = classes.find(b"\0", at, at + 8)
            end = min(len(text), at + 8) if end < 0 else end
            if end - start < _SHORTEST:
                yield from _ipv6(text, max(start, at - 40), end)


def _ipv4(text: str, start: int, end: int) -> Iterator[Secret]:
    for found in _IPV4.finditer(text, start, end):
        if _is_address(found[0], text[max(0, found.start() - 24) : found.start()], text[found.end() : found.end() + 8]):
            yield from unless_placeholder(*found.span(), "addresses", found[0], "is an IP address")


def _is_address(value: str, before: str, after: str) -> bool:
    if ipaddress.IPv4Address(value).is_loopback or value.endswith(".0.0.0") or value.startswith(("255.", "0.")):
        return False
    if _NETWORK.match(after):
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
            yield from unless_placeholder(*found.span(), "addresses", value, "is an IP address")


def _is_visitors_v6(value: str) -> bool:
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and any(map(str.isdigit, value)) and len(value) >= 6
