"""
The words by which a request is compared with recorded ones, and what compares each.

The words are vcrpy's (`method scheme host port path query body raw_body headers uri`), and `form`, `json`, `site`,
`field:NAME` and `header:NAME`.  A matcher compares one thing and returns every difference in words, none for a match.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from operator import attrgetter
from typing import Any, AnyStr, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.json_difference import differences, json_in, member_path
from chatgptfree_mock.tape.request_key import RequestFields, RequestKey
from chatgptfree_mock.tape.selecting_headers import selected_otherwise, unmet
from chatgptfree_mock.tape.shown_difference import shown_difference
from chatgptfree_mock.tape.volatile import Volatile

Matcher = Callable[[RequestKey, RequestKey, "Volatile"], tuple[str, ...]]
"""From the request that came, the recorded one and what is volatile to the differences in words."""

_MOST: Final = 50
"""Differences that are counted in one body; more make no request nearer or farther."""
_OF_THE_CONNECTION: Final = frozenset(
    {
        *("host", "connection", "keep-alive", "content-length", "transfer-encoding", "accept-encoding", "user-agent"),
        *("te", "trailer", "upgrade", "expect", "proxy-connection", "date"),
    }
)
"""Headers that `headers` does not compare: they belong to the client's library, or to one connection."""


def _differ(recorded: AnyStr | None, sent: AnyStr | None) -> tuple[str, ...]:
    return () if recorded == sent else (shown_difference(recorded, sent),)


def _attribute(name: str) -> Matcher:
    """Return what compares one attribute of the requests."""
    read = attrgetter(name)
    return lambda request, recorded, _: _differ(read(recorded), read(request))


def _port(request: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(*("its default" if port is None else str(port) for port in (recorded.port, request.port)))


def _site(request: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    """Compare host and port where the request names a recorded site; the mock's own address is any of them."""
    return _differ(recorded.site, request.site) if request.known_host else ()


def _path(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare the paths; a slash at the end does not matter."""
    same = is_same_path(request.path, recorded.path, volatile)
    return () if same else _differ(recorded.path, request.path)


def is_same_path(path: str, recorded: str, volatile: Volatile) -> bool:
    """Return whether two decoded paths are the same but for a slash at the end and for *volatile* segments."""
    then, now = recorded.rstrip("/"), path.rstrip("/")
    return then == now or (bool(volatile.segments) and _lasting_path(then, volatile) == _lasting_path(now, volatile))


def _lasting_path(path: str, volatile: Volatile) -> list[str]:
    """Return the segments of a path; one that belongs to one visit must only be there."""
    return [
        "*" if number in volatile.segments and segment else segment for number, segment in enumerate(path.split("/"))
    ]


def _query(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    return _differ_fields(recorded.query, request.query, volatile)


def _form(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    return _differ_fields(recorded.form_fields, request.form_fields, volatile)


def _json(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    if "JSON" not in (request.kind, recorded.kind):
        return ()
    if request.kind != recorded.kind:
        return _other_kind(request, recorded)
    found = islice(differences(recorded.json, request.json, volatile.has), _MOST)
    return tuple(f"{path}: {words}" for path, words in found)


def _body(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare the bodies by what they are."""
    match recorded.kind:
        case "JSON":
            return _json(request, recorded, volatile)
        case "form" if request.kind in ("form", "nothing"):
            return _form(request, recorded, volatile)
        case kind if kind != request.kind:
            return _other_kind(request, recorded)
        case _:
            return _raw_body(request, recorded, volatile)


def _other_kind(request: RequestKey, recorded: RequestKey) -> tuple[str, ...]:
    return (f"recorded {recorded.kind}   got {request.kind}",)


def _raw_body(request: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(recorded.body, request.body)


def _headers(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare every recorded header but those of the connection; what the request has besides does not matter."""
    names = dict.fromkeys(name.lower() for name, _ in recorded.headers)
    compared = [name for name in names if name not in _OF_THE_CONNECTION and not volatile.has_header(name)]
    found = [(name, _differ(recorded.header(name), request.header(name))) for name in compared]
    return tuple(f"{name}: {words[0]}" for name, words in found if words)


def _conditions(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare range and condition, where the recorded response answers only requests with them."""
    return tuple(
        f"{name}: {words}"
        for name in unmet(request, recorded, volatile)
        for words in _differ(recorded.header(name), request.header(name))
    )


def _selecting(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    return tuple(selected_otherwise(request, recorded, volatile))


def _uri(request: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    parts = ("scheme", "host", "port", "path", "query")
    return tuple(words for part in parts for words in _WORDS[part](request, recorded, volatile))


def _exact(request: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    """Compare target and body byte for byte, what belongs to one visit included."""
    same = request.target == recorded.target and request.body == recorded.body
    return () if same else ("not byte for byte",)


_WORDS: Final[dict[str, Matcher]] = {
    "method": _attribute("method"),
    "scheme": _attribute("scheme"),
    "host": _attribute("host"),
    "port": _port,
    "path": _path,
    "query": _query,
    "body": _body,
    "raw_body": _raw_body,
    "headers": _headers,
    "conditions": _conditions,
    "selecting": _selecting,
    "uri": _uri,
    "form": _form,
    "json": _json,
    "site": _site,
    "exact": _exact,
}
MATCH_WORDS: Final = {
    "method": "the method",
    "scheme": "`http` or `https`",
    "host": "the host",
    "port": "the port",
    "path": "the path; a slash at its end does not matter",
    "query": "the fields of the query, in any order but those of one name",
    "body": "the body by what it is: JSON, a form, or bytes",
    "raw_body": "the body, byte for byte",
    "headers": "every recorded header but those of the connection and the client's library",
    "conditions": "`Range` for a recorded part (206), and that there is a condition for a recorded 304 or 412",
    "selecting": "the headers that select a response: `Accept`, `Authorization`, `X-Requested-With`, those in `Vary` …",
    "uri": "scheme, host, port, path and query",
    "form": "the fields of a form",
    "json": "the values of a JSON body",
    "site": "host and port, where the request names a recorded one",
    "exact": "target and body, byte for byte",
    "field:NAME": "one field of the form or the query",
    "header:NAME": "one header",
}
"""The syntax of each word, and what it compares."""


def matcher(word: str) -> Matcher:
    """
    Return what compares *word*.

    Raises:
        SettingsError: there is no such word; the message names the nearest that exists.
    """
    kind, colon, name = word.partition(":")
    if colon and name and kind == "field":
        return lambda request, recorded, _: _differ(recorded.field(name), request.field(name))
    if colon and name and kind == "header":
        return lambda request, recorded, _: _differ(recorded.header(name), request.header(name))
    if word not in _WORDS:
        hint = nearest_or_all(word, MATCH_WORDS)
        raise SettingsError(f"match_on: no such word: `{word}`{hint}")
    return _WORDS[word]


def label(word: str) -> str:
    """Return what reports call *word*: the name alone of a field or header, `host` for `site`."""
    return "host" if word == "site" else word.rpartition(":")[2]


def _differ_fields(recorded: RequestFields, sent: RequestFields, volatile: Volatile) -> tuple[str, ...]:
    then, now = _lasting(recorded, volatile), _lasting(sent, volatile)
    found: list[str] = []
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            old, new = (", ".join(values) if values is not None else None for values in (then.get(name), now.get(name)))
            found.append(f"{name}: {shown_difference(old, new)}")
    return tuple(found[:_MOST])


def _lasting(fields: RequestFields, volatile: Volatile) -> dict[str, list[str]]:
    kept: dict[str, list[str]] = {}
    for name, value in fields:
        if not volatile.has(name):
            kept.setdefault(name, []).append(_lasting_value(name, value, volatile))
    return kept


def _lasting_value(name: str, value: str, volatile: Volatile) -> str:
    """Return what is compared of a field: JSON without its spelling, its order and what belongs to one visit."""
    found = json_in(value)
    if found is None:
        return value
    try:
        return json.dumps(_lasting_json(found, f"{name}:$", volatile), ensure_ascii=False, sort_keys=True)
    except (ValueError, RecursionError):
        return value


def _lasting_json(value: Any, path: str, volatile: Volatile) -> Any:
    if isinstance(value, list):
        return [_lasting_json(each, f"{path}[{at}]", volatile) for at, each in enumerate(value)]
    if not isinstance(value, dict):
        inner = json_in(value)
        if inner is not None:
            return _lasting_json(inner, f"{path}:$", volatile)
        return None if volatile.has("", path) else value
    return {
        key: _lasting_json(each, member_path(path, key), volatile)
        for key, each in value.items()
        if not volatile.has(key, member_path(path, key))
    }
