"""
The values of a chat element that no known release writes, found by their structure.

Only the attributes of the element itself and its hidden inputs count, and the JSON object in a script element that is
of the same bot; each also in base64, percent-encoded or as a JSON string.  A value is searched only if its usual place
does not exist: a place with something else in it is broken, and is not replaced.  If several values fit, none is used.
Everything found in this way is reported as a warning.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from chatgptfree.core.protocol.nesting import is_too_deep

_DATA: Final = "data-"
_NOT_A_CONFIG: Final = frozenset({"data-custom-theme"})
_BARE_CONFIGS: Final = frozenset({"config", "settings", "props", "params", "options"})
"""Attributes without `data-` that an element of a name of its own may have."""
_INPUT: Final = "the hidden input "
_NONCE: Final = re.compile(r"[0-9a-f]{10}")
_SECRET_NAME: Final = re.compile(r"nonce|token|auth|secur|[cx]srf", re.IGNORECASE)
_POST_ID: Final = re.compile(r"(?:post|page)[_-]?id", re.IGNORECASE)
_BOT_ID: Final = re.compile(r"(?:(?:chat)?bot|assistant)(?:[_-]?id)?|chat[_-]?id", re.IGNORECASE)
_ID: Final = re.compile(r"[0-9A-Za-z][\w-]{0,63}", re.ASCII)
_BASE64: Final = re.compile(r"eyJ[A-Za-z0-9+/_-]+={0,2}")
"""Base64 of a JSON object: `eyJ` encodes a brace and a quote."""
_AJAX: Final = "admin-ajax.php"
_DEEPEST: Final = 6


class Place(Struct, frozen=True, kw_only=True):
    """A text or number of an element, and where it is, such as ``auth.token``."""

    path: str
    value: str

    @property
    def name(self) -> str:
        """Return the last part of its path."""
        return self.path.rpartition(".")[2]


class Config(Struct, frozen=True, kw_only=True):
    """The JSON object in the attribute *attribute*."""

    attribute: str
    values: dict[str, Any]


def find_config(attributes: Mapping[str, str]) -> Config | None:
    """Return the only attribute with a JSON object that has what can be a nonce; None without one, or with several."""
    named = [(name, text) for name, text in attributes.items() if _may_hold(name)]
    objects = [Config(attribute=name, values=encoded_object(text)) for name, text in named]
    found = [each for each in objects if each.values and find_nonce(each.values) is not None]
    return found[0] if len(found) == 1 else None


def find_nonce(values: Mapping[str, Any]) -> Place | None:
    """Return the only text that can be a nonce: ten hexadecimal digits; all decimal ones only under a fitting name."""
    places = [each for each in _values(values) if _NONCE.fullmatch(each.value)]
    named = [each for each in places if _SECRET_NAME.search(each.path)]
    return _only(named) or _only([each for each in named or places if not each.value.isdecimal()])


def find_ajax_url(values: Mapping[str, Any]) -> Place | None:
    """Return the only address of an ``admin-ajax.php``."""
    return _only([each for each in _values(values) if each.value.partition("?")[0].endswith(_AJAX)])


def find_post_id(values: Mapping[str, Any]) -> Place | None:
    """Return the only number whose name marks it as a post's."""
    return _only([each for each in _values(values) if each.value.isdecimal() and _is_named(each, _POST_ID)])


def find_bot_id(values: Mapping[str, Any]) -> Place | None:
    """Return the only number whose name marks it as a bot's."""
    return _only([each for each in _values(values) if each.value.isdecimal() and _is_named(each, _BOT_ID)])


def find_any_bot_id(values: Mapping[str, Any]) -> Place | None:
    """Return what `find_bot_id` does, or the only other word that is named the id of a bot."""
    named = [each for each in _values(values) if _is_named(each, _BOT_ID) and each.path.lower().endswith("id")]
    return find_bot_id(values) or _only([each for each in named if is_id(each.value)])


def is_id(text: str) -> bool:
    """Return whether *text* can be the id of a bot of another kind than a number."""
    return _ID.fullmatch(text) is not None


def is_config(values: Mapping[str, Any]) -> bool:
    """Return whether *values* have all by which a chat is asked: a nonce, an ajax address and a bot."""
    found = (find_nonce(values), find_ajax_url(values), find_bot_id(values))
    return all(place is not None for place in found)


def is_chat(attributes: Mapping[str, str]) -> bool:
    """Return whether an element of an unknown class is a chat: it has a nonce, an ajax address and a bot."""
    config = find_config(attributes)
    values = {**data_of(attributes), "": {} if config is None else config.values}
    return is_config(values)


def data_of(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the values of hidden inputs, and of `data-` attributes that are not JSON without that prefix."""
    return {
        name.removeprefix(_DATA): text
        for name, text in attributes.items()
        if name.startswith((_DATA, _INPUT)) and not text.lstrip().startswith(("{", "["))
    }


def objects_of(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON objects in `data-` attributes, without that prefix."""
    found = {name.removeprefix(_DATA): encoded_object(text) for name, text in attributes.items() if _may_hold(name)}
    return {name: values for name, values in found.items() if values}


def input_name(name: str) -> str:
    """Return the key under which the attributes of an element have the value of its hidden input *name*."""
    return f"{_INPUT}{name}"


def in_words(path: str) -> str:
    """Return the place of a value of `data_of`, which has it at *path*."""
    return path if path.startswith(_INPUT) else f"{_DATA}{path}"


def encoded_object(text: str) -> dict[str, Any]:
    """Return the JSON object that *text* is, maybe in base64, percent-encoded, or the only one of a list."""
    spelled = [text, unquote(text)]
    if _BASE64.fullmatch(text.strip()):
        plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
        spelled.append(b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace"))
    for each in spelled:
        found = _json(each)
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict):
            return found
    return {}


def json_object(text: str) -> dict[str, Any]:
    """Return *text* parsed as a JSON object; an empty one if it is anything else."""
    value = _json(text)
    return value if isinstance(value, dict) else {}


def _json(text: str) -> Any:
    if is_too_deep(text):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _may_hold(name: str) -> bool:
    return (name.startswith(_DATA) or name in _BARE_CONFIGS) and name not in _NOT_A_CONFIG


def _is_named(place: Place, name: re.Pattern[str]) -> bool:
    """Return whether *name* fits the last part of a path, or the last two (`bot.id`)."""
    return name.fullmatch("_".join(place.path.split(".")[-2:])) is not None or name.fullmatch(place.name) is not None


def _only(places: list[Place]) -> Place | None:
    """Return the first of *places* if all of them have the same value."""
    return places[0] if len({each.value for each in places}) == 1 else None


def _values(value: Any, path: str = "", depth: int = 0) -> Iterator[Place]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = json_object(value) or value
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield Place(path=path, value=str(value).strip())
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for name, inner in value.items():
            yield from _values(inner, f"{path}.{name}" if path else str(name), depth + 1)
