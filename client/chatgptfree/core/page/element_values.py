"""The values of a chat element of AIPKit: from the places that known releases have, else by structure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from chatgptfree.core.page import unfamiliar, wpaicg_ids
from chatgptfree.core.page.scripts import ConfigOf

_CONFIG: Final = "data-config"
_NUMBERED: Final = re.compile(r"_[0-9]+$")
"""A bot's id at the end of an element's id."""
_SENT_WITHOUT: Final = {wpaicg_ids.BOT: "0", wpaicg_ids.POST: "none"}
"""The id that is sent for an element of 1.x without one."""


class ElementValues(Struct, frozen=True, kw_only=True):
    """The values of one element; a text is empty and an id None where it has none."""

    config: dict[str, Any] = {}
    nonce: str = ""
    ajax_url: str = ""
    bot_id: object = None
    post_id: object = None
    notes: tuple[str, ...] = ()
    """The values that are in another place than in any known release, in words."""


def read_config(attributes: Mapping[str, str], script: ConfigOf = lambda _: None) -> ElementValues:
    """
    Return the values of the element with these *attributes*, whose names are in lower case.

    *script* returns the config of a bot that the scripts of the page have, which is looked for last.
    """
    config, place, note = _find_config(attributes, script)
    notes = [note] if note else []
    beside = _beside(attributes, place) if config or _CONFIG not in attributes else {}

    def value(key: str, by_structure: Callable[[Mapping[str, Any]], unfamiliar.Place | None], what: str) -> Any:
        usual = config.get(key)
        if key in config and not isinstance(usual, Mapping):
            return usual
        inside = by_structure(config if usual is None else {key: usual})
        there = inside if inside is not None or usual is not None else by_structure(beside)
        if there is None:
            return None
        where = there.path if inside is not None else unfamiliar.in_words(there.path)
        notes.append(f"the {what} is in {where}, not in {key}")
        return there.value

    nonce = value("nonce", unfamiliar.find_nonce, "nonce")
    if not config and nonce is None:
        return ElementValues()
    ajax_url = value("ajaxUrl", unfamiliar.find_ajax_url, "ajax address")
    named = attributes.get("data-bot-id", "").strip() or _NUMBERED.search(attributes.get("id", ""))
    bot_id = config.get("botId") if named else value("botId", unfamiliar.find_any_bot_id, "bot's id")
    post_id = value("postId", unfamiliar.find_post_id, "post's id")
    if config:
        notes += _missing(ajax_url=ajax_url, post_id=post_id, streaming=config.get("streamEnabled"))
    return ElementValues(
        config=config,
        nonce=_string(nonce),
        ajax_url=_string(ajax_url),
        bot_id=bot_id,
        post_id=post_id,
        notes=tuple(notes),
    )


def _find_config(attributes: Mapping[str, str], script: ConfigOf) -> tuple[dict[str, Any], str, str]:
    """Return the config, empty if there is none, its place, and a note if no known release has it so."""
    if _CONFIG in attributes:
        if config := unfamiliar.json_object(attributes[_CONFIG]):
            return config, _CONFIG, ""
        config = unfamiliar.encoded_object(attributes[_CONFIG])
        return config, _CONFIG, f"the JSON in {_CONFIG} is encoded, or in a list" if config else ""
    found = unfamiliar.find_config(attributes)
    in_script = None if found is not None else script(_bot_id(attributes))
    values, place = dict[str, Any](), _CONFIG
    if found is not None:
        values, place = found.values, found.attribute
    elif in_script is not None:
        values, place = in_script.values, in_script.place
    return values, place, f"the config is in {place}, not in {_CONFIG}" if values else ""


def _beside(attributes: Mapping[str, str], place: str) -> dict[str, Any]:
    """Return the values of an element beside its config in *place*."""
    objects = {name: each for name, each in unfamiliar.objects_of(attributes).items() if f"data-{name}" != place}
    return {**objects, **unfamiliar.data_of(attributes)}


def _missing(*, ajax_url: object, post_id: object, streaming: object) -> Iterator[str]:
    """Yield the values that every known release has and this config lacks, in words."""
    if not isinstance(ajax_url, str) or not ajax_url.strip():
        yield "there is no ajax address, so the site's default one is taken"
    if post_id is None:
        yield "there is no post's id, so none is sent"
    if streaming is not None and not isinstance(streaming, bool):
        yield f"streamEnabled is {str(streaming)[:40]!r}, neither true nor false, and taken as true"


def wpaicg_values(attributes: Mapping[str, str], release: str | None) -> tuple[dict[str, str], list[str]]:
    """Return nonce, bot and post of an element of 1.x by their usual attributes, empty without; and `notes` on them."""
    notes: list[str] = []
    expected = wpaicg_ids.has_ids(attributes, release)
    missing = frozenset({wpaicg_ids.BOT, wpaicg_ids.POST} - attributes.keys())
    new_names = wpaicg_ids.find(attributes, missing) if expected else {}
    config = unfamiliar.find_config(attributes)
    beside = unfamiliar.data_of(attributes)

    def value(usual: str, by_structure: Callable[[Mapping[str, Any]], unfamiliar.Place | None], what: str) -> str:
        if usual in attributes:
            return attributes[usual]
        there = by_structure(beside)
        inside = by_structure(config.values) if there is None and config is not None else None
        if there is None and inside is None:
            there = new_names.get(usual)
        if there is not None:
            notes.append(f"the {what} is in {unfamiliar.in_words(there.path)}, not in {usual}")
        elif inside is not None and config is not None:
            notes.append(f"the {what} is in {config.attribute}, {inside.path}, not in {usual}")
        elif expected and usual in _SENT_WITHOUT:
            notes.append(f"there is no {what}, so {_SENT_WITHOUT[usual]} is sent")
        place = inside if there is None else there
        return "" if place is None else place.value

    values = {
        "data-nonce": value("data-nonce", unfamiliar.find_nonce, "nonce"),
        "data-bot-id": value("data-bot-id", unfamiliar.find_bot_id, "bot's id"),
        "data-post-id": value("data-post-id", unfamiliar.find_post_id, "post's id"),
    }
    return values, notes


def _bot_id(attributes: Mapping[str, str]) -> str:
    """Return the bot that an element names, by its attribute or at the end of its id; empty if it names none."""
    number = _NUMBERED.search(attributes.get("id", ""))
    return attributes.get("data-bot-id", "").strip() or (number[0][1:] if number is not None else "")


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
