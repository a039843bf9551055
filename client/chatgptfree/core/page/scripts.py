"""
Configs of chats in the scripts of a page: a script element of a JSON type, or an object that a script assigns.

No known release has a chat's config there.  An object counts only if it has all by which a chat is asked, see
`unfamiliar.is_config`; one that holds the configs of several bots counts as these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final, TypeAlias

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from chatgptfree.core.page import unfamiliar
from chatgptfree.core.protocol.nesting import is_too_deep

_JSON_TYPES: Final = "script[type='application/json' i], script[type='text/json' i]"
_OF_JSON: Final = "a script of type application/json"
_OF_A_VARIABLE: Final = "an object in a script"
_OBJECT: Final = re.compile(r"[=(,:]\s*(?=\{\s*\")")
_AJAX: Final = "admin-ajax.php"
_TRIES: Final = 100
"""The number of possible starts of an object that are tried in one script."""
_DEEPEST: Final = 3
_USUAL: Final = ("botId", "ajaxUrl", "nonce")
_DECODER: Final = json.JSONDecoder(strict=False)


class ScriptConfig(Struct, frozen=True, kw_only=True):
    """A config, and the place of it in words."""

    place: str
    values: dict[str, Any]

    def of_any(self, _bot_id: str) -> ScriptConfig:
        """Return this config, whatever the bot: a `ConfigOf` for a chat that has no element."""
        return self


ConfigOf: TypeAlias = Callable[[str], ScriptConfig | None]
"""Returns the config of the bot with an id, or of any bot for an empty one."""


class Scripts:
    """The scripts of a page; those that are not JSON are read only when they are asked for."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree

    @cached_property
    def of_json(self) -> tuple[ScriptConfig, ...]:
        """The configs in script elements of a JSON type."""
        nodes = self._tree.css(_JSON_TYPES)
        objects = (unfamiliar.encoded_object(node.text()) for node in nodes)
        return tuple(ScriptConfig(place=_OF_JSON, values=each) for found in objects for each in _configs(found))

    @cached_property
    def of_variables(self) -> tuple[ScriptConfig, ...]:
        """The configs that scripts assign, or pass to a function."""
        texts = (node.text() for node in self._tree.css("script:not([src])") if not _is_data(node.attributes))
        objects = (found for text in texts if _AJAX in text for found in _objects(text))
        return tuple(ScriptConfig(place=_OF_A_VARIABLE, values=each) for found in objects for each in _configs(found))

    def config_of(self, bot_id: str) -> ScriptConfig | None:
        """Return the only config of the bot *bot_id*, or of any bot if that is empty; None if there are several."""
        return _only(self.of_json, bot_id) or (_only(self.of_variables, bot_id) if not self.of_json else None)


def _only(configs: Sequence[ScriptConfig], bot_id: str) -> ScriptConfig | None:
    fitting = [each for each in configs if bot_id in ("", _bot_id(each.values))]
    return fitting[0] if len(fitting) == 1 else None


def _is_data(attributes: Mapping[str, str | None]) -> bool:
    """Return whether a script element is not a script of the language that browsers run."""
    kind = (attributes.get("type") or "").lower()
    return bool(kind) and kind != "module" and "javascript" not in kind


def _objects(script: str) -> Iterator[dict[str, Any]]:
    """Yield the outermost JSON objects in *script*."""
    end = 0
    for place in islice(_OBJECT.finditer(script), _TRIES):
        if place.end() < end:
            continue
        try:
            value, end = _DECODER.raw_decode(script, place.end())
        except (ValueError, RecursionError):
            continue
        if not is_too_deep(script[place.end() : end]):
            yield value


def _configs(values: Mapping[str, Any], deep: int = _DEEPEST) -> Iterator[dict[str, Any]]:
    """Yield the configs that *values* hold, or *values* if they are one."""
    bots = [] if any(key in values for key in _USUAL) or not deep else values.values()
    inner = [config for each in bots if isinstance(each, Mapping) for config in _configs(each, deep - 1)]
    if inner:
        yield from inner
    elif unfamiliar.is_config(values):
        yield dict(values)


def _bot_id(values: Mapping[str, Any]) -> str:
    place = unfamiliar.find_bot_id(values)
    return place.value if place is not None else ""
