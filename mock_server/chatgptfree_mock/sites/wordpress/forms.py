"""
A request as PHP parses it: `$_GET`, `$_POST`, `$_FILES` and WordPress' own `$_REQUEST`.

Parsing never fails.  Data that PHP drops (too many variables, too much depth, a broken multipart body, a body over its
limit) is dropped here as well, and the result is never larger than the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from string import hexdigits
from typing import Union

import msgspec
from msgspec import Struct

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.multipart import option, parts_of

MAX_VARIABLES = 1000
MAX_NESTING = 64
MAX_FILES = 20
MAX_BODY = 32 * 1024 * 1024
"""PHP's post_max_size; a longer body leaves `$_POST` and `$_FILES` empty."""
MAX_UPLOAD = 32 * 1024 * 1024

_VARIABLE = re.compile(rb"[^&]+")
_OCTET = re.compile(rb"%([0-9A-Fa-f]{2})")
_OCTETS = {f"{high}{low}".encode(): bytes([int(high + low, 16)]) for high in hexdigits for low in hexdigits}
"""The bytes by their two hexadecimal digits, in all spellings."""

Value = Union[str, "Array"]
Array = dict[str, Value]
"""A PHP array; a numeric key is a text of its digits."""


class UploadError:
    """PHP's error numbers for uploads."""

    OK = 0
    TOO_LARGE = 1
    PARTIAL = 3
    NO_FILE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One entry of `$_FILES`."""

    name: str
    type: str
    content: bytes = field(repr=False)
    error: int = UploadError.OK


class Fields(Struct, frozen=True, kw_only=True, gc=False):
    """The fields of one request, not slashed."""

    get: Array = msgspec.field(default_factory=dict)
    post: Array = msgspec.field(default_factory=dict)
    files: dict[str, Upload] = msgspec.field(default_factory=dict)

    @property
    def request(self) -> Array:
        """Return GET and POST merged; POST wins, and cookies are not included."""
        return {**self.get, **self.post} if self.get else self.post


@lru_cache(maxsize=1)  # the kind of a request and its answer need the same form
def read(request: SiteRequest) -> Fields:
    """Read the query and, if the method is POST, the body of *request*."""
    get = parse(request.query.encode("latin-1", "replace")) if request.query else {}
    if request.method != "POST" or len(request.body) > MAX_BODY:
        return Fields(get=get)
    kind, _, options = request.header("Content-Type").partition(";")
    kind = kind.strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return Fields(get=get, post=parse(request.body))
    if kind == "multipart/form-data":
        return _multipart(get, request.body, options)
    return Fields(get=get)


def scalar(fields: Array, name: str) -> str | None:
    """Return the field *name*, or None if it is missing or an array."""
    value = fields.get(name)
    return value if isinstance(value, str) else None


def parse(encoded: bytes) -> Array:
    """Read urlencoded variables as PHP does: the last one wins, ``a[]=`` and ``a[b]=`` make arrays."""
    found: Array = {}
    for variable in islice(_VARIABLE.finditer(encoded), MAX_VARIABLES):
        name, _, value = variable[0].partition(b"=")
        _register(found, _decode(name), _decode(value))
    return found


def _decode(encoded: bytes) -> str:
    if b"+" in encoded:
        encoded = encoded.replace(b"+", b" ")
    if b"%" in encoded:
        encoded = _OCTET.sub(_octet, encoded)
    return encoded.decode("utf-8", "surrogateescape")


def _octet(found: re.Match[bytes]) -> bytes:
    return _OCTETS[found[1]]


def _register(into: Array, name: str, value: Value) -> None:
    if name.isidentifier():
        into[name] = value
        return
    name = name.lstrip(" ").partition("\0")[0]
    base, bracket, rest = name.partition("[")
    if not base:
        return
    base = re.sub(r"[ .]", "_", base)
    if bracket and "]" not in rest:
        into[f"{base}_{rest}"] = value
        return
    keys = _keys(bracket + rest)
    if len(keys) > MAX_NESTING:
        return
    for key in keys:
        inner = into.get(base)
        if not isinstance(inner, dict):
            inner = into[base] = {}
        into, base = inner, key or _next_number(inner)
    into[base] = value


def _keys(brackets: str) -> list[str]:
    """Return the keys in the consecutive brackets; anything after them is ignored."""
    keys, at = [], 0
    while brackets.startswith("[", at) and (end := brackets.find("]", at)) > 0:
        keys.append(brackets[at + 1 : end])
        at = end + 1
    return keys


def _next_number(array: Array) -> str:
    return str(max((int(key) for key in array if re.fullmatch(r"0|[1-9]\d{0,17}", key)), default=-1) + 1)


def _multipart(get: Array, body: bytes, options: str) -> Fields:
    boundary = option(options, "boundary")
    if not boundary:
        return Fields(get=get)
    post: Array = {}
    files: dict[str, Upload] = {}
    for count, (head, content, whole) in enumerate(parts_of(body, b"--" + boundary.encode("latin-1", "replace"))):
        if count >= MAX_VARIABLES:
            break
        disposition = head.get("content-disposition", "")
        name, filename = option(disposition, "name"), option(disposition, "filename")
        if name is None:
            continue
        if filename is None:
            if whole:
                _register(post, name, content.decode("utf-8", "surrogateescape"))
        elif len(files) < MAX_FILES:
            files[name] = _upload(filename, head.get("content-type", ""), content, whole=whole)
    return Fields(get=get, post=post, files=files)


def _upload(filename: str, kind: str, content: bytes, *, whole: bool) -> Upload:
    name = re.split(r"[/\\]", filename)[-1]
    if not filename:
        return Upload(name="", type="", content=b"", error=UploadError.NO_FILE)
    if len(content) > MAX_UPLOAD:
        return Upload(name=name, type="", content=b"", error=UploadError.TOO_LARGE)
    if not whole:
        return Upload(name=name, type="", content=b"", error=UploadError.PARTIAL)
    return Upload(name=name, type=kind, content=content)
