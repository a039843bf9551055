"""
Content codings of bodies (RFC 9110 section 8.4.1): find the coding of stored bytes, and decode them.

A stored body may be encoded although no header mentions it, be decoded although a header claims a coding (vcrpy stores
bodies so), consist of several gzip members (RFC 1952 section 2.2), or break off within its coding.  So the bytes
decide, and the header is a hint.  `deflate` means zlib's format (RFC 1950); bytes without zlib's header are accepted as
well, because servers send both.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import Final, TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.tape.coder import MAGIC, MAX_DECODED, Decoder, Encoder
from chatgptfree_mock.tape.coding_streams import CODINGS, Coding, has_zlib_header

_NOT_A_CODING: Final = frozenset({"", "identity", "none", "utf-8"})
"""PHP scripts send `none` to keep a web server from compressing, or confuse the coding with the charset."""
_ARCHIVES: Final = ("gzip", "zip", "compress", "zstd", "octet-stream", "tar", "image/", "audio/", "video/", "font/")
"""Parts of media types whose bytes are compressed by themselves: a magic number there is content, not a coding."""
_MAX_LAYERS: Final = 4


class DecodedBody(Struct, frozen=True, kw_only=True):
    """
    The result of decoding stored bytes.

    *body*: the decoded bytes, up to the damage if there is any.  *codings*: the codings found, in the order in which
    they were applied (the order of `Content-Encoding`); empty where the bytes were not encoded.  *complete*: False
    where the bytes end before the coding does.  *damage*: what is wrong with the encoded bytes, or an empty string.
    *surplus*: bytes after the end of the coding, which readers ignore.
    """

    body: bytes
    codings: tuple[str, ...] = ()
    complete: bool = True
    damage: str = ""
    surplus: int = 0


def codings_of(content_encoding: str) -> tuple[str, ...]:
    """Return the codings that a `Content-Encoding` value lists, lower-case, in their order, without ``identity``."""
    names = (name.strip().lower().removeprefix("x-") for name in content_encoding.split(","))
    return tuple(name for name in names if name not in _NOT_A_CODING)


def decode_body(
    body: bytes, content_encoding: str = "", content_type: str = "", *, limit: int = MAX_DECODED
) -> DecodedBody:
    """
    Decode *body* as far as its bytes are encoded, whatever the headers claim.

    *content_encoding* and *content_type* are the values of these headers, or empty; *limit* bounds the decoded bytes.
    A header that claims a coding is only a hint: bytes that do not have it are returned as they are.  Without a header,
    a coding is only assumed for media types that are not compressed by themselves.
    """
    hints = list(codings_of(content_encoding))
    found: list[str] = []
    decoded = DecodedBody(body=body)
    while decoded.body and len(found) < _MAX_LAYERS:
        layer = _decode_layer(decoded.body, hints[-1] if hints else "", content_type, first=not found, limit=limit)
        if layer is None:
            break
        found.insert(0, layer.codings[0])
        decoded = layer
        if hints and hints[-1] == layer.codings[0]:
            hints.pop()
        if not layer.complete:
            break
    return replace(decoded, codings=tuple(found))


def decode_chunks(
    chunks: Iterable[bytes], codings: Iterable[str], *, limit: int = MAX_DECODED
) -> tuple[list[bytes], str]:
    """
    Decode *chunks* one by one, so that each keeps its border and time; return them and the damage, if any.

    *limit* bounds the decoded bytes of all chunks together; more than that counts as damage.
    """
    decoded, damage = list(chunks), ""
    for coding in reversed(tuple(codings)):
        decoder, room = Decoder(known_coding(coding)), limit
        for index, chunk in enumerate(decoded):
            decoded[index] = decoder.feed(chunk, limit=room)
            room -= len(decoded[index])
        if not decoder.complete:
            damage = decoder.damage or f"the {coding} data breaks off"
    return decoded, damage


def encode_body(body: bytes, codings: Iterable[str]) -> bytes:
    """
    Encode *body* with each of *codings* in turn.

    Raises:
        ValueError: one of them is not among `CODINGS`.
    """
    for coding in codings:
        body = Encoder(known_coding(coding)).feed(body, last=True)
    return body


def is_known(name: str) -> TypeGuard[Coding]:
    """Whether *name* is one of `CODINGS`."""
    return name in CODINGS


def known_coding(name: str) -> Coding:
    """
    Return *name* as one of `CODINGS`.

    Raises:
        ValueError: it is not one of them.
    """
    if is_known(name):
        return name
    raise ValueError(f"unknown content coding `{name}`; known are {', '.join(CODINGS)}")


def _magic(body: bytes) -> Coding | None:
    return next((coding for magic, coding in MAGIC.items() if body.startswith(magic)), None)


def _decode_layer(body: bytes, hint: str, content_type: str, *, first: bool, limit: int) -> DecodedBody | None:
    """Decode the outermost coding of *body*; None if it has none."""
    magic = _magic(body)
    if magic is not None:
        own = first and not hint and any(part in content_type.lower() for part in _ARCHIVES)
        if own:
            return None
        attempt = _decoded(body, magic, limit)
        # Without a header that names it, three equal bytes without any content do not prove a coding.
        return attempt if hint or attempt.complete or attempt.body else None
    if hint in ("deflate", "br") and (first or not _is_text(body)):
        attempt = _decoded(body, known_coding(hint), limit)
        if _has_claimed_coding(body, attempt, limit):
            return attempt
    return _decode_without_header(body, content_type, limit)


def _has_claimed_coding(body: bytes, attempt: DecodedBody, limit: int) -> bool:
    """Return whether *body* has the claimed coding, which has no magic number; *attempt*: the result of decoding it."""
    if attempt.complete:
        return not (attempt.surplus and _is_text(body))
    intact = not attempt.damage or len(attempt.body) >= limit or _is_text(attempt.body, whole=False)
    return bool(attempt.body) and not _is_text(body) and intact


def _decode_without_header(body: bytes, content_type: str, limit: int) -> DecodedBody | None:
    """Try the codings without a magic number; only a whole body that decodes to text, or to another coding, counts."""
    if _is_text(body) or any(part in content_type.lower() for part in _ARCHIVES):
        return None
    candidates: list[Coding] = ["deflate", "br"] if has_zlib_header(body) else ["br"]
    for coding in candidates:
        attempt = _decoded(body, coding, limit)
        whole = attempt.complete and not attempt.surplus and attempt.body
        if whole and (_magic(attempt.body) is not None or _is_text(attempt.body)):
            return attempt
    return None


def _decoded(body: bytes, coding: Coding, limit: int) -> DecodedBody:
    decoder = Decoder(coding)
    decoded = decoder.feed(body, limit=limit)
    return DecodedBody(
        body=decoded, codings=(coding,), complete=decoder.complete, damage=decoder.damage, surplus=decoder.surplus
    )


def _is_text(body: bytes, *, whole: bool = True) -> bool:
    """Whether *body* is UTF-8 without NUL; unless it is *whole*, its last character may be cut."""
    try:
        return "\0" not in getincrementaldecoder("utf-8")().decode(body, whole)
    except UnicodeDecodeError:
        return False
