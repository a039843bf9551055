"""The parts of a response in which a site gives out values, as `record.Source` names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.model import Response

BODY: Final = "body"
COOKIE: Final = "header:set-cookie"
_OF_THE_CONNECTION: Final = LazyPattern(
    r"date|server|via|age|vary|etag|last-modified|expires|pragma|connection|keep-alive|transfer-encoding|upgrade|trailer"
    r"|allow|alt-svc|cache-control|accept.*|access-control-.*|content-.*|cf-.*|nel|report-to|strict-.*|cross-origin-.*"
    r"|permissions-policy|referrer-policy|server-timing|timing-allow-origin|x-(?:powered-by|cache.*|frame-options)",
    re.IGNORECASE,
)
"""Headers of a response without a value that a client sends back."""


def header_parts(response: Response) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each header in which values are given out, its part, and its text: a cookie's first pair."""
    for number, (name, value) in enumerate(response.headers):
        lower = name.lower()
        if not _OF_THE_CONNECTION.fullmatch(lower):
            yield number, f"header:{lower}", value.partition(";")[0] if lower == "set-cookie" else value


def body_text(response: Response) -> str | None:
    """Return the body as text, bytes that are not UTF-8 as surrogates; None for a binary one."""
    return None if b"\0" in response.body[:1024] else response.body.decode("utf-8", "surrogateescape")


def texts(response: Response) -> Iterator[tuple[str, str]]:
    """Yield each part and its text, the headers first."""
    yield from ((part, text) for _, part, text in header_parts(response))
    body = body_text(response)
    if body is not None:
        yield BODY, body
