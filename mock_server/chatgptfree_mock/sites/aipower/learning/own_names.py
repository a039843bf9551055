"""Find new names of the bot's and the page's id: a number in the place of the old one, or sent as one in requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange
from chatgptfree_mock.sites.aipower.learning.page_changes import written_page
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.page_rows import Rows
from chatgptfree_mock.tape.renames import renamed

_WORDS: Final[Mapping[str, str]] = {"bot-id": "bot_id", "botId": "bot_id", "post-id": "post_id", "postId": "post_id"}
"""The words for ids in a release file, by the slots of the rows that hold them."""


def own_names(base: PluginRelease, site: SiteTraces, exchanges: Iterable[SortedExchange]) -> dict[str, str]:
    """Return the words for the ids of the first recorded chat whose names *base* does not have, by name."""
    found = tuple(exchanges)
    first = next(each for each in found if each.purpose == "page")
    written = written_page(base, site, first)
    if written is None or not written.chats:
        return {}
    sent = {word: frozenset(_sent(found, word)) for word in _WORDS.values()}
    recorded, model = first.page.chats[0], written.chats[0]
    names = _new_names(base.page.attributes, model.attributes, recorded.attributes, sent)
    return names | _new_names(base.page.keys, model.config, recorded.config, sent)


def _sent(exchanges: Iterable[SortedExchange], word: str) -> Iterator[str]:
    return (value for each in exchanges if (value := each.key.field(word) or "").strip("0") and _is_id(value))


def _new_names(
    rows: Rows, before: Mapping[str, Any], after: Mapping[str, Any], sent: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    places = renamed(before, after, lambda _name, value: type(value))
    fresh = {name: str(value) for name, value in after.items() if name not in before and _is_id(value)}
    names: dict[str, str] = {}
    for row in rows:
        word = _WORDS.get(row.slot)
        if word is None or row.name in after or row.name not in before:
            continue
        equal = [name for name, value in fresh.items() if value in sent[word]]
        place = places.get(row.name, "")
        if len(equal) == 1 or place in equal:
            names[place if place in equal else equal[0]] = word
        elif not equal and place in fresh:
            names[place] = word
    return names


def _is_id(value: Any) -> bool:
    text = "" if isinstance(value, bool | float) else str(value)
    return text.isascii() and text.isdecimal()
