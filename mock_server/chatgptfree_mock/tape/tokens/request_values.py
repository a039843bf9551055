"""The values of a request: each single one that a client sends, and the place where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.tape.json_difference import json_in, members
from chatgptfree_mock.tape.lazy_pattern import LazyPattern
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
_SCHEME: Final = LazyPattern(r"[A-Za-z][A-Za-z0-9_-]* +(?=\S+\Z)")
"""RFC 9110 section 11.4: a scheme and one value, as in `Bearer abc`."""
_FILE: Final = LazyPattern(r".*\.[A-Za-z][A-Za-z0-9]{0,4}")
_STATIC: Final = LazyPattern(
    r".*\.(?:m?js|css|map|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|ttf|otf|eot|mp[34]|webm|wasm|webmanifest)",
    re.IGNORECASE,
)
"""Files whose addresses may hold the version of a site, which is the same for every visitor."""
_AUTHORIZATION: Final = frozenset({"authorization", "proxy-authorization"})
_PARAMETER: Final = r"""([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",=]+))"""
_PARAMETERS: Final = LazyPattern(rf"[A-Za-z][A-Za-z0-9_-]* +{_PARAMETER}(?:\s*,\s*{_PARAMETER})*\s*")
"""RFC 9110 section 11.4: a scheme and parameters, as Digest has them (RFC 7616 section 3.4)."""
_DEEPEST: Final = 5
"""The depth to which JSON is read within JSON."""


class RequestValue(Struct, frozen=True, kw_only=True, gc=False):
    """One value, the place where it is (see `record.Return`), and the name that it has there."""

    place: str
    name: str
    value: str
    sent: str = ""
    """The value of a cookie as it was sent, where `value` is that without its percent-encoding."""


def request_values(request: Request, key: RequestKey | None = None) -> Iterator[RequestValue]:
    """
    Yield the values of *request*: query, form, JSON, cookies, headers without their scheme, segments of the path.

    JSON within a value has values of its own, however deep, and the parameters of Digest are values.  A cookie with
    percent-encoding is two: as it was sent, and decoded.  The request for a script, a style sheet, a picture or a font
    has none.  *key*: that of *request*, where it is there already.
    """
    key = RequestKey.from_request(request) if key is None else key
    if _STATIC.fullmatch(key.path):
        return
    for entry in _outer_values(key, request):
        if entry.value.isalnum():
            yield entry
        else:
            yield from _with_json(entry, _DEEPEST)


def _outer_values(key: RequestKey, request: Request) -> Iterator[RequestValue]:
    for name, value in key.query:
        yield RequestValue(place=f"query:{name}", name=name, value=value)
    if key.kind == "JSON":
        yield from _json_values(key.json, "json:", "")
    else:
        for name, value in key.form_fields:
            yield RequestValue(place=f"form:{name}", name=name, value=value)
    for header, value in request.headers:
        name = header.lower()
        if name == "cookie" or not (name in _OF_THE_CONNECTION or name.startswith(_BROWSER)):
            yield from _header_values(name, value)
    for number, segment in enumerate(key.path.split("/")[1:], 1):
        if segment and not _FILE.fullmatch(segment):  # a file is named by its address, not by what the site gave out
            yield RequestValue(place=f"path:{number}", name="", value=segment)


def _with_json(entry: RequestValue, deep: int) -> Iterator[RequestValue]:
    """Yield *entry*, or the values in the JSON that it is, which may hold JSON as strings itself."""
    inner = json_in(unquote(entry.value) if entry.value[:3].upper() in ("%7B", "%5B") else entry.value)
    if inner is None or not deep:
        yield entry
    elif not entry.sent:  # a cookie's JSON was found in the value as it was sent
        for each in _json_values(inner, f"{entry.place}:", entry.name):
            yield from _with_json(each, deep - 1)


def _json_values(value: Any, place: str, name: str) -> Iterator[RequestValue]:
    """Yield the values in a JSON *value* at *place*; those of a list have the *name* that it has."""
    waiting: list[tuple[str, str, Any]] = [(f"{place}$", name, value)]
    while waiting:
        path, name, each = waiting.pop()
        inner = members(path, each)
        waiting += [(place, name if key is None else key, value) for key, place, value in reversed(inner)]
        if isinstance(each, str | int | float) and not isinstance(each, bool):
            yield RequestValue(place=path, name=name, value=str(each))


def _header_values(name: str, value: str) -> Iterator[RequestValue]:
    """Yield the values of a header that no browser or library sends by itself; *name* is in lower case."""
    if name == "cookie":
        for pair in value.split(";"):
            yield from _cookie_values(pair.strip())
    elif name in _AUTHORIZATION and _PARAMETERS.fullmatch(value):
        for found in re.finditer(_PARAMETER, value):
            content = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
            yield RequestValue(place=f"header:{name}:{found[1]}", name=found[1], value=content)
    else:
        yield RequestValue(place=f"header:{name}", name=name, value=_SCHEME.sub("", value, count=1))


def _cookie_values(pair: str) -> Iterator[RequestValue]:
    name, _, content = pair.partition("=")
    entry = RequestValue(place=f"cookie:{name}", name=name, value=content.strip('"'))
    yield entry
    decoded = unquote(entry.value)
    if decoded != entry.value:
        yield replace(entry, value=decoded, sent=entry.value)
