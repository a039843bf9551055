"""
Find the body of a message in a file, and its form: vcrpy's, betamax's, Ruby VCR's, cassetter's, parsed JSON.

| form | written by | looks like |
|---|---|---|
| text | vcrpy | request ``body: text``, response ``body: {string: text}``; vcrpy's old httpx stub: ``content: text`` |
| text | betamax, Ruby VCR | ``body: {encoding: utf-8, string: text}`` |
| base64 | betamax, Ruby VCR (`preserve_exact_body_bytes`) | ``body: {encoding: utf-8, base64_string: aGk=}`` |
| json | serializers that parse JSON, such as pydantic-ai's | ``parsed_body: {a: 1}`` in place of ``body`` |
| json | vcrpy, for a request made with ``json=`` by aiohttp | request ``body: {a: 1}`` |
| json, text, hex | cassetter | ``body: {type: json, content: {a: 1}}``, types json, text, binary (in hex), none |
| text, base64 | go-vcr, php-vcr, EasyVCR, ExVCR | ``body: text``; php-vcr has some kinds in base64 |

A body that is none of these is an error that names its keys: nothing that is in the file is read as an empty body.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

import yaml
from msgspec import Struct

from chatgptfree_mock.tape.decoding.base64_text import decode_base64
from chatgptfree_mock.tape.yaml.dialect import CassetteDialect
from chatgptfree_mock.tape.yaml.nodes import (
    NodeTypeError,
    header_nodes,
    is_null,
    mapping,
    octets,
    plain,
    sequence,
    text,
)

_ENVELOPE: Final = frozenset({"string", "base64_string", "encoding"})
_CASSETTER: Final = frozenset({"json", "text", "binary", "none"})
_BESIDE: Final = frozenset(
    {
        *("status", "status_code", "reason", "headers", "http_version", "protocol", "url", "history", "elapsed"),
        *("adapter_metadata", "recorded_at", "x-stream"),
    }
)
"""Keys of a message that hold no body."""
_BASE64_IN_PHP: Final = {"content-transfer-encoding": "binary", "content-type": "application/x-gzip"}
"""Headers of responses whose bodies php-vcr writes in base64 (`VCR\\Response::toArray`)."""
_WRAPPED: Final = tuple(
    f"tag:yaml.org,2002:python/object/{name}" for name in ("new:_io.BytesIO", "apply:builtins.iter")
)


class Form(StrEnum):
    """The form in which bytes are written."""

    TEXT = "text"
    BASE64 = "base64"
    JSON = "json"
    HEX = "hex"


class StoredBody(Struct, frozen=True, kw_only=True):
    """
    A body in a file.

    *data*: its bytes; None where the file has none.  *path*: the keys that lead from the message to it; empty where it
    is not in the file.  *charset*: the charset of *data*, where the file names one.
    """

    data: bytes | None = None
    path: tuple[str, ...] = ()
    form: Form = Form.TEXT
    charset: str = "utf-8"

    def encoded(self, data: bytes) -> Any:
        """
        Return *data* as the file writes it: text, bytes where the text form can't hold them, or parsed JSON.

        Raises:
            ValueError: the form is JSON and *data* is not.
        """
        match self.form:
            case Form.BASE64:
                return base64.b64encode(data).decode()
            case Form.HEX:
                return data.hex()
            case Form.JSON:
                return json.loads(data)
            case Form.TEXT:
                try:
                    return data.decode(self.charset)
                except UnicodeDecodeError:
                    return data


def request_body(entries: Mapping[str, yaml.Node], dialect: CassetteDialect) -> StoredBody:
    """
    Find the body of a request.

    *entries*: the request's keys.  *dialect*: whose format it is in; in that of betamax and Ruby VCR a mapping is never
    JSON data.

    Raises:
        NodeTypeError: it is in none of the known forms.
    """
    if "parsed_body" in entries:
        return _parsed(entries["parsed_body"], ("parsed_body",))
    node = entries.get("body")
    if node is None or is_null(node):
        return StoredBody(path=() if node is None else ("body",))
    if node.tag in _WRAPPED:
        return StoredBody(data=b"".join(_first_octets(node)), path=("body",))
    if isinstance(node, yaml.ScalarNode):
        return StoredBody(data=octets(node), path=("body",))
    if isinstance(node, yaml.MappingNode):
        inner = mapping(node, "a body")
        enveloped = dialect is CassetteDialect.RUBY or (
            len(inner) > 1 and inner.keys() <= _ENVELOPE and "encoding" in inner
        )
        if (dialect is CassetteDialect.CASSETTER and "type" in inner) or enveloped:
            found = _from_mapping(node, inner, dialect)
            return found if found.data or not enveloped else StoredBody(path=found.path, form=found.form)
    return _parsed(node, ("body",))


def response_body(
    node: yaml.Node, entries: Mapping[str, yaml.Node], dialect: CassetteDialect, *, bodiless: bool
) -> StoredBody:
    """
    Find the body of a response.

    *node*: the response; *entries*: its keys.  *dialect*: whose format it is in.  *bodiless*: a response of this
    status, or to this method, has no body (RFC 9110 section 6.4.1).

    Raises:
        NodeTypeError: there is none, or none in a known form; the message names the keys that are there instead.
    """
    if "parsed_body" in entries and not ("body" in entries and is_null(entries["parsed_body"])):
        return _parsed(entries["parsed_body"], ("parsed_body",))
    key = "body" if "body" in entries and not (is_null(entries["body"]) and "content" in entries) else "content"
    body = entries.get(key)
    if body is None:
        unknown = [name for name in entries if name not in _BESIDE]
        if unknown or not bodiless:
            raise NodeTypeError(f"no `body`{_instead(unknown)}", node, "vcrpy writes `body: {string: …}`")
        return StoredBody()
    if is_null(body):
        return StoredBody(path=(key,))
    if isinstance(body, yaml.ScalarNode):
        return (
            _of_list(body, entries) if dialect is CassetteDialect.LIST else StoredBody(data=octets(body), path=(key,))
        )
    return _from_mapping(body, mapping(body, "`body`"), dialect)


def _of_list(body: yaml.ScalarNode, entries: Mapping[str, yaml.Node]) -> StoredBody:
    """Find the body of php-vcr, which has some kinds in base64, and of ExVCR, which has bytes as a term of Erlang."""
    if "binary" in entries and plain(entries["binary"]):
        raise NodeTypeError("the body is a term of Erlang (`binary`)", entries["binary"], "record it as text")
    headers = {name.lower(): value for name, value in header_nodes(entries.get("headers"))}
    for name, value in _BASE64_IN_PHP.items():
        if name in headers and text(headers[name], f"the header {name}") == value:
            return StoredBody(data=_base64(body, "`body`"), path=("body",), form=Form.BASE64)
    return StoredBody(data=octets(body), path=("body",))


def _from_mapping(node: yaml.Node, inner: Mapping[str, yaml.Node], dialect: CassetteDialect) -> StoredBody:
    if dialect is CassetteDialect.CASSETTER and "type" in inner:
        return _of_cassetter(inner)
    charset = _charset(inner)
    for key, form in (("base64_string", Form.BASE64), ("string", Form.TEXT)):  # betamax and Ruby VCR prefer the former
        value = inner.get(key)
        if value is None or is_null(value):
            continue
        data = _base64(value, f"`{key}`") if form is Form.BASE64 else _in_charset(value, charset)
        if data:
            return StoredBody(data=data, path=("body", key), form=form, charset=charset)
    unknown = [name for name in inner if name not in _ENVELOPE]
    if unknown and not ("string" in inner or "base64_string" in inner):
        raise NodeTypeError(f"the body has no `string`{_instead(unknown)}", node, "write it as `string: text`")
    key = next((key for key in ("string", "base64_string") if key in inner), "")
    return StoredBody(
        data=b"" if key else None,
        path=("body", key) if key else (),
        form=Form.BASE64 if key == "base64_string" else Form.TEXT,
        charset=charset,
    )


def _instead(unknown: Iterable[str]) -> str:
    names = ", ".join(f"`{name}`" for name in unknown)
    return f", but {names}" if names else ""


def _of_cassetter(inner: Mapping[str, yaml.Node]) -> StoredBody:
    kind = text(inner["type"], "`type`")
    if kind not in _CASSETTER:
        raise NodeTypeError(f"unknown body type `{kind[:40]}`", inner["type"], "cassetter has json, text, binary, none")
    content = inner.get("content")
    path = ("body", "content")
    if kind == "none" or content is None:
        return StoredBody()
    if kind == "json":
        return _parsed(content, path)
    if kind == "text":
        return StoredBody(data=octets(content), path=path)
    try:
        return StoredBody(data=bytes.fromhex(text(content, "`content`")), path=path, form=Form.HEX)
    except ValueError as exc:
        raise NodeTypeError(f"broken hexadecimal: {exc}", content, "paste it again") from exc


def _parsed(node: yaml.Node, path: tuple[str, ...]) -> StoredBody:
    try:
        return StoredBody(data=json.dumps(plain(node)).encode(), path=path, form=Form.JSON)
    except TypeError as exc:
        raise NodeTypeError(f"bytes have no place in JSON: {exc}", node) from exc


def _charset(inner: Mapping[str, yaml.Node]) -> str:
    """
    Return the charset that the key `encoding` names; Ruby's names for "not text" and unknown ones count as UTF-8.

    Ruby VCR and betamax store text, and encode it on replay.
    """
    node = inner.get("encoding")
    name = "" if node is None or is_null(node) else text(node, "`encoding`")
    try:
        "".encode(name or "utf-8")
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.lower() in ("", "us-ascii", "ascii", "binary") else name


def _in_charset(node: yaml.Node, charset: str) -> bytes:
    data = octets(node)
    if charset.lower().replace("_", "-") in ("utf-8", "utf8") or node.tag.endswith("binary"):
        return data
    try:
        return data.decode().encode(charset)
    except UnicodeError:
        return data


def _base64(node: yaml.Node, what: str) -> bytes:
    try:
        return decode_base64(text(node, what))
    except ValueError as exc:
        raise NodeTypeError(f"broken base64: {exc}", node, "paste the base64 again") from exc


def _first_octets(node: yaml.Node) -> list[bytes]:
    """Find the bytes in what vcrpy wrote for a file-like or an iterated body."""
    if isinstance(node, yaml.ScalarNode):
        return [octets(node)]
    if isinstance(node, yaml.MappingNode):
        entries = mapping(node, "a body")
        inner = entries.get("args", entries.get("state"))
        return _first_octets(inner) if inner is not None else []
    items = sequence(node, "a body")
    if items and isinstance(items[0], yaml.SequenceNode):
        return [octets(item) for item in items[0].value]
    return _first_octets(items[0]) if items else []
