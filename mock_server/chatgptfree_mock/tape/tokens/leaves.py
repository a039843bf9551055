"""The leaves of a request: each single value that a client sends, and the place where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from chatgptfree_mock.tape.model import Request
from chatgptfree_mock.tape.request_key import RequestKey

_OF_THE_CONNECTION: Final = frozenset(
    {
        *("host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "date"),
        *("accept", "accept-encoding", "accept-language", "user-agent", "origin", "referer", "cookie", "range"),
        *("cache-control", "pragma", "priority", "dnt", "te", "upgrade", "upgrade-insecure-requests", "expect", "via"),
        *("if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "if-range", "x-requested-with"),
        *("forwarded", "x-forwarded-for", "x-real-ip", "traceparent", "tracestate", "baggage", "keep-alive"),
    }
)
"""Headers that browsers and libraries send by themselves; they hold no value of the site."""
_BROWSER: Final = ("sec-", "x-stainless-", "x-forwarded-", "x-amz-cf-")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]* +(?=\S+\Z)")
"""RFC 9110 section 11.4: a scheme and one value, as in `Bearer abc`."""
_FILE: Final = re.compile(r".*\.[A-Za-z][A-Za-z0-9]{0,4}")
_STATIC: Final = re.compile(
    r".*\.(?:m?js|css|map|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|ttf|otf|eot|mp[34]|webm|wasm|webmanifest)",
    re.IGNORECASE,
)
"""Files whose addresses may hold the version of a site, which is the same for every visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value, the place where it is (see `record.Return`), and the name that it has there."""

    place: str
    name: str
    value: str


def leaves(request: Request) -> Iterator[Leaf]:
    """
    Yield the leaves of *request*: query, form, JSON, cookies, headers without their scheme, segments of the path.

    The request for a script, a style sheet, a picture or a font has none.
    """
    key = RequestKey.from_request(request)
    if _STATIC.fullmatch(key.path):
        return
    yield from (Leaf(place=f"query:{name}", name=name, value=value) for name, value in key.query)
    if key.kind == "JSON":
        yield from _json_leaves(key.json)
    else:
        yield from (Leaf(place=f"form:{name}", name=name, value=value) for name, value in key.form_fields)
    yield from _header_leaves(request)
    for number, segment in enumerate(key.path.split("/")[1:], 1):
        if segment and not _FILE.fullmatch(segment):  # a file is named by its address, not by what the site gave out
            yield Leaf(place=f"path:{number}", name="", value=segment)


def _json_leaves(value: Any) -> Iterator[Leaf]:
    waiting: list[tuple[str, str, Any]] = [("$", "", value)]
    while waiting:
        path, name, each = waiting.pop()
        if isinstance(each, dict):
            waiting += [(f"{path}.{key}", key, inner) for key, inner in reversed(each.items())]
        elif isinstance(each, list):
            waiting += [(f"{path}[{at}]", name, inner) for at, inner in reversed(list(enumerate(each)))]
        elif isinstance(each, str | int | float) and not isinstance(each, bool):
            yield Leaf(place=f"json:{path}", name=name, value=str(each))


def _header_leaves(request: Request) -> Iterator[Leaf]:
    for name, value in request.headers:
        lower = name.lower()
        if lower == "cookie":
            for pair in value.split(";"):
                cookie, _, content = pair.strip().partition("=")
                yield Leaf(place=f"cookie:{cookie}", name=cookie, value=content.strip('"'))
        elif lower not in _OF_THE_CONNECTION and not lower.startswith(_BROWSER):
            yield Leaf(place=f"header:{lower}", name=lower, value=_SCHEME.sub("", value, count=1))
