"""The fields of a recorded request: urlencoded, multipart or the top level of JSON; other bodies have none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
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
        return _multipart(body, media_type)
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
        return tuple(_parts(body, media_type))
    if kind == "application/x-www-form-urlencoded" or (not kind and _LOOKS_LIKE_A_FORM.match(body)):
        text = body.decode("utf-8", "surrogateescape")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    return ()


def _parts(body: bytes, media_type: str) -> Iterator[tuple[str, str]]:
    boundary = _boundary(media_type)
    if boundary is None:
        return
    line = b"\r\n--" + boundary
    for part in (b"\r\n" + body).split(line)[1:]:
        head, found, value = part.partition(b"\r\n\r\n")
        if not found or part.startswith(b"--"):
            continue
        name = _decoded_name(_NAME.search(head))
        yield name, value.decode("utf-8", "surrogateescape")
        if file := _FILE.search(head):
            yield f"{name}; filename", _decoded_name(file)


def _boundary(media_type: str) -> bytes | None:
    """Return the boundary as it is in the body, None if there is none; lone surrogates are bytes that are not UTF-8."""
    found = _BOUNDARY.search(media_type)
    try:
        return None if found is None else (found[1] or found[2]).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a pair, which no body holds
        return None


def _decoded_name(found: re.Match[bytes] | None) -> str:
    return "" if found is None else (found[1] or found[2] or b"").decode("utf-8", "surrogateescape")


def _multipart(body: bytes, media_type: str) -> tuple[tuple[str, str], ...]:
    boundary = _boundary(media_type)
    if boundary is None:
        return ()
    fields: list[tuple[str, str]] = []
    for part in body.split(b"--" + boundary):
        head, _, value = part.partition(b"\r\n\r\n")
        if name := _NAME.search(head):
            text = value.removesuffix(b"\r\n").decode(errors="replace")
            fields.append(((name[1] or name[2] or b"").decode(errors="replace"), text))
    return tuple(fields)


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
