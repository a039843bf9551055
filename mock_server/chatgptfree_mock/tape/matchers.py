"""
The words by which a request is compared with recorded ones, and what compares each.

The words are vcrpy's (`method scheme host port path query body raw_body headers uri`), and `form`, `json`, `site`,
`field:NAME` and `header:NAME`.  A matcher compares one thing and returns every difference in words, none for a match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.tape.json_difference import differences, json_in, member_path
from chatgptfree_mock.tape.request_key import RequestFields, RequestKey

Matcher = Callable[[RequestKey, RequestKey, "Volatile"], tuple[str, ...]]
"""From the request that came, the recorded one and what is volatile to the differences in words."""

VOLATILE: Final = (
    *("nonce", "_nonce", "_csrf", "csrf_token", "csrfmiddlewaretoken", "authenticity_token"),
    *("_", "nocache", "no_cache", "no-cache", "cachebuster", "cache_buster", "cachebust", "cache_bust"),
)
"""Fields whose values belong to one visit on any site: one-time tokens and cache busters under their usual names."""
_MOST: Final = 50
"""Differences that are counted in one body; more make no request nearer or farther."""
_OF_THE_CONNECTION: Final = frozenset(
    {
        *("host", "connection", "keep-alive", "content-length", "transfer-encoding", "accept-encoding", "user-agent"),
        *("te", "trailer", "upgrade", "expect", "proxy-connection", "date"),
    }
)
"""Headers that `headers` does not compare: they belong to the client's library, or to one connection."""
_SHOWN: Final = 72
_PATH: Final = "path:"
_GLOB: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Volatile:
    """
    Names whose values belong to one visit and are never compared.

    A name may be a pattern (`utm_*`), a path into JSON (`$.messages[0].id`, also `$.messages[*].id`), or a header's.
    """

    names: tuple[str, ...] = VOLATILE
    segments: frozenset[int] = frozenset()
    """Segments of the path, from 1, that are not compared either."""

    def has(self, name: str, path: str = "") -> bool:
        """Return whether a field called *name*, or a JSON value at *path*, belongs to one visit."""
        return bool(self._pattern.fullmatch(name) or (path and self._pattern.fullmatch(path)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(_pattern_of(name) for name in self.names) or r"(?!)", re.DOTALL)

    def has_header(self, name: str) -> bool:
        """Return whether the header *name*, in any case, belongs to one visit."""
        return self._any_case.fullmatch(name) is not None

    @cached_property
    def _any_case(self) -> re.Pattern[str]:
        return re.compile(self._pattern.pattern, re.DOTALL | re.IGNORECASE)

    def with_places(self, places: Collection[str]) -> Volatile:
        """Return these names and what is at *places*, which are named as in `x-tokens`: `json:$.id`, `path:2`."""
        in_path = frozenset(place for place in places if place.startswith(_PATH))
        segments = (int(place.removeprefix(_PATH)) for place in in_path)
        names = (_name_of(place) for place in places if place not in in_path)
        return Volatile(names=(*self.names, *names), segments=self.segments.union(segments))


def _name_of(place: str) -> str:
    """Return the name of a *place* in `Volatile`; a header counts as a whole, and so do all cookies."""
    kind, _, name = place.partition(":")
    if kind == "json":
        return name
    if kind == "header":
        return name.partition(":")[0]
    return "cookie" if kind == "cookie" else _GLOB.sub(lambda found: f"[{found[0]}]", name)


def _pattern_of(name: str) -> str:
    if not name.startswith("$"):
        return translate(name)
    return re.escape(name).replace(r"\[\*\]", r"\[\d+\]").replace(r"\*", r"[^.\[\]]*")


def _differ(recorded: object, asked: object) -> tuple[str, ...]:
    return () if recorded == asked else (f"recorded {_shown(recorded)}   got {_shown(asked)}",)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _method(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(recorded.method, asked.method)


def _scheme(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(recorded.scheme, asked.scheme)


def _host(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(recorded.host, asked.host)


def _port(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    return _differ(recorded.port, asked.port)


def _site(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    """Compare host and port where the request names a recorded one; the mock's own address is none of the tape."""
    return _differ(recorded.site, asked.site) if asked.known_host else ()


def _path(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare the paths; a slash at the end does not matter."""
    same = is_same_path(asked.path, recorded.path, volatile)
    return () if same else _differ(recorded.path, asked.path)


def is_same_path(asked: str, recorded: str, volatile: Volatile) -> bool:
    """Return whether two decoded paths are the same but for a slash at the end and for *volatile* segments."""
    then, now = recorded.rstrip("/"), asked.rstrip("/")
    return then == now or (bool(volatile.segments) and _lasting_path(then, volatile) == _lasting_path(now, volatile))


def _lasting_path(path: str, volatile: Volatile) -> list[str]:
    """Return the segments of a path; one that belongs to one visit must only be there."""
    return [
        "*" if number in volatile.segments and segment else segment for number, segment in enumerate(path.split("/"))
    ]


def _query(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    return _differ_fields(recorded.query, asked.query, volatile)


def _form(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    return _differ_fields(recorded.form_fields, asked.form_fields, volatile)


def _json(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    if "JSON" not in (asked.kind, recorded.kind):
        return ()
    if asked.kind != recorded.kind:
        return _other_kind(asked, recorded)
    found = islice(differences(recorded.json, asked.json, volatile.has), _MOST)
    return tuple(f"{path}: {words}" for path, words in found)


def _body(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare the bodies by what they are."""
    match recorded.kind:
        case "JSON":
            return _json(asked, recorded, volatile)
        case "form" if asked.kind in ("form", "nothing"):
            return _form(asked, recorded, volatile)
        case kind if kind != asked.kind:
            return _other_kind(asked, recorded)
        case _:
            return _raw_body(asked, recorded, volatile)


def _other_kind(asked: RequestKey, recorded: RequestKey) -> tuple[str, ...]:
    return (f"recorded {recorded.kind}   got {asked.kind}",)


def _raw_body(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    if asked.body == recorded.body:
        return ()
    return (f"recorded {len(recorded.body)} bytes   got {len(asked.body)} {_other_bytes(asked, recorded)}",)


def _other_bytes(asked: RequestKey, recorded: RequestKey) -> str:
    return "others" if len(asked.body) == len(recorded.body) else "bytes"


def _headers(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    """Compare every recorded header but those of the connection; what the request has besides does not matter."""
    names = dict.fromkeys(name.lower() for name, _ in recorded.headers)
    compared = [name for name in names if name not in _OF_THE_CONNECTION and not volatile.has_header(name)]
    found = [(name, _differ(recorded.header(name), asked.header(name))) for name in compared]
    return tuple(f"{name}: {words[0]}" for name, words in found if words)


def _uri(asked: RequestKey, recorded: RequestKey, volatile: Volatile) -> tuple[str, ...]:
    parts = (_scheme, _host, _port, _path, _query)
    return tuple(words for part in parts for words in part(asked, recorded, volatile))


def _exact(asked: RequestKey, recorded: RequestKey, _: Volatile) -> tuple[str, ...]:
    """Compare target and body byte for byte, what belongs to one visit included."""
    same = asked.target == recorded.target and asked.body == recorded.body
    return () if same else ("not byte for byte",)


_WORDS: Final[dict[str, Matcher]] = {
    "method": _method,
    "scheme": _scheme,
    "host": _host,
    "port": _port,
    "path": _path,
    "query": _query,
    "body": _body,
    "raw_body": _raw_body,
    "headers": _headers,
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
    "uri": "scheme, host, port, path and query",
    "form": "the fields of a form",
    "json": "the values of a JSON body",
    "site": "host and port, where the request names a recorded one",
    "exact": "target and body, byte for byte",
    "field:NAME": "one field of the form or the query",
    "header:NAME": "one header",
}
"""The syntax of each word, and what it compares."""


@lru_cache(maxsize=256)
def matcher(word: str) -> Matcher:
    """
    Return what compares *word*.

    Raises:
        SettingsError: there is no such word; the message names the nearest that exists.
    """
    kind, colon, name = word.partition(":")
    if colon and name and kind == "field":
        return lambda asked, recorded, _: _differ(recorded.field(name), asked.field(name))
    if colon and name and kind == "header":
        return lambda asked, recorded, _: _differ(recorded.header(name), asked.header(name))
    if word not in _WORDS:
        hint = did_you_mean(word, MATCH_WORDS) or f" (there are: {', '.join(MATCH_WORDS)})"
        raise SettingsError(f"match_on: no such word: `{word}`{hint}")
    return _WORDS[word]


def label(word: str) -> str:
    """Return what reports call *word*: the name alone of a field or header, `host` for `site`."""
    return "host" if word == "site" else word.rpartition(":")[2]


def _differ_fields(recorded: RequestFields, asked: RequestFields, volatile: Volatile) -> tuple[str, ...]:
    then, now = _lasting(recorded, volatile), _lasting(asked, volatile)
    found: list[str] = []
    for name in dict.fromkeys([*then, *now]):
        if then.get(name) != now.get(name):
            old, new = (", ".join(values) if values is not None else None for values in (then.get(name), now.get(name)))
            found.append(f"{name}: recorded {_shown(old)}   got {_shown(new)}")
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
