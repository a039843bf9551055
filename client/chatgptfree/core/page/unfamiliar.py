"""
The values of a chat element that no known release writes, found by their structure.

Only the attributes of the element itself count, and the JSON object in a script element that is of the same bot; and a
value only where its usual place does not exist: a place that exists and holds something else is broken, and nothing is
put in its stead.  What several values could be is left out.
Everything found in this way is reported as a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

_DATA: Final = "data-"
_NOT_A_CONFIG: Final = frozenset({"data-custom-theme"})
_NONCE: Final = re.compile(r"[0-9a-f]{10}")
_SECRET_NAME: Final = re.compile(r"nonce|token|auth|secur", re.IGNORECASE)
_POST_ID: Final = re.compile(r"(?:post|page)[_-]?id", re.IGNORECASE)
_BOT_ID: Final = re.compile(r"(?:bot|chat|assistant)[_-]?id", re.IGNORECASE)
_AJAX: Final = "admin-ajax.php"
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A text or number of an element, and where it is, such as ``auth.token``."""

    path: str
    value: str

    @property
    def name(self) -> str:
        """Return the last part of its path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The JSON object in the attribute *attribute*."""

    attribute: str
    values: dict[str, Any]


def find_config(attributes: Mapping[str, str]) -> Config | None:
    """Return the only attribute with a JSON object that has what can be a nonce; None without one, or with several."""
    objects = [Config(attribute=name, values=json_object(text)) for name, text in attributes.items() if _may_hold(name)]
    found = [each for each in objects if each.values and find_nonce(each.values) is not None]
    return found[0] if len(found) == 1 else None


def find_nonce(values: Mapping[str, Any]) -> Place | None:
    """Return the only text that can be a nonce: ten hexadecimal digits; all decimal ones only under a fitting name."""
    places = list(_places(values))
    named = [each for each in places if _NONCE.fullmatch(each.value) and _SECRET_NAME.search(each.path)]
    return _only(named or [each for each in places if _NONCE.fullmatch(each.value) and not each.value.isdecimal()])


def find_ajax_url(values: Mapping[str, Any]) -> Place | None:
    """Return the only address of an ``admin-ajax.php``."""
    return _only([each for each in _places(values) if each.value.partition("?")[0].endswith(_AJAX)])


def find_post_id(values: Mapping[str, Any]) -> Place | None:
    """Return the only number whose name marks it as a post's."""
    return _only([each for each in _places(values) if each.value.isdecimal() and _POST_ID.fullmatch(each.name)])


def find_bot_id(values: Mapping[str, Any]) -> Place | None:
    """Return the only number whose name marks it as a bot's."""
    return _only([each for each in _places(values) if each.value.isdecimal() and _BOT_ID.fullmatch(each.name)])


def find_script(scripts: Sequence[Mapping[str, Any]], bot_id: str) -> dict[str, Any] | None:
    """Return the only one of *scripts*, JSON objects in script elements, that is the config of the bot *bot_id*."""
    fitting = [each for each in scripts if is_config(each) and bot_id in ("", _bot_id(each))]
    return dict(fitting[0]) if len(fitting) == 1 else None


def is_config(values: Mapping[str, Any]) -> bool:
    """Return whether *values* have all by which a chat is asked: a nonce, an ajax address and a bot."""
    found = (find_nonce(values), find_ajax_url(values), find_bot_id(values))
    return all(place is not None for place in found)


def _bot_id(values: Mapping[str, Any]) -> str:
    place = find_bot_id(values)
    return place.value if place is not None else ""


def is_chat(attributes: Mapping[str, str]) -> bool:
    """Return whether an element of an unknown class is a chat: one JSON object has nonce, ajax address and bot."""
    config = find_config(attributes)
    if config is None:
        return False
    bot = "data-bot-id" in attributes or find_bot_id(config.values) is not None
    return bot and find_ajax_url(config.values) is not None


def data_of(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the `data-` attributes that are not JSON, without that prefix."""
    return {
        name.removeprefix(_DATA): text
        for name, text in attributes.items()
        if name.startswith(_DATA) and not text.lstrip().startswith(("{", "["))
    }


def json_object(text: str) -> dict[str, Any]:
    """Return *text* parsed as a JSON object; an empty one if it is anything else."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _may_hold(name: str) -> bool:
    return name.startswith(_DATA) and name not in _NOT_A_CONFIG


def _only(places: list[Place]) -> Place | None:
    """Return the first of *places* if all of them have the same value."""
    return places[0] if len({each.value for each in places}) == 1 else None


def _places(value: Any, path: str = "", depth: int = 0) -> Iterator[Place]:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield Place(path=path, value=str(value).strip())
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for name, inner in value.items():
            yield from _places(inner, f"{path}.{name}" if path else str(name), depth + 1)
