r"""
Values with a structure that clients parse: web tokens, JSON, fields, parameters of Authorization, also encoded.

A placeholder for one keeps the structure, and only the values within are replaced: a web token still has three parts
that decode, Digest keeps its realm and algorithm, a cookie of JSON stays JSON.  Text is one character a byte of its
UTF-8, or plain; it may be percent-encoded, or escaped as in HTML or in a string of JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from chatgptfree_mock.tape.decoding.base64_text import encoded_like, text_in_base64
from chatgptfree_mock.tape.json_value import read_json
from chatgptfree_mock.tape.lazy_pattern import LazyPattern

Replace = Callable[[str], str]
"""Returns the replacement of a value."""
_DEEPEST: Final = 6
_WEB_TOKEN: Final = LazyPattern(r"e[A-Za-z0-9_-]{7,}+(?:\.[A-Za-z0-9_-]*+){1,4}")
"""Parts in base64url, the first of which is a JSON object (RFC 7519 section 3); Flask's signed cookies look alike."""
_BASE64: Final = LazyPattern(r"(?:e[yw]|W[3y])[A-Za-z0-9+/_-]{10,}+={0,2}")
"""Base64 of an object or a list of JSON."""
_PREFIXES: Final = ("j:", "base64-")
"""The prefixes of Express before JSON in a cookie, and of Supabase before base64."""
_JSON_TOKEN: Final = LazyPattern(
    r'"(?P<text>(?:[^"\\]++|\\.)*+)"(?P<colon>\s*+:)?|(?P<number>-?[0-9]++)(?P<fraction>[.eE][0-9.eE+-]*+)?|[^"0-9-]++',
    re.DOTALL,
)
_FIELD: Final = r"[\w.%\[\]~*-]++=[^&=\s\"<>{}]*+"
_FIELDS: Final = LazyPattern(rf"{_FIELD}(?:&{_FIELD})++", re.ASCII)
"""Two fields of a form or more (WHATWG URL, 5.1)."""
_PARAMETER: Final = LazyPattern(r"([A-Za-z][\w-]*+)(\s*+=\s*+)(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s\",]++))", re.ASCII)
_PARAMETERS: Final = LazyPattern(rf"{_PARAMETER.pattern}(?:\s*+,\s*+{_PARAMETER.pattern})++\s*+", re.ASCII)
"""Two parameters of a scheme or more (RFC 9110 section 11.4)."""
_FIRST: Final = frozenset("{[eWjb")
_MARK: Final = LazyPattern(r"[=,%\\&]")
"""The first character of JSON, of base64 and of `_PREFIXES`, and a mark of every other structure."""
_ESCAPED: Final = LazyPattern(r"\\[\"\\/u]")
_REFERENCE: Final = LazyPattern(r"&(?:quot|amp|#[xX]?[0-9a-fA-F]+);")
_PERCENT: Final = LazyPattern(r"%[0-9A-Fa-f]{2}")
_SHORT_NUMBER: Final = LazyPattern(r"-?[0-9]{0,3}|true|false|null")
"""Short numbers and literals, which reveal nothing."""
_SECRET_KEY: Final = LazyPattern(r"@|(?=[A-Za-z_-]{0,40}[0-9][A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{12,}")
"""A key that is a value itself, such as an id."""
_TIMES: Final = frozenset(
    {"exp", "iat", "nbf", "auth_time", "updated_at", "created_at", "expires", "expires_at", "expires_in", "max_age"}
    | {"ts", "timestamp", "datestamp", "oauth_timestamp"}
)
"""Names of numbers that are times (RFC 7519 section 4.1, OpenID Connect Core section 2)."""
_PUBLIC: Final = frozenset(
    {"alg", "typ", "enc", "zip", "cty", "iss", "aud", "scope", "scp", "token_type", "token_use", "type"}
    | {"realm", "qop", "algorithm", "nc", "uri", "stale", "charset", "userhash", "domain", "signedheaders", "headers"}
    | {"oauth_version", "oauth_signature_method", "version"}
)
"""Names of what describes a credential: RFC 7519 section 4.1, RFC 7616 sections 3.3 and 3.4, RFC 5849 section 3.1."""
_PLAIN: Final = LazyPattern(
    r"(?:(?:(?:https?:/)?/[\w.:-]*(?:/[\w.~-]{0,24})*|[A-Za-z0-9][A-Za-z0-9._:+-]{0,24})(?:[ ,;]+|\Z))+", re.ASCII
)
"""Words and addresses without a query."""


def rewritten(text: str, new: Replace) -> str | None:
    """Return *text* with *new* values in place of those in it, spelled as they were; None if it has no structure."""
    return _rewritten(text, new, _DEEPEST)


def values_in(text: str) -> list[str]:
    """Return the values in *text*, decoded; none if it has no structure."""
    found: list[str] = []

    def keep(value: str) -> str:
        found.append(value)
        return value

    rewritten(text, keep)
    return found


def _rewritten(text: str, new: Replace, deep: int) -> str | None:
    if not deep or len(text) < 2 or (text[0] not in _FIRST and not _MARK.search(text)):
        return None
    for read in (_json, _web_token, _base64, _prefixed, _fields, _parameters, _percent_encoded, _escaped, _references):
        if (result := read(text, new, deep - 1)) is not None:
            return result
    return None


def _inner(text: str, new: Replace, deep: int) -> str:
    """Return *text*, a value within a structure, rewritten or replaced."""
    result = _rewritten(text, new, deep)
    return new(text) if result is None else result


def _json(text: str, new: Replace, deep: int) -> str | None:
    if text[0] not in "{[" or not _is_json(text):
        return None
    name = ""
    parts: list[str] = []
    for found in _JSON_TOKEN.finditer(text):
        part = found[0]
        if found["colon"]:
            name = _string_content(found["text"])
            if _SECRET_KEY.search(name):
                part = f"{_string(new(name))}{found['colon']}"
        elif found["text"]:
            content = _string_content(found["text"])
            if not _is_public(name, content):
                part = _string(_inner(content, new, deep))
        elif found["number"] and not (found["fraction"] or _SHORT_NUMBER.fullmatch(part) or name.lower() in _TIMES):
            part = new(part)
        parts.append(part)
    return "".join(parts)


def _is_json(text: str) -> bool:
    try:
        return isinstance(read_json(text), dict | list)
    except ValueError:
        return False


def _string_content(source: str) -> str:
    content = json.loads(f'"{source}"', strict=False) if "\\" in source else source
    return str(content)


def _string(content: str) -> str:
    return json.dumps(content, ensure_ascii=False)


def _is_public(name: str, value: str) -> bool:
    return name.lower() in _PUBLIC and _PLAIN.fullmatch(value) is not None


def _web_token(text: str, new: Replace, deep: int) -> str | None:
    if not _WEB_TOKEN.fullmatch(text):
        return None
    head, *rest = text.split(".")
    content = _json_in(head)
    if content is None:
        return None
    if '"alg"' not in content:
        head = _base64(head, new, deep) or new(head)
    parts = [head, *(part and (_base64(part, new, deep) or new(part)) for part in rest)]
    return ".".join(part.rstrip("=") for part in parts)


def _base64(text: str, new: Replace, deep: int) -> str | None:
    content = _json_in(text) if _BASE64.fullmatch(text) else None
    result = _json(content, new, deep) if content is not None else None
    return None if result is None else encoded_like(result.encode("latin-1", "replace"), text)


def _json_in(text: str) -> str | None:
    """Return the JSON that *text* is base64 of, one character a byte; None if it is not."""
    data = text_in_base64(text)
    content = data.decode("latin-1") if data else ""
    return content if content[:1] in ("{", "[") and _is_json(content) else None


def _prefixed(text: str, new: Replace, deep: int) -> str | None:
    prefix = next((each for each in _PREFIXES if text.startswith(each)), "")
    result = _rewritten(text[len(prefix) :], new, deep) if prefix else None
    return None if result is None else prefix + result


def _fields(text: str, new: Replace, deep: int) -> str | None:
    if "=" not in text or not _FIELDS.fullmatch(text):
        return None
    return "&".join(_field(*pair.partition("="), new, deep) for pair in text.split("&"))


def _field(name: str, mark: str, value: str, new: Replace, deep: int) -> str:
    if _SECRET_KEY.search(name):
        name = new(name)
    if not (_SHORT_NUMBER.fullmatch(value) or name.lower() in _TIMES):
        value = _inner(value, new, deep)
    return f"{name}{mark}{value}"


def _parameters(text: str, new: Replace, deep: int) -> str | None:
    if "," not in text or not _PARAMETERS.fullmatch(text):
        return None
    del deep
    return _PARAMETER.sub(lambda found: _parameter(found, new), text)


def _parameter(found: re.Match[str], new: Replace) -> str:
    name, mark, quoted, token = found.groups()
    value = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if not value or name.lower() in _TIMES or _is_public(name, value):
        return found[0]
    if quoted is None:
        return f"{name}{mark}{new(value)}"
    content = re.sub(r"([\\\"])", r"\\\1", new(value))
    return f'{name}{mark}"{content}"'


def _percent_encoded(text: str, new: Replace, deep: int) -> str | None:
    if not _PERCENT.search(text):
        return None
    result = _rewritten(unquote_to_bytes(text.encode("latin-1", "replace")).decode("latin-1"), new, deep)
    if result is None:
        return None
    plain = set(text) - {"%"}
    source = quote(result.encode("latin-1", "replace"), safe="".join(each for each in plain if each.isascii()))
    if not re.search(r"%[0-9]?[A-F]", text):
        source = _PERCENT.sub(lambda found: found[0].lower(), source)
    return source


def _escaped(text: str, new: Replace, deep: int) -> str | None:
    """Read *text* as the content of a string of JSON."""
    if not _ESCAPED.search(text):
        return None
    try:
        content = _string_content(text)
    except ValueError:
        return None
    result = _rewritten(content, new, deep)
    return None if result is None else _string(result)[1:-1]


def _references(text: str, new: Replace, deep: int) -> str | None:
    """Read *text* as the value of an attribute of HTML."""
    if not _REFERENCE.search(text):
        return None
    result = _rewritten(html.unescape(text), new, deep)
    return None if result is None else html.escape(result)
