"""
Names and values that a header cannot have, and those that a file cannot hold.

With such a name clients stop reading, or wait for more (`http.client`); a line break in a value would begin a header of
its own.
"""

from __future__ import annotations

import re
from typing import Final

from chatgptfree_mock.tape.model import Headers

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 section 5.6.2."""


def invalid_names(headers: Headers) -> tuple[str, ...]:
    """Return the names among *headers* that are not tokens (RFC 9110 section 5.1), each once, in order."""
    return tuple(dict.fromkeys(name for name, _ in headers if not _TOKEN.fullmatch(name)))


def without_invalid_names(headers: Headers) -> Headers:
    """Return *headers* without those whose name is not a token."""
    invalid = frozenset(invalid_names(headers))
    return tuple(pair for pair in headers if pair[0] not in invalid) if invalid else headers


def with_line_breaks(headers: Headers) -> tuple[str, ...]:
    """Return the names among *headers* whose value has a CR or LF (RFC 9110 section 5.5), each once, in order."""
    return tuple(dict.fromkeys(name for name, value in headers if "\r" in value or "\n" in value))


def storable(text: str) -> str:
    """
    Return *text* of a header as a file can hold it.

    Where it has lone surrogates, in place of bytes that are not UTF-8, all of its bytes become Latin-1, as HTTP had
    it (RFC 9110 section 5.5) and as the headers of responses are read.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    return text


def with_utf8(headers: Headers) -> Headers:
    """
    Return *headers* with the text of values whose bytes are UTF-8, where a file has each byte as a character.

    So `http.client` reads them, hence vcrpy with requests and urllib3.  Other text stays as it is.
    """
    return headers if all(value.isascii() for _, value in headers) else tuple((n, _as_utf8(v)) for n, v in headers)


def _as_utf8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
