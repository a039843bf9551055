"""
Replace the site's addresses by the proxy's on the way to the client, and back on the way to the site.

Pure.  Texts are searched chunk by chunk as they arrive; only a possible beginning of an address is held back, so that
chunks are passed on at once.  Recordings have the bytes from the site, not those that the client got.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from heapq import merge
from itertools import product

from chatgptfree_mock.tape.model import Headers
from chatgptfree_mock.tape.origin import Origin
from chatgptfree_mock.tape.replay_options import RewriteScope

_SLASHES = ("//", "\\/\\/", "%2F%2F", "\\u002F\\u002F")
_SCHEMES = ("https:", "http:", "https%3A", "http%3A", "")
_SCHEME_LENGTHS = sorted({len(scheme) for scheme in _SCHEMES}, reverse=True)
_PAGE = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)
_TEXT = re.compile(r"text/|/(?:json|javascript|xml|x-ndjson)|\+(?:json|xml)|x-www-form-urlencoded", re.IGNORECASE)
_NEVER_ON_PLAIN_HTTP = frozenset(
    {"strict-transport-security", "alt-svc", "public-key-pins", "expect-ct", "content-security-policy-report-only"}
)
_SECURE_PREFIX, _PLAIN_PREFIX = "__", "x-plain-"


class Rewriting:
    """
    Rewrites one text: addresses of the origin *here* become those of *there*.

    *prefix* is the folder that the site lies in there, empty or such as `/site/1`.
    """

    def __init__(self, here: Origin, there: Origin, *, prefix: str = "") -> None:
        self._there = there
        self._prefix = prefix
        port = rf"(?:(?::|%3A){here.port}){'?' if here.has_default_port else ''}"
        any_slashes = "|".join(map(re.escape, _SLASHES))
        # What follows must not make it another host or another port.
        text = rf"(https?(?::|%3A))?({any_slashes}){re.escape(here.bare_host)}{port}(?![\w:-]|\.\w|%3A)"
        self.pattern = re.compile(text.encode(), re.IGNORECASE)
        """One address of the origin, with or without a scheme."""
        self._needles = [f"{slashes}{here.bare_host}".lower().encode() for slashes in _SLASHES]
        self._starts, self._longest = _starts(here)
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Take the next chunk and return the bytes that can be passed on."""
        data = self._held + data
        cut = self._safe(data)
        self._held = data[cut:]
        return self._replaced(data, cut)

    def finish(self) -> bytes:
        """Return what was held back."""
        held, self._held = self._held, b""
        return self.whole(held)

    def whole(self, data: bytes) -> bytes:
        """Rewrite a complete text."""
        return self._replaced(data, len(data))

    def edits(self, data: bytes) -> list[tuple[int, int, str]]:
        """Return where addresses start and end in *data*, and what replaces each."""
        return [(found.start(), found.end(), self._new(found).decode()) for found in self._found(data)]

    def _safe(self, data: bytes) -> int:
        """Return the offset of a possible beginning of an address at the end."""
        tail = data[-self._longest :].lower()
        for start in range(len(tail)):
            if tail[start:] in self._starts:
                return len(data) - len(tail) + start
        return len(data)

    def _replaced(self, data: bytes, cut: int) -> bytes:
        """Rewrite *data* up to *cut*; the bytes after it only decide where an address ends."""
        parts: list[bytes] = []
        at = 0
        for found in self._found(data):
            if found.end() > cut:
                break
            parts += (data[at : found.start()], self._new(found))
            at = found.end()
        return b"".join([*parts, data[at:cut]])

    def _found(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Find the addresses by slashes and host: far faster than the pattern, also where the host alone is often."""
        lower, start = data.lower(), 0
        for place in merge(*(_offsets(lower, needle) for needle in self._needles)):
            for length in _SCHEME_LENGTHS:
                if place - length >= start and (found := self.pattern.match(data, place - length)):
                    yield found
                    start = found.end()
                    break

    def _new(self, found: re.Match[bytes]) -> bytes:
        scheme, slashes = found[1] or b"", found[2]
        if scheme:
            scheme = self._there.scheme.encode() + (b"%3A" if b"%" in scheme else b":")
        authority = self._there.authority
        if b"%" in slashes:
            authority = authority.replace(":", "%3A")
        one_slash = slashes[: len(slashes) // 2].decode()
        return scheme + slashes + (authority + self._prefix.replace("/", one_slash)).encode()


def _offsets(data: bytes, needle: bytes) -> Iterator[int]:
    place = data.find(needle)
    while place >= 0:
        yield place
        place = data.find(needle, place + 1)


@lru_cache(maxsize=64)
def _starts(here: Origin) -> tuple[frozenset[bytes], int]:
    """
    Return all that may be the beginning of an address when a chunk ends with it, and the length of the longest.

    Remembered, as they are thousands and each header of an exchange is rewritten on its own.
    """
    ports = ("", f":{here.port}", f"%3A{here.port}")
    starts: set[bytes] = set()
    for scheme, slashes, port, after in product(_SCHEMES, _SLASHES, ports, (".", "%3A")):
        full = f"{scheme}{slashes}{here.bare_host}{port}{after}".lower().encode()
        starts.update(full[:end] for end in range(1, len(full) + 1))
    return frozenset(starts), max(map(len, starts))


def is_page(content_type: str) -> bool:
    """Return whether a body of this type is a page, whose addresses a browser follows."""
    return _PAGE.match(content_type.strip()) is not None


def is_rewritten(content_type: str, mode: RewriteScope) -> bool:
    """Return whether the addresses in a body of this type are rewritten: those of pages, or of all texts."""
    return is_page(content_type) if mode == "pages" else mode == "all" and _TEXT.search(content_type) is not None


def to_client(headers: Headers, site: Origin, proxy: Origin, mode: RewriteScope = "pages") -> Headers:
    """
    Return the headers of an answer for the client; no address in them leads past the proxy.

    A *proxy* that has the site's own address leaves them as they are, and so does *mode* ``off``.
    """
    if proxy == site or mode == "off":
        return headers
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        lower = name.lower()
        if lower in _NEVER_ON_PLAIN_HTTP:
            continue
        if lower == "set-cookie":
            value = _plain_cookie(value)
        elif lower == "content-security-policy":
            value = re.sub(r"\s*\bupgrade-insecure-requests\b;?", "", value)
        kept.append((name, _rewritten(value, site, proxy)))
    return tuple(kept)


def to_site(headers: Headers, proxy: Origin, site: Origin) -> Headers:
    """Return the headers of a request for the site."""
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        lower = name.lower()
        if lower == "host":
            value = site.authority
        elif lower == "cookie":
            value = value.replace(_PLAIN_PREFIX, _SECURE_PREFIX)
        elif lower in ("origin", "referer"):
            value = _rewritten(value, proxy, site)
        kept.append((name, value))
    return tuple(kept)


def _rewritten(value: str, here: Origin, there: Origin) -> str:
    data = value.encode("utf-8", "surrogateescape")
    return Rewriting(here, there).whole(data).decode("utf-8", "surrogateescape")


def _plain_cookie(value: str) -> str:
    """Rewrite a cookie so that it works with a proxy on plain HTTP and another host."""
    first, *attributes = value.split(";")
    kept = [first.strip()]
    for attribute in attributes:
        name, _, setting = attribute.strip().partition("=")
        if name.lower() in ("domain", "secure", "partitioned"):
            continue
        crossing = name.lower() == "samesite" and setting.strip().lower() == "none"
        kept.append("SameSite=Lax" if crossing else attribute.strip())
    if kept[0].startswith(("__Secure-", "__Host-")):
        kept[0] = _PLAIN_PREFIX + kept[0].removeprefix(_SECURE_PREFIX)
    return "; ".join(kept)
