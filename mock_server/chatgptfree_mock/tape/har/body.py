"""
The bytes of a body as a HAR has them: text in some charset, base64, a file beside the HAR, or events.

A HAR holds text, not bytes.  Most tools decode it as the page's charset has it; Chromium takes windows-1252 for an
answer that names none, an event stream included, which turns `é` into `Ã©`.  The `size` beside it is the length of the
original bytes, and shows which it was, and whether all of it is there.
"""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

from chatgptfree_mock.tape.har.file import Attachments, Content, PostData, ServerSentEvent

_CHARSET: Final = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
_WINDOWS_1252: Final = frozenset({"windows-1252", "cp1252", "iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"})
"""Labels that the WHATWG Encoding Standard (section 4.2) gives to windows-1252."""
_BYTE_OF: Final = {bytes([number]).decode("cp1252", errors="ignore") or chr(number): number for number in range(256)}
"""The WHATWG's windows-1252 has a character for each byte; Python's codec leaves five out."""
_WITH_BOM: Final = re.compile(r"text/|application/(?:json|javascript|xml)|.*\+(?:json|xml)")
_SMALLEST_WITH_BOM: Final = 512
_FEWEST_LINES: Final = 5
"""Internet Explorer writes each line end as LF: a size that is larger by one for each of so many is no accident."""


class Stored(NamedTuple):
    """
    The bytes of a body, and what became of them on the way.

    *problem*: why there is none.  *note*: what was changed.  *whole*: how many bytes it should have, if some lack.
    """

    data: bytes | None
    problem: str = ""
    note: str = ""
    whole: int | None = None


def content_bytes(content: Content, content_type: str, attachments: Attachments) -> Stored:
    """
    Return the bytes of a response's *content*.

    *content_type*: the header's value, or empty.  *attachments* looks up files beside the HAR.
    """
    size = int(content.size) if content.size is not None and isfinite(content.size) else -1
    if content.file:
        return _attached(content.file, attachments)
    if content.text is None:
        return Stored(None)
    if content.encoding == "base64":
        data = decode_base64(content.text)
        if data is None:
            return Stored(None, "its body is broken base64")
        whole = size if size > len(data) and size != len(content.text) else None
        return Stored(data, whole=whole)
    return _encoded(content.text, size, content_type or content.mime_type or "")


def _encoded(text: str, size: int, kind: str) -> Stored:
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
        return Stored(data.replace(b"\n", b"\r\n"), note="its line ends are CRLF again, as its size tells")
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
    """Return the UTF-8 that *text* is the reading of as windows-1252; None if it is not."""
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


def posted_bytes(told: PostData | None, attachments: Attachments) -> Stored:
    """Return the bytes of a request's body from its `postData`; None if it has none."""
    if told is None:
        return Stored(None)
    if told.file:
        return _attached(told.file, attachments)
    if told.text and told.encoding == "base64":
        data = decode_base64(told.text)
        return Stored(data, "" if data is not None else "the body of its request is broken base64")
    return Stored(told.text.encode(errors="replace") if told.text else None)


def _attached(name: str, attachments: Attachments) -> Stored:
    data = None if re.search(r"[/\\]|^\.+$", name) else attachments(name)
    if data is None:
        return Stored(None, f"its body is in the file {name[:80]}, which is not beside the HAR: keep both together")
    return Stored(data)


def decode_base64(text: str) -> bytes | None:
    """Decode base64, wrapped or without its padding; None if it is broken."""
    squeezed = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(squeezed + "=" * (-len(squeezed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


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
