"""The head of an HTTP/1 response (RFC 9112): its status line, its fields, and the length and framing of the body."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from msgspec import Struct

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.(\d)[ \t]+([1-9]\d\d)(?:[ \t]+(.*))?")
_LENGTH: Final = re.compile(rb"\d{1,18}")
_ODD_IN_VALUES: Final = re.compile(rb"[\r\0]")
_NO_BODY: Final = frozenset({101, 204, 304})

Field: TypeAlias = tuple[bytes, bytes]


class DamagedError(Exception):
    """The bytes are not HTTP, for the reason in its text."""


class Head(Struct, frozen=True, kw_only=True):
    """Status line and fields of the final response."""

    version: tuple[int, int]
    status: int
    reason: bytes
    fields: tuple[Field, ...]
    chunked: bool
    reusable: bool
    """Whether the server keeps the connection open for another request."""


def head_of(lines: list[bytes]) -> Head:
    """
    Return the head that *lines* are, without their line ends.

    Raises:
        DamagedError: the status line or a field is not one.
    """
    status_line, *field_lines = lines
    found = _STATUS_LINE.fullmatch(status_line)
    if not found:
        raise DamagedError("its status line is damaged")
    fields = tuple(_fields(field_lines))
    codings = _tokens(fields, b"transfer-encoding")
    version, status = (1, int(found[1])), int(found[2])
    options = _tokens(fields, b"connection")
    kept = b"keep-alive" in options if version == (1, 0) else b"close" not in options
    return Head(
        version=version,
        status=status,
        reason=found[3] or b"",
        fields=fields,
        chunked=codings[-1:] == [b"chunked"] and status not in _NO_BODY,
        reusable=kept and not (codings and _tokens(fields, b"content-length")),
    )


def _fields(lines: list[bytes]) -> list[Field]:
    """Split the lines of a head into names and values; a line that begins with a blank goes on with the one before."""
    fields: list[Field] = []
    for line in lines:
        text = _ODD_IN_VALUES.sub(b" ", line)
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b" " + text.strip())
            continue
        name, colon, value = text.partition(b":")
        if not colon or not name.strip():
            raise DamagedError("a line of its head has no name")
        fields.append((name.strip(), value.strip(b" \t")))
    return fields


def _tokens(fields: tuple[Field, ...], wanted: bytes) -> list[bytes]:
    values = b",".join(value for name, value in fields if name.lower() == wanted)
    return [token for item in values.split(b",") if (token := item.strip().lower())]


def length_of(head: Head) -> int | None:
    """
    Return the length of the body, None if it ends with the connection (RFC 9112, 6.3).

    Raises:
        DamagedError: there is no such length.
    """
    if head.status in _NO_BODY:
        return 0
    if _tokens(head.fields, b"transfer-encoding"):
        return None
    lengths = set(_tokens(head.fields, b"content-length"))
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise DamagedError("its Content-Length is not a number")
    return int(lengths.pop()) if lengths else None
