"""The fields of a recorded request: urlencoded, multipart or the top level of JSON; other bodies have none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from chatgptfree_mock.tape.model import Request, header_of

_BOUNDARY: Final = re.compile(r"""boundary=(?:"([^"]+)"|([^\s;]+))""", re.IGNORECASE)
_NAME: Final = re.compile(rb"""\bname=(?:"([^"]*)"|([^\s;]+))""", re.IGNORECASE)
_FILE: Final = re.compile(rb"""\bfilename=(?:"([^"]*)"|([^\s;]+))""", re.IGNORECASE)
_LOOKS_LIKE_A_FORM: Final = re.compile(rb"[^\s=&<{\[]+=")


def content_type(request: Request) -> str:
    """Return the value of `Content-Type`, empty if there is none."""
    return header_of(request.headers, "content-type")


def form_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Return names and values in the order of the body; broken bytes become U+FFFD."""
    body, media_type = request.body or b"", content_type(request)
    kind = media_type.partition(";")[0].strip().lower()
    if not body:
        return ()
    if kind == "multipart/form-data":
        return tuple(_multipart(body, media_type))
    if kind == "application/json" or body[:1] == b"{":
        return _json(body)
    if kind in ("", "application/x-www-form-urlencoded"):
        return tuple(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return ()


def form_parts(body: bytes, media_type: str) -> tuple[tuple[str, str], ...]:
    """
    Return the fields of an urlencoded or multipart body without loss, for comparisons; anything else has none.

    Bytes that are not UTF-8 become lone surrogates, so that different bytes stay different.  The name of a file is a
    field of its own, and the boundary is not part of anything.  *media_type* is the value of `Content-Type`.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return tuple(_lossless(body, media_type))
    if kind == "application/x-www-form-urlencoded" or (not kind and _LOOKS_LIKE_A_FORM.match(body)):
        text = body.decode("utf-8", "surrogateescape")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    return ()


class _FormPart(NamedTuple):
    """A part of a multipart body; its name is None if it has none, and its file's name if it is not a file."""

    name: bytes | None
    file: bytes | None
    value: bytes


def _parts(body: bytes, media_type: str) -> Iterator[_FormPart]:
    """Yield the parts of a multipart body (RFC 7578); what lacks a head or comes after the end is left out."""
    boundary = _boundary(media_type)
    if boundary is None:
        return
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, found, value = part.partition(b"\r\n\r\n")
        if found and not part.startswith(b"--"):
            yield _FormPart(_parameter(_NAME.search(head)), _parameter(_FILE.search(head)), value)


def _parameter(found: re.Match[bytes] | None) -> bytes | None:
    return None if found is None else found[1] or found[2] or b""


def _lossless(body: bytes, media_type: str) -> Iterator[tuple[str, str]]:
    for part in _parts(body, media_type):
        name = (part.name or b"").decode("utf-8", "surrogateescape")
        yield name, part.value.decode("utf-8", "surrogateescape")
        if part.file is not None:
            yield f"{name}; filename", part.file.decode("utf-8", "surrogateescape")


def _boundary(media_type: str) -> bytes | None:
    """Return the boundary as it is in the body, None if there is none; lone surrogates are bytes that are not UTF-8."""
    found = _BOUNDARY.search(media_type)
    try:
        return None if found is None else (found[1] or found[2]).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair, which no body holds
        return None


def _multipart(body: bytes, media_type: str) -> Iterator[tuple[str, str]]:
    for part in _parts(body, media_type):
        if part.name is not None:
            yield part.name.decode(errors="replace"), part.value.decode(errors="replace")


def _json(body: bytes) -> tuple[tuple[str, str], ...]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    if not isinstance(value, dict):
        return ()
    return tuple(
        (name, inner if isinstance(inner, str) else msgspec.json.encode(inner).decode())
        for name, inner in value.items()
    )
