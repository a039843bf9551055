"""The values of a chat element of AIPKit: from the places that known releases have, else by structure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatgptfree.core.page import unfamiliar

_CONFIG: Final = "data-config"
_NUMBERED: Final = re.compile(r"_[0-9]+$")
"""How the id of an element ends that names its bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementValues:
    """The values of one element; a text is empty and an id None where it has none."""

    config: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    ajax_url: str = ""
    bot_id: object = None
    post_id: object = None
    notes: tuple[str, ...] = ()
    """What is in another place than in any known release, in words."""


def read_config(attributes: Mapping[str, str]) -> ElementValues:
    """Return the values of the element with these *attributes*, whose names are in lower case."""
    config, notes = unfamiliar.json_object(attributes.get(_CONFIG, "")), list[str]()
    place = _CONFIG
    if _CONFIG not in attributes:
        found = unfamiliar.find_config(attributes)
        if found is not None:
            config, place = found.values, found.attribute
            notes.append(f"the config is in {place}, not in {_CONFIG}")
    looked = config or ({} if _CONFIG in attributes else unfamiliar.data_of(attributes))

    def value(key: str, by_structure: Callable[[Mapping[str, Any]], unfamiliar.Place | None], what: str) -> Any:
        if key in config:
            return config[key]
        there = by_structure(looked)
        if there is None:
            return None
        notes.append(f"the {what} is in {there.path if config else f'data-{there.path}'}, not in {key}")
        return there.value

    nonce = value("nonce", unfamiliar.find_nonce, "nonce")
    if not config and nonce is None:
        return ElementValues()
    ajax_url = value("ajaxUrl", unfamiliar.find_ajax_url, "ajax address")
    named = attributes.get("data-bot-id", "").strip() or _NUMBERED.search(attributes.get("id", ""))
    bot_id = config.get("botId") if named else value("botId", unfamiliar.find_bot_id, "bot's id")
    return ElementValues(
        config=config,
        nonce=_string(nonce),
        ajax_url=_string(ajax_url),
        bot_id=bot_id,
        post_id=value("postId", unfamiliar.find_post_id, "post's id"),
        notes=tuple(notes),
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
