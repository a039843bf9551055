"""The kind of a text, by its type and its form, which decides about the reader."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.redaction.bodies.markup import is_markup

_BINARY: Final = LazyPattern(
    r"(?:image/(?!svg)|audio/|video/|font/|application/(?:zip|gzip|pdf|wasm|octet-stream|x-protobuf|protobuf|grpc|msgpack|"
    r"x-msgpack|cbor|vnd\.amazon\.eventstream|x-tar|x-7z|font|vnd\.ms-fontobject|x-shockwave-flash))",
    re.IGNORECASE,
)
_SECTION: Final = LazyPattern(r"\[{1,2}[A-Za-z][^\[\]{}\"',]*\]{1,2}[ \t]*(?:[#;][^\n]*)?\r?\n")
"""The first line of INI and TOML."""
_JSON: Final = LazyPattern(r"[{\[]\s*+(?:[\"{\[\]}0-9tfn-]|\Z)")
"""The start of an object or a list of JSON, and not of `{key: "…"}` in another language."""
_CONTROLS: Final = LazyPattern(r"[\x00-\x08\x0e-\x1a\x1c\x1d\x1f]|\x1e(?![{\[])")
"""Control characters of binary bodies; the one before each value of a JSON Text Sequence (RFC 7464) is none."""
_FORM: Final = LazyPattern(r"(?![A-Za-z0-9+/_-]*+={1,2}\Z)[\w.%+\[\]~*-]{1,200}=[^\s<>{}\"]*+\Z", re.ASCII)
"""Names and values, but not the padding of base64."""
_EVENTS: Final = LazyPattern(r"\ufeff?(?:data|event|id|retry)?:[^/]", re.ASCII)
_SCRIPT: Final = LazyPattern(r"(?:java|ecma)script", re.IGNORECASE)
BOUNDARY: Final = LazyPattern(r"boundary=(?:\"([^\"]{1,200})\"|([^\s;]{1,200}))", re.IGNORECASE)
_URL: Final = LazyPattern(r"(?:https?:)?//[^\s\"'<>]*\Z|/[^\s\"'<>?#]*[?#][^\s\"'<>]*\Z", re.IGNORECASE)


class TextKind(Enum):
    """The kind of a text."""

    BINARY = "binary"
    FORM = "form"
    MULTIPART = "multipart"
    EVENTS = "events"
    JSON = "json"
    MARKUP = "markup"
    SCRIPT = "script"
    STYLE = "style"
    TEXT = "text"
    URL = "url"


def kind_of_text(text: str, content_type: str) -> TextKind:
    """
    Return the kind of a body, by its header and by its bytes.

    *text*: the body's bytes decoded as Latin-1.

    Raises:
        UnicodeEncodeError: *text* has other characters.
    """
    kind = content_type.lower()
    if is_binary(text, content_type):
        return TextKind.BINARY
    if kind.startswith("multipart/") and BOUNDARY.search(content_type):
        return TextKind.MULTIPART
    start = text[:256].lstrip("\ufeff \t\r\n\x1e")
    if "event-stream" in kind or (_EVENTS.match(start) and "\n" in text):
        return TextKind.EVENTS
    if (_JSON.match(start) and not _SECTION.match(start)) or (start[:1] == '"' and "json" in kind):
        return TextKind.JSON
    if _SCRIPT.search(kind):
        return TextKind.SCRIPT
    if kind.startswith("text/css"):
        return TextKind.STYLE
    if start[:1] == "<" or ("html" in kind or "xml" in kind):
        return TextKind.MARKUP
    if "urlencoded" in kind or (_FORM.match(text) and "text/" not in kind):
        return TextKind.FORM
    return TextKind.TEXT


def is_binary(text: str, content_type: str) -> bool:
    """
    Return whether a body is binary: by its type, or since it holds control characters or is not UTF-8.

    *text*: the body's bytes decoded as Latin-1.

    Raises:
        UnicodeEncodeError: *text* has other characters.
    """
    if _BINARY.match(content_type.strip()):
        return True
    head = text[:4096]
    if "\0" in head or len(_CONTROLS.findall(head)) * 20 > len(head):
        return True
    if head.isascii() or "charset" in content_type.lower() or content_type.lower().startswith("text/"):
        return False
    return _is_broken(head)


def _is_broken(head: str) -> bool:
    data = head.encode("latin-1")
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        return exc.start < len(data) - 4 and sum(byte > 127 for byte in data) * 5 > len(data)
    return False


def inner_kind(text: str) -> TextKind:
    """Return the kind of *text*, a part of another text, by its form."""
    stripped = text.lstrip()
    start = stripped[:1]
    if start in ("{", "[") and '"' in text and _JSON.match(stripped) and not _SECTION.match(stripped):
        return TextKind.JSON
    if "<" in text and is_markup(text):
        return TextKind.MARKUP
    if "/" in text and _URL.match(text):
        return TextKind.URL
    if start == "%" or ("=" in text and _FORM.match(text)):
        return TextKind.FORM
    return TextKind.TEXT
