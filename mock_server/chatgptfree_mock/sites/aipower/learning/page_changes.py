"""Learn the page: compare the recorded chats with those that the nearest release writes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from chatgptfree_mock.sites.aipower.learning.bot_place import bot_id_of
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange
from chatgptfree_mock.sites.aipower.learning.imitation import PAGE, ask, base_url
from chatgptfree_mock.sites.aipower.learning.nonce_place import learn_nonce
from chatgptfree_mock.sites.aipower.learning.recorded_page import RecordedChat, RecordedPage, read_page
from chatgptfree_mock.sites.aipower.learning.row_changes import ElementTag, RowLearner, as_template
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.page_rows import Rows

_OF_THE_VISITOR: Final = ("userIp", "bannedIpsConfig", "bannedWordsConfig")
"""Keys whose values belong to the visitor or to the owner of the site."""
_OF_THE_THEME: Final = ("custom-theme",)


def written_page(release: PluginRelease, site: SiteTraces, exchange: SortedExchange) -> RecordedPage | None:
    """Return the page as *release* writes it for the recorded site; None if it cannot."""
    reply = ask(release, site, exchange)
    return None if reply is None else read_page(reply.body.decode(errors="replace"))


def page_distance(release: PluginRelease, site: SiteTraces, exchange: SortedExchange) -> int:
    """Return the number of names in which the chats of a recorded page differ from those of *release*."""
    written = written_page(release, site, exchange)
    recorded = exchange.page
    if written is None or not written.chats:
        return 10_000
    pairs = list(zip(recorded.chats, written.chats, strict=False))
    return sum(_distance(*pair, recorded, written) for pair in pairs) + len(recorded.traces ^ written.traces)


def _distance(one: RecordedChat, other: RecordedChat, recorded: RecordedPage, written: RecordedPage) -> int:
    found = len(set(one.attributes) ^ set(other.attributes)) + len(set(one.config) ^ set(other.config))
    return found + len(set(recorded.texts(one, "text")) ^ set(written.texts(other, "text")))


def learn_page(draft: Draft, site: SiteTraces, pages: Iterable[SortedExchange]) -> None:
    """Write into *draft* how *pages* differ from its base; the first chat of each kind counts."""
    known: set[str] = set()
    for exchange in pages:
        written = written_page(draft.release(), site, exchange)
        if written is None or not written.chats:
            draft.ask(f"{exchange.name}: {draft.base.name} cannot have this chat on a page, so nothing was compared")
            continue
        if len(written.chats) != len(exchange.page.chats):
            there, here = len(exchange.page.chats), len(written.chats)
            draft.ask(f"{exchange.name}: chats on the page: {there}; {draft.base.name} has {here}")
        learn_nonce(draft, exchange, site.shown.sent)
        for chat in exchange.page.chats:
            if not bot_id_of(chat, site.shown.bots, site.own_names) and site.shown.bots - {"0"}:
                requested = ", ".join(sorted(site.shown.bots))
                draft.ask(f"{exchange.name}: where does the chat name its bot? Requests name {requested}")
        for recorded, model in zip(exchange.page.chats, written.chats, strict=False):
            if recorded.kind not in known:
                compared = _Compared(draft, site, exchange, recorded, model, written)
                compared.learn() if not known else compared.ask()
                known.add(recorded.kind)


class _Compared:
    """One recorded chat beside the same one as the nearest release writes it."""

    def __init__(
        self,
        draft: Draft,
        site: SiteTraces,
        exchange: SortedExchange,
        recorded: RecordedChat,
        model: RecordedChat,
        written: RecordedPage,
    ) -> None:
        self._draft, self._exchange, self._recorded, self._model = draft, exchange, recorded, model
        self._written, self._own = written, site.own_names
        base = base_url(exchange, site.root)
        self._fills = (
            {**fills_of(model, written, site), **_addresses(base, PAGE)},
            {**fills_of(recorded, exchange.page, site), **_addresses(base, exchange.key.path.removeprefix(site.root))},
        )

    def learn(self) -> None:
        """Write the differences into the draft."""
        draft, seen = self._draft, self._exchange.name
        rows = draft.base.page.attributes
        aipkit = self._recorded.generation == "aipkit"
        element = None if aipkit else ElementTag(kind=self._recorded.kind, rows=rows, tag=self._recorded.tag)
        RowLearner(draft, ("page",), seen, prefix="data-", element=element).learn(*self._attributes())
        if aipkit:
            RowLearner(draft, ("page",), seen).learn(*self._keys())
        self._learn_texts()

    def _learn_texts(self) -> None:
        draft, old_key = self._draft, _text_key(self._draft.base.page.keys)
        before = self._written.texts(self._model, old_key)
        new_key = draft.data.get("page", {}).get("renamed", {}).get(old_key, old_key)
        after = self._exchange.page.texts(self._recorded, new_key)
        if before and not after:
            draft.ask(f"{self._exchange.name}: where are the texts that {draft.base.name} has in `{old_key}`?")
        else:
            RowLearner(draft, ("texts",), self._exchange.name).learn(before, after)

    def ask(self) -> None:
        """Ask the user about a second kind of chat: a release file has one list of rows for all kinds."""
        before, after = self._attributes()
        odd = [*(name for name in after if name not in before), *(name for name in before if name not in after)]
        if odd:
            self._draft.ask(
                f"{self._exchange.name}: the {self._recorded.kind} has other attributes than this file gives it: "
                f"{', '.join(f'data-{name}' for name in odd)}; do they belong to that kind of chat alone?"
            )

    def _attributes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._both(_attribute_values)

    def _keys(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._both(_key_values)

    def _both(
        self, values: Callable[[RecordedChat, Mapping[str, str], Mapping[str, str]], dict[str, Any]]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return *values* of the chat, as the nearest release writes it and as recorded."""
        return values(self._model, self._fills[0], self._own), values(self._recorded, self._fills[1], self._own)


def _attribute_values(chat: RecordedChat, fills: Mapping[str, str], own: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: "" if name == chat.config_name else as_template(value, fills, own, name)
        for name, value in chat.attributes.items()
        if name not in _OF_THE_THEME
    }


def _key_values(chat: RecordedChat, fills: Mapping[str, str], own: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: {} if _is_texts(value) else "" if key in _OF_THE_VISITOR else as_template(value, fills, own, key)
        for key, value in chat.config.items()
    }


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and len(value) >= 20 and all(isinstance(each, str) for each in value.values())


def _text_key(keys: Rows) -> str:
    return next((row.name for row in keys if row.slot == "text"), "text")


def fills_of(chat: RecordedChat, page: RecordedPage, site: SiteTraces) -> dict[str, str]:
    """Return the values that belong to one page only, by the word for each in a release file."""
    return {
        "nonce": nonce_of(chat, site.shown.sent),
        "ajax_url": next((value for value in chat.config.values() if _is_ajax(value)), ""),
        "bot_id": bot_id_of(chat, site.shown.bots, site.own_names),
        "post_id": str(site.settings.get("chat_page_id", "")),
        "release": page.version,
    }


def _addresses(base: str, path: str) -> dict[str, str]:
    """Return the addresses of a page and of its site, by words that release files do not have."""
    return {"page_address": base + path.rstrip("/"), "site_address": base}


def _is_ajax(value: Any) -> bool:
    return isinstance(value, str) and value.endswith(".php") and "://" in value


def nonce_of(chat: RecordedChat, sent: Collection[str]) -> str:
    """Return the nonce of a chat: one that was *sent* later, else a value in the form of one; empty if none."""
    values = [(name, value) for name, value in (*_flat(chat.config), *chat.attributes.items()) if value]
    found = next((value for _, value in values if value in sent), None)
    return found or next((value for name, value in values if _is_nonce(name, value)), "")


def _is_nonce(name: str, value: Any) -> bool:
    hexadecimal = isinstance(value, str) and len(value) == 10 and set(value) <= set("0123456789abcdef")
    return hexadecimal and ("nonce" in name.lower() or not value.isdecimal() or value.startswith("0000"))


def _flat(value: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, name)
    else:
        yield name, value
