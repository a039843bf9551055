"""
The bytes of a body in a HAR: text in some charset, base64, a file beside the HAR, or events.

A HAR holds text, not bytes.  Most tools decode it as the page's charset has it; Chromium takes windows-1252 for an
answer that names none, an event stream included, which turns `é` into `Ã©`.  The `size` beside it is the length of the
original bytes, and shows which it was, and whether all of it is there.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

from chatgptfree_mock.tape.content_coding import decode_body
from chatgptfree_mock.tape.decoding.base64_text import decode_base64, from_base64
from chatgptfree_mock.tape.har.entry import Content, PostData, ServerSentEvent
from chatgptfree_mock.tape.har.file import Attachments

_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_WINDOWS_1252: Final = frozenset({"windows-1252", "cp1252", "iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"})
"""Labels that the WHATWG Encoding Standard (section 4.2) gives to windows-1252."""
_BYTE_OF: Final = {bytes([number]).decode("cp1252", errors="ignore") or chr(number): number for number in range(256)}
"""The WHATWG's windows-1252 has a character for each byte; Python's codec leaves five out."""
_WITH_BOM: Final = re.compile(r"text/|application/(?:json|javascript|xml)|.*\+(?:json|xml)")
_SMALLEST_WITH_BOM: Final = 512
_FEWEST_LINES: Final = 5
"""The line ends from which on a size that is larger by one for each shows Internet Explorer, which writes LF."""
_GZIP: Final = b"\x1f\x8b"
"""RFC 1952, section 2.3.1: the first two bytes of gzip."""


class Stored(NamedTuple):
    """
    The bytes of a body, and notes on their reconstruction.

    *problem*: why there is no body.  *note*: what was changed.  *whole*: the full number of bytes, if some are missing.
    """

    data: bytes | None
    problem: str = ""
    note: str = ""
    whole: int | None = None


def content_bytes(content: Content, content_type: str, coding: str, attachments: Attachments) -> Stored:
    """
    Return the bytes of a response's *content*.

    Args:
        content: what the HAR has of the body.
        content_type: the value of the header, or empty.
        coding: the value of `Content-Encoding`, or empty.
        attachments: looks up files beside the HAR.
    """
    size = int(content.size) if content.size is not None and isfinite(content.size) else -1
    if content.file:
        return _attached(content.file, attachments)
    if content.text is None:
        return Stored(None)
    packed = _packed_chunks(content, coding)
    if packed is not None:
        return Stored(packed)
    if _is_base64(content):
        data = from_base64(content.text)
        if data is None:
            return Stored(None, "its body is broken base64")
        whole = size if size > len(data) and size != len(content.text) else None
        return Stored(data, whole=whole)
    stored = _encoded(content.text, size, content_type or content.mime_type or "", coding)
    if stored.note or _is_text(content.encoding):
        return stored
    return stored._replace(note=f"its encoding is {content.encoding!r:.40}, which is not known: it is taken for text")


def _is_base64(body: Content | PostData) -> bool:
    return (body.encoding or "").lower() == "base64"


def _is_text(encoding: str | None) -> bool:
    """Return whether *encoding* is none, or the name of a charset: what it names has become text already."""
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError):
        return False
    return True


def _packed_chunks(content: Content, coding: str) -> bytes | None:
    """
    Return the encoded body that Polly.JS writes as a JSON list of its chunks; None if it is not one.

    Each chunk is in base64, up to Polly 5.1 in hexadecimal (its `adapter-node-http`).  A list of words can look so,
    too; only what decodes counts, with nothing after its end, and to something unless it is gzip.
    """
    text = content.text or ""
    if not (text.startswith('["') and text.endswith('"]')):
        return None
    try:
        chunks = json.loads(text)
        packed = b"".join(map(decode_base64 if _is_base64(content) else bytes.fromhex, chunks))
    except (ValueError, TypeError, AttributeError):
        return None
    found = decode_body(packed, coding, content.mime_type or "")
    whole = found.codings and found.complete and not found.surplus
    whole = whole and bool(found.body or packed.startswith(_GZIP))
    return packed if _is_base64(content) or whole else None


def _read_as_text(text: str, coding: str) -> bytes | None:
    """Return the encoded bytes of which each became a character of Latin-1 or windows-1252; None if *text* is text."""
    if text.isascii() or not (coding or text.startswith(("\x1f\x8b", "\x1f‹"))):
        return None
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        found = _windows_1252(text)
        if found is None:
            return None
        data = found
    found_codings = decode_body(data, coding)
    return data if found_codings.codings and found_codings.complete else None


def _encoded(text: str, size: int, kind: str, coding: str) -> Stored:
    packed = _read_as_text(text, coding)
    if packed is not None:
        return Stored(packed, note="its body is encoded, and was written as text; it is bytes again")
    named = _CHARSET.search(kind)
    data = _in_charset(text, named[1].lower() if named else "utf-8")
    if size == len(data):
        return Stored(data)
    original = None if named else _misread(text)
    if original is not None and (size == len(original) or kind.lower().startswith("text/event-stream")):
        note = "the browser took its UTF-8 for windows-1252; it is UTF-8 again"
        return Stored(original, note=note, whole=size if size > len(original) else None)
    if size <= len(data):
        return Stored(data)
    if size == len(data) + len(BOM_UTF8) and len(data) >= _SMALLEST_WITH_BOM and _WITH_BOM.match(kind.lower()):
        return Stored(BOM_UTF8 + data, note="its byte order mark, which the browser dropped, is back")
    if size - len(data) == data.count(b"\n") >= _FEWEST_LINES and b"\r" not in data:
        return Stored(data.replace(b"\n", b"\r\n"), note="its line ends are CRLF again, as its size shows")
    return Stored(data, whole=size)


def _in_charset(text: str, charset: str) -> bytes:
    if charset in _WINDOWS_1252:
        data = _windows_1252(text)
        return text.encode(errors="replace") if data is None else data
    try:
        return text.encode(charset)
    except (LookupError, UnicodeError):
        return text.encode(errors="replace")


def _misread(text: str) -> bytes | None:
    """Return the UTF-8 that was decoded as windows-1252 to *text*; None if it was not."""
    data = None if text.isascii() else _windows_1252(text)
    try:
        return data if data is not None and data.decode() else None
    except UnicodeDecodeError:
        return None


def _windows_1252(text: str) -> bytes | None:
    try:
        return bytes([_BYTE_OF[character] for character in text])
    except KeyError:
        return None


def posted_bytes(posted: PostData | None, attachments: Attachments) -> Stored:
    """Return the bytes of a request's body from its `postData`; None if it has none."""
    if posted is None:
        return Stored(None)
    if posted.file:
        return _attached(posted.file, attachments)
    if posted.text and _is_base64(posted):
        data = from_base64(posted.text)
        return Stored(data, "" if data is not None else "the body of its request is broken base64")
    return Stored(posted.text.encode(errors="replace") if posted.text else None)


def _attached(name: str, attachments: Attachments) -> Stored:
    data = None if re.search(r"[/\\]|^\.+$", name) else attachments(name)
    if data is None:
        return Stored(None, f"its body is in the file {name[:80]}, which is not beside the HAR: keep both together")
    return Stored(data)


def event_stream(events: Sequence[ServerSentEvent]) -> list[bytes]:
    """
    Return the blocks of an event stream that gives *events* again.

    What the browser has parsed away (comments, `retry`, spaces, the kind of line end) is not in the HAR.
    """
    blocks: list[str] = []
    for event in events:
        lines = [f"event: {event.event_name}"] if event.event_name not in (None, "", "message") else []
        lines += [f"id: {event.event_id}"] if event.event_id else []
        lines += [f"data: {line}" for line in re.split(r"\r\n|\r|\n", event.data or "")]
        blocks.append("\n".join(lines) + "\n\n")
    return [block.encode(errors="replace") for block in blocks]
