"""Secrets in forms, queries, addresses, multipart bodies and headers: whatever pairs a name with a value by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.tape.lazy_pattern import LazyPattern
from chatgptfree_mock.tape.placeholders import is_placeholder
from chatgptfree_mock.tape.redaction.bodies.encoded_text import base64_secrets
from chatgptfree_mock.tape.redaction.names.rules import Context
from chatgptfree_mock.tape.redaction.names.secret_names import Name, squeezed
from chatgptfree_mock.tape.redaction.names.secret_values import Notation, is_secret_value, looks_mixed, looks_random
from chatgptfree_mock.tape.redaction.running_text.copied_headers import scheme_length
from chatgptfree_mock.tape.redaction.running_text.pattern_search import pattern_secrets
from chatgptfree_mock.tape.redaction.text.findings import Secret, secret_at
from chatgptfree_mock.tape.redaction.text.views import url_view

_FIELD: Final = LazyPattern(r"(?:\A|(?<=[&;]))(?P<name>[^=&;]*+)=(?P<value>[^&]*)")
"""Begins where a field may begin only: a text without `=` is read once, not once from each of its characters."""
_OAUTH: Final = frozenset(
    {"grant_type", "redirect_uri", "response_type", "code_verifier", "client_id", "id_token", "nonce"}
)
_PART_NAME: Final = LazyPattern(r"\bname=(?:\"([^\"\r\n]{1,200})\"|([^\s;]{1,200}))")
_COOKIE_SPLIT: Final = LazyPattern(r"\n|,\s*(?=[!#$%&'*+.^_`|~\w-]+=)", re.ASCII)
_COOKIE: Final = LazyPattern(r"[^;]+")
_SESSION_IN_PATH: Final = LazyPattern(
    r"\(S\(([A-Za-z0-9]{8,64})\)\)|;(?:jsessionid|sid|phpsessid)=([\w.!-]{8,200})", re.IGNORECASE
)
_PROTOCOL: Final = LazyPattern(r"[A-Za-z0-9_~+/=-]{20,}")
_URL_HEADERS: Final = frozenset(
    {"location", "referer", "content-location", "refresh", "origin", "link", "x-redirect-by"}
)
_LINK_TARGET: Final = LazyPattern(r"<([^<>]*)>")
"""RFC 8288 section 3: `Link: <address>; rel="next", <address>`."""
_WHOLE: Final = frozenset({"keys", "nonces", "sessions", "challenge", "own", "payment", "phones"})


def form_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets of `a=1&b=2`, in a body or a query (WHATWG URL, 5.1)."""
    names = {_unquoted(name) for name in {found["name"] for found in _FIELD.finditer(text)}}
    oauth = bool(names & _OAUTH) or {"code", "state"} <= names
    read: dict[str, list[Secret]] = {}
    for found in _FIELD.finditer(text):
        field = found[0]
        if field not in read:
            read[field] = list(_in_field(found["name"], found["value"], context, oauth=oauth))
        for secret in read[field]:
            yield secret.moved(found.start("value"))


def _in_field(name: str, raw: str, context: Context, *, oauth: bool) -> Iterator[Secret]:
    """Yield the secrets of the value *raw*; *oauth*: the form has fields of OAuth (RFC 6749, 4.1)."""
    name, value = _unquoted(name), _unquoted(raw)
    if not value:
        return
    named = context.rules.name(name)
    if named is not None and oauth and squeezed(name) in ("code", "state"):
        named = Name(named.rule, len(value) >= 6)
    if named is not None and is_secret_value(named, name, value, Notation.FIELD):
        start = scheme_length(raw) if named.rule == "authorization" else 0
        yield secret_at(start, len(raw), named.rule, value[start:], f"is the value of the field `{name}`")
    elif secrets := context.nested(value):
        yield from url_view(raw).back(secrets)


def _unquoted(source: str) -> str:
    return url_view(source).text if "%" in source or "+" in source else source


def url_secrets(text: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets of an address: user and password, tokens in the path, the query, the fragment."""
    head, mark, rest = text.partition("?")
    if not mark:
        head, mark, rest = text.partition("#")
    yield from pattern_secrets(text)
    for found in _SESSION_IN_PATH.finditer(head):
        group = found.lastindex or 1
        if "sessions" not in context.rules.keep and not is_placeholder(found[group]):
            yield secret_at(*found.span(group), "sessions", found[group], "is a session's id in a path")
    yield from base64_secrets(head, context)
    if "%" in head:
        view = url_view(head, plus=False)
        yield from view.back(context.nested(view.text))
    query, fragment_mark, fragment = rest.partition("#")
    for part, at in ((query, len(head) + 1), (fragment, len(head) + len(query) + 2)):
        if part:
            for secret in form_secrets(part, context):
                yield secret.moved(at)
    del mark, fragment_mark


def multipart_secrets(text: str, boundary: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets of a multipart body (RFC 7578); files in it that are not text are left to exact search."""
    at = 0
    for part in re.split(rf"(?:\A|(?<=\n))--{re.escape(boundary)}", text):
        split = re.search(r"\r?\n\r?\n", part)
        if split is not None:
            head, start = part[: split.start()], split.end()
            value = part[start:].removesuffix("\n").removesuffix("\r")
            for secret in _part(head, value, context):
                yield secret.moved(at + start)
        at += len(part) + len(boundary) + 2


def _part(head: str, value: str, context: Context) -> Iterator[Secret]:
    named = _PART_NAME.search(head)
    name = (named[1] or named[2]) if named else ""
    found = context.rules.name(name) if name else None
    if "\0" in value or not value:
        return
    if found is not None and "filename=" not in head and is_secret_value(found, name, value, Notation.FIELD):
        yield secret_at(0, len(value), found.rule, value, f"is the value of the field `{name}`")
    else:
        yield from context.nested(value)


def header_secrets(name: str, value: str, context: Context) -> Iterator[Secret]:
    """Yield the secrets of a header's value."""
    kind = name.lower()
    if kind in ("cookie", "cookie2"):
        yield from _cookies(value, context, 0, one_only=False)
        return
    if kind in ("set-cookie", "set-cookie2"):
        yield from _set_cookies(value, context)
        return
    if kind == "sec-websocket-protocol":
        yield from _protocols(value, context)
        return
    found = context.rules.name(name)
    if kind == "link" and "<" in value:
        for target in _LINK_TARGET.finditer(value):
            for secret in url_secrets(target[1], context):
                yield secret.moved(target.start(1))
    elif kind in _URL_HEADERS:
        yield from url_secrets(value, context)
    elif found is not None and found.rule == "authorization":
        start = value.find(" ") + 1
        if value[start:] and not is_placeholder(value[start:]):
            yield secret_at(start, len(value), found.rule, value[start:], f"is the credential of the header `{name}`")
    elif (
        found is not None
        and found.rule in _WHOLE
        and len(value) >= 3
        and (found.sure or looks_random(value) or looks_mixed(value))
    ):
        start = scheme_length(value)
        if not is_placeholder(value[start:]):
            yield secret_at(start, len(value), found.rule, value[start:], f"is the value of the header `{name}`")
    else:
        yield from context.nested(value)


def _protocols(value: str, context: Context) -> Iterator[Secret]:
    """Read a list of WebSocket protocols (RFC 6455, 11.3.4), in which browsers send tokens for want of a header."""
    yield from context.nested(value)
    for found in _PROTOCOL.finditer(value):
        token = found[0]
        if "keys" not in context.rules.keep and looks_random(token) and not is_placeholder(token):
            yield secret_at(*found.span(), "keys", token, "is a token among the protocols of a WebSocket")


def _set_cookies(value: str, context: Context) -> Iterator[Secret]:
    """Read one `Set-Cookie`, or several that a browser's or proxy's export joined by newline or comma."""
    at = 0
    for joint in [*_COOKIE_SPLIT.finditer(value), None]:
        end = joint.start() if joint else len(value)
        yield from _cookies(value[at:end], context, at, one_only=True)
        at = joint.end() if joint else end


def _cookies(text: str, context: Context, offset: int, *, one_only: bool) -> Iterator[Secret]:
    for piece in _COOKIE.finditer(text):
        name, _, value = piece[0].partition("=")
        value = (value or name).strip().strip('"')
        found = context.rules.name(name.strip())
        rule = found.rule if found and found.rule in ("challenge", "own") else "cookies"
        if value and rule not in context.rules.keep and not is_placeholder(value) and value.lower() != "deleted":
            start = offset + piece.start() + piece[0].rindex(value)
            yield secret_at(start, start + len(value), rule, value, f"is the cookie `{name.strip()}`")
        if one_only:
            return
