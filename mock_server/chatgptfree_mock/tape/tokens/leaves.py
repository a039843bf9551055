"""The leaves of a request: each single value that a client sends, and the place where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from chatgptfree_mock.tape.model import Request
from chatgptfree_mock.tape.request_key import RequestKey

_OF_THE_CONNECTION: Final = frozenset(
    {
        *("host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "date"),
        *("accept", "accept-encoding", "accept-language", "user-agent", "origin", "referer", "cookie", "range"),
        *("cache-control", "pragma", "priority", "dnt", "te", "upgrade", "upgrade-insecure-requests"),
    }
)
"""Headers that a browser or a library sends by itself, so that no value of the site's is in them."""
_BROWSER: Final = ("sec-ch-", "sec-fetch-", "sec-websocket-")
_SCHEMES: Final = frozenset({"basic", "bearer", "token", "digest", "apikey"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value, the place where it is (see `record.Return`), and the name that it has there."""

    place: str
    name: str
    value: str


def leaves(request: Request) -> Iterator[Leaf]:
    """Yield the leaves of *request*: query, form, JSON, cookies, headers without their scheme, segments of the path."""
    key = RequestKey.from_request(request)
    yield from (Leaf(place=f"query:{name}", name=name, value=value) for name, value in key.query)
    if key.kind == "JSON":
        yield from _json_leaves(key.json)
    else:
        yield from (Leaf(place=f"form:{name}", name=name, value=value) for name, value in key.form_fields)
    yield from _header_leaves(request)
    for number, segment in enumerate(key.path.split("/")[1:], 1):
        if segment and "." not in segment:  # a file is named by its address, not by what the site gave out
            yield Leaf(place=f"path:{number}", name="", value=segment)


def _json_leaves(value: Any) -> Iterator[Leaf]:
    waiting: list[tuple[str, str, Any]] = [("$", "", value)]
    while waiting:
        path, name, each = waiting.pop()
        if isinstance(each, dict):
            waiting += [(f"{path}.{key}", key, inner) for key, inner in reversed(each.items())]
        elif isinstance(each, list):
            waiting += [(f"{path}[{at}]", name, inner) for at, inner in reversed(list(enumerate(each)))]
        elif isinstance(each, str | int) and not isinstance(each, bool):
            yield Leaf(place=f"json:{path}", name=name, value=str(each))


def _header_leaves(request: Request) -> Iterator[Leaf]:
    for name, value in request.headers:
        lower = name.lower()
        if lower == "cookie":
            for pair in value.split(";"):
                cookie, _, told = pair.strip().partition("=")
                yield Leaf(place=f"cookie:{cookie}", name=cookie, value=told.strip('"'))
        elif lower not in _OF_THE_CONNECTION and not lower.startswith(_BROWSER):
            scheme, space, rest = value.partition(" ")
            told = rest if space and scheme.lower() in _SCHEMES else value
            yield Leaf(place=f"header:{lower}", name=lower, value=told)
