"""What a recording shows of the site: its bots, its folder, its nonces and keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.sites.aipower.learning.bot_place import bot_of, post_id_of
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange, is_stream
from chatgptfree_mock.sites.aipower.learning.situations import Shown, deltas_of
from chatgptfree_mock.tape.json_value import json_object
from chatgptfree_mock.tape.model import Response

_AJAX: Final = "/wp-admin/admin-ajax.php"
_DELETION: Final = "aipkit_delete_single_conversation"
_MESSAGE_ID: Final = re.compile(rb"aipkit-msg-[0-9a-f]+\.\d+")
_NONCE: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{10}(?![0-9A-Za-z])")


class SiteTraces(msgspec.Struct, frozen=True, kw_only=True):
    """Facts about the recorded site that its exchanges show."""

    settings: Mapping[str, Any]
    bots_on_page: Sequence[Mapping[str, Any]]
    bots: Sequence[Mapping[str, Any]]
    """The bots on pages, and the others that requests name."""
    root: str = ""
    """The folder that WordPress lies in, empty if it lies in none."""
    shown: Shown = msgspec.field(default_factory=Shown)
    messages: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The messages of cache calls, by the keys given for them."""
    earlier: Sequence[SortedExchange] = ()
    """The exchanges that change the stored conversations: answers and deletions."""
    own_names: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The words for the ids that its pages have under new names, by name."""


def recorded_site(exchanges: Iterable[SortedExchange], own_names: Mapping[str, str] | None = None) -> SiteTraces:
    """
    Return the facts that *exchanges* show of the site: its bots, its folder, its nonces and keys.

    *own_names* are new names of ids on its pages, with the words for them in a release file.
    """
    own = own_names or {}
    found = tuple(exchanges)
    chats = [chat for each in found if each.purpose == "page" for chat in each.page.chats]
    named = frozenset(number for each in found if (number := each.key.field("bot_id") or "").isdecimal())
    bots = [bot_of(chat, named, own) for chat in reversed(chats)]
    on_page = list({bot["id"]: bot for bot in bots}.values())
    requested = dict.fromkeys(number for each in found if (number := each.key.field("bot_id") or "").isdecimal())
    known = {str(each["id"]) for each in on_page}
    others = [{"id": int(number)} for number in requested if number not in known and int(number)]
    root, ajax = _paths(found)
    front = {} if ajax == _AJAX else {"front": {"ajax_path": ajax}}
    post_id = next((found_id for chat in chats if (found_id := post_id_of(chat, own))), 0)
    messages = dict(_messages(found))
    settings: dict[str, Any] = {"decoys": False, "page_kilobytes": 0, **front}
    return SiteTraces(
        settings=settings | ({"chat_page_id": post_id} if post_id else {}),
        bots_on_page=on_page,
        bots=[*on_page, *others],
        root=root,
        shown=replace(_request_dependencies(found, messages), bots=named),
        earlier=tuple(each for each in found if _leaves_traces(each)),
        messages=messages,
        own_names=own,
    )


def message_id_in(response: Response) -> str:
    """Return the first message id in *response*, in the form of all releases; empty if there is none."""
    found = _MESSAGE_ID.search(response.body)
    return found[0].decode() if found is not None else ""


def _leaves_traces(exchange: SortedExchange) -> bool:
    answered = exchange.purpose == "answer" and exchange.interaction.response.status == 200
    return answered or bool(deltas_of(exchange)) or exchange.action == _DELETION


def _messages(exchanges: Iterable[SortedExchange]) -> Iterable[tuple[str, str]]:
    for each in exchanges:
        data = json_object(each.interaction.response.body).get("data") if each.purpose == "ajax" else None
        if isinstance(data, dict):
            message = each.key.field("message") or ""
            yield from ((text, message) for text in data.values() if isinstance(text, str))


def _request_dependencies(exchanges: Sequence[SortedExchange], messages: Mapping[str, str]) -> Shown:
    used, seen = set(), set()
    for each in exchanges:
        key = each.key.field("cache_key")
        if key in seen:
            used.add(each.number)
        elif key and is_stream(each.interaction.response):
            seen.add(key)
    nonces = {nonce for each in exchanges for nonce in _given_nonces(each)}
    sent = frozenset(each.nonce for each in exchanges if each.nonce)
    return Shown(nonces=frozenset(nonces), sent=sent, keys=frozenset(messages), used=frozenset(used))


def _given_nonces(exchange: SortedExchange) -> Iterable[str]:
    """Yield possible nonces that the site sent: ten hexadecimal digits on a page, or in a JSON reply."""
    body = exchange.interaction.response.body
    if exchange.purpose == "page":
        tags = [chat.tag for chat in exchange.page.chats]
        yield from _NONCE.findall("".join([*tags, json.dumps(dict(exchange.page.params))]))
    elif exchange.purpose == "ajax" and json_object(body):
        yield from _NONCE.findall(body.decode(errors="replace"))


def _paths(exchanges: Sequence[SortedExchange]) -> tuple[str, str]:
    """Return the folder of the recorded WordPress, and the path below it to which the chat sends requests."""
    path = next((urlsplit(each.interaction.request.uri).path for each in exchanges if each.purpose != "page"), _AJAX)
    return (path.removesuffix(_AJAX), _AJAX) if path.endswith(_AJAX) else ("", path)
