"""
The parts of a request that can be compared: method, address, query, body by its kind, headers.

A body is a form (urlencoded or multipart), JSON, or bytes.  `Content-Type` decides; where it is missing or
unspecific, the body itself does.  A body that is not what its type claims is compared as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from msgspec.structs import replace

from chatgptfree_mock.tape.content_coding import decode_body
from chatgptfree_mock.tape.forms import content_type, form_of, form_parts
from chatgptfree_mock.tape.json_value import read_json
from chatgptfree_mock.tape.model import Headers, Request, header_of

RequestFields = tuple[tuple[str, str], ...]
BodyKind = Literal["nothing", "form", "JSON", "bytes"]
_PORTS: Final = {"http": 80, "https": 443}
_MAGIC: Final = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd")
"""The first bytes of gzip and zstd; a client may have compressed its body without a header."""
_MOST: Final = 64 * 1024 * 1024
"""Decoded bytes of a request, above which it is compared as it was sent."""


class _ParsedBody(NamedTuple):
    """What a body holds."""

    kind: BodyKind
    json: Any = None
    fields: RequestFields = ()


_NO_CONTENT: Final = _ParsedBody("nothing")


@dataclass(frozen=True, kw_only=True)
class RequestKey:
    """One request, parsed."""

    method: str
    """Upper case."""
    path: str
    """Decoded segment by segment; a slash inside a segment stays `%2F`.  At least `/`."""
    scheme: str = "http"
    host: str = ""
    """Lower case, without the port; empty if the address names none."""
    port: int | None = None
    """None: the scheme's own."""
    query: RequestFields = ()
    sent_headers: Headers = ()
    """The headers before `replaced` is applied."""
    sent_body: bytes = b""
    """The body before `replaced` is applied; without its content coding, or as it was sent where that is damaged."""
    content_type: str = ""
    """The value of that header; empty as well where there is no body."""
    target: str = ""
    """Path and query as they were sent."""
    known_host: bool = field(default=True, compare=False)
    """False: the request went to an address that is not one of the recorded sites, so its host is not compared."""
    status: int = field(default=0, compare=False)
    """The status of the recorded response; 0 for a request without one."""
    varies: tuple[str, ...] = field(default=(), compare=False)
    """The headers that select a response beside the default ones, in lower case; see `selecting_headers`."""
    replaced: Callable[[str], str] | None = field(default=None, compare=False)
    """Applied to the headers and to the values in the body before they are compared; see `with_replaced`."""

    @classmethod
    def from_request(cls, request: Request) -> RequestKey:
        """Parse a request; a compressed body, the query and the form are decoded."""
        request = decompressed(request)
        parts = _split(request.uri)
        query = parts.query
        return cls(
            method=request.method.upper(),
            scheme=parts.scheme.lower() or "http",
            host=(parts.hostname or "").rstrip("."),
            port=_port(parts.netloc, parts.scheme.lower()),
            path=decoded_path(parts.path),
            query=tuple(parse_qsl(query, keep_blank_values=True, errors="surrogateescape")) if query else (),
            sent_headers=request.headers,
            sent_body=request.body or b"",
            content_type=content_type(request) if request.body else "",
            target=f"{parts.path or '/'}?{query}" if query else parts.path or "/",
        )

    def answered(self, status: int, varies: tuple[str, ...]) -> RequestKey:
        """Return the key of a recorded request, with the *status* of its response and what responses there vary by."""
        return _made_of(self.__dict__, status=status, varies=varies)

    def with_replaced(self, replaced: Callable[[str], str]) -> RequestKey:
        """Return the key with *replaced* applied to the headers, but for the content type, and to the body."""
        made = _made_of({name: self.__dict__[name] for name in _FIELDS}, replaced=replaced)
        if self.kind == "form":  # its fields are known, so they are not read again
            found = tuple([(name, replaced(value)) for name, value in self.form_fields])
            made.__dict__["_content"] = _ParsedBody("form", None, found)
        return made

    @property
    def headers(self) -> Headers:
        """Return the headers as they are compared."""
        replaced = self.replaced
        return self.sent_headers if replaced is None else tuple([(name, replaced(v)) for name, v in self.sent_headers])

    @property
    def body(self) -> bytes:
        """Return the body as it is compared."""
        if self.replaced is None or not self.sent_body:
            return self.sent_body
        return self.replaced(self.sent_body.decode("latin-1")).encode("latin-1")

    def for_sites(self, sites: frozenset[str]) -> RequestKey:
        """Return this key with `known_host` set by the recorded *sites*; the parsed body is kept."""
        known = self.site in sites
        return self if known is self.known_host else _made_of(self.__dict__, known_host=known)

    @property
    def site(self) -> str:
        """Return host and port as one name; `www.` and the default ports do not make another site."""
        host = self.host.removeprefix("www.")
        return f"{host}:{self.port}" if self.port is not None else host

    def field(self, name: str) -> str | None:
        """Return the value of the field *name*, in the form or else in the query."""
        return next((value for key, value in (*self.form, *self.query) if key == name), None)

    @cached_property
    def form(self) -> RequestFields:
        """Return names and values of a form, or of the top level of a JSON object; broken bytes are U+FFFD."""
        return form_of(Request(method=self.method, uri=self.target, headers=self.headers, body=self.body))

    @property
    def kind(self) -> BodyKind:
        """Return the kind of the body."""
        return self._content.kind

    @property
    def json(self) -> Any:
        """Return the value of a JSON body, None if it is none; ask for `kind` first."""
        return self._content.json

    @property
    def form_fields(self) -> RequestFields:
        """Return the fields of a form without loss: a file is its name and its bytes."""
        return self._content.fields

    @cached_property
    def _content(self) -> _ParsedBody:
        body = self.body
        if not body:
            return _NO_CONTENT
        form = form_parts(body, self.content_type)
        found = self._json_value(body)
        if found is not None:
            return _ParsedBody("JSON", found[0], form)
        return _ParsedBody("form" if form else "bytes", None, form)

    def _json_value(self, body: bytes) -> tuple[Any] | None:
        media_type = self.content_type.partition(";")[0].strip().lower()
        looks_like_it = body.lstrip()[:1] in (b"{", b"[")
        if not (media_type.endswith(("/json", "+json")) or (looks_like_it and media_type != "multipart/form-data")):
            return None
        try:
            return (read_json(body),)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """Return the first value of the header *name*, None if there is none."""
        return header_of(self.headers, name) if any(key.lower() == name.lower() for key, _ in self.headers) else None


_FIELDS: Final = tuple(each.name for each in fields(RequestKey))


def _made_of(fields: Mapping[str, Any], **changed: Any) -> RequestKey:
    """Return a key with these *fields*; `dataclasses.replace` takes several times as long, once or twice a request."""
    made = object.__new__(RequestKey)
    made.__dict__.update(fields, **changed)
    return made


def decompressed(request: Request) -> Request:
    """Return *request* with its body decoded; the same one if it is not coded, or damaged.  The headers stay."""
    if not request.body:
        return request
    coding = header_of(request.headers, "content-encoding")
    if not coding and not request.body.startswith(_MAGIC):
        return request
    found = decode_body(request.body, coding, content_type(request), limit=_MOST)
    return replace(request, body=found.body) if found.codings and found.complete else request


def _split(uri: str) -> SplitResult:
    try:
        return urlsplit(uri)
    except ValueError:  # such as `http://[::1`, which some recordings hold
        return SplitResult("", "", uri, "", "")


def decoded_path(raw: str) -> str:
    """Return a path as `RequestKey.path` has it."""
    segments = (unquote(segment, errors="surrogateescape").replace("/", "%2F") for segment in raw.split("/"))
    return "/".join(segments) or "/"


def first_segment(path: str) -> str:
    """Return what is between the first two slashes of *path*."""
    return path[1:].partition("/")[0]


def _port(netloc: str, scheme: str) -> int | None:
    """Return the port that an address names; None for the default one, and for what is not a number."""
    _, colon, digits = netloc.rpartition("@")[2].rpartition(":")
    if not colon or not (digits.isascii() and digits.isdigit()) or len(digits) > 5:
        return None
    return None if int(digits) == _PORTS.get(scheme) else int(digits)
