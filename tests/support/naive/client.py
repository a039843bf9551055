"""The client itself: page, question, answer, and what it does when one of them goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

from tests.support.naive import answer, page
from tests.support.naive.habits import Habit, Habits
from tests.support.naive.http import PATIENCE, GaveUpError, Http, RefusedNonceError
from tests.support.naive.page import Chat

Client = Callable[[str, str, str | None, float], Iterator[str]]

_SOME, _MANY = 2, 6


def client(*habits: Habit, patience: float = PATIENCE) -> Client:
    """Return a client with these habits, as the crash test calls it; *patience*: seconds without a byte, at most."""

    def ask(url: str, message: str, bot: str | None = None, timeout: float = PATIENCE) -> Iterator[str]:
        http = Http(frozenset(habits), min(timeout, patience))
        try:
            pieces = answer.cleaned(_asked(http, url, message, bot, frozenset(habits)), frozenset(habits))
            if answer.EDITS.keys() & frozenset(habits):
                pieces = iter([answer.whole("".join(pieces), frozenset(habits))])
            yield from pieces
        finally:
            http.close()

    return ask


def _asked(http: Http, url: str, message: str, bot: str | None, habits: Habits) -> Iterator[str]:
    tries = _MANY if {Habit.RETRIES_ANYTHING, Habit.REFRESHES_FOR_EVER} & habits else _SOME
    chat: Chat | None = None
    for attempt in range(1, tries + 1):
        fresh = attempt > 1
        try:
            if chat is None or (fresh and Habit.RETRIES_ANYTHING not in habits):
                chat = _chat(http, url, bot, habits, fresh=fresh)
            yield from _once(http, chat, message, habits)
        except RefusedNonceError:
            if attempt == tries or Habit.NEVER_REFRESHES in habits:
                raise
        except GaveUpError:
            if attempt == tries or Habit.RETRIES_ANYTHING not in habits:
                raise
        else:
            return


def _chat(http: Http, url: str, bot: str | None, habits: Habits, *, fresh: bool) -> Chat:
    response = http.get(url, {"_": "1"} if fresh else None, fresh=fresh)
    if Habit.RELOADS_BEFORE_ASKING in habits:
        response.read()
        response = http.get(url)
    if response.status >= 400 and Habit.IGNORES_THE_STATUS not in habits:
        raise answer.failure(response, habits)
    return page.find(response.read(), url, bot, habits)


def _once(http: Http, chat: Chat, message: str, habits: Habits) -> Iterator[str]:
    if not chat.aipkit:
        fields = {
            "action": "wpaicg_chat_shortcode_message",
            "_wpnonce": chat.nonce,
            "message": message,
            "bot_id": chat.bot,
            "post_id": chat.post,
            "wpaicg_chat_client_id": "naive12345",
        }
        yield from answer.read(http.post(chat.ajax, fields), habits)
    else:
        yield from _aipkit(http, chat, message, habits)


def _aipkit(http: Http, chat: Chat, message: str, habits: Habits) -> Iterator[str]:
    fields = {"_ajax_nonce": chat.nonce, "bot_id": chat.bot}
    ids = {} if Habit.SENDS_NO_IDS in habits else {"session_id": str(uuid4()), "conversation_uuid": str(uuid4())}
    if not chat.streams:
        fields |= {**ids, "message": message, "action": "aipkit_frontend_chat_message"}
        yield from answer.read(http.post(chat.ajax, fields), habits)
        return
    cached = http.post(chat.ajax, {**fields, "message": message, "action": "aipkit_cache_sse_message"})
    if cached.status >= 400 and Habit.IGNORES_THE_STATUS not in habits:
        raise answer.failure(cached, habits)
    data = json.loads(cached.read())["data"]
    if Habit.TAKES_MSG_FOR_DATA in habits and "message" in data:
        yield data["message"]
        return
    fields |= {**ids, "cache_key": data["cache_key"], "action": "aipkit_frontend_chat_stream"}
    yield from answer.read(http.get(chat.ajax, fields), habits)
