"""
How a client comes to know the site, and how it learns anew when the site refuses what it knew.

`Memory` is what the concurrent calls of one client share.  `refresh` is one attempt to renew it: at most one
question to the nonce endpoint, and one page past whatever cache served what was refused, or lacked a nonce.
Never more, whatever the site does; who calls it sees to it that only one runs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chatgptfree.core.generations import aipkit
from chatgptfree.core.page.chat_page import ChatElement, ChatPage, is_nonce, survey
from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.core.protocol.site import Site
from chatgptfree.core.session.commands import Dropped, Event, Failed, Fetch, Received, Refresh
from chatgptfree.errors import ChatError, UnknownModelError
from chatgptfree.messages import Limits

Fetching: TypeAlias = Generator[Fetch, Event, tuple[ResponseHead, bytes]]

_PAST_CACHES = (("Cache-Control", "no-cache"), ("Pragma", "no-cache"))


class SessionState:
    """What one client knows of its site; *version* grows whenever something new came in."""

    def __init__(self, site: Site, limits: Limits) -> None:
        self.site = site
        self.limits = limits
        self.page: ChatPage | None = None
        self.version = 0

    def learn(self, page: ChatPage) -> None:
        """Replace all that was known at once, so that nothing of two pages ever mixes."""
        self.page = page
        self.version += 1


def refresh(memory: SessionState, command: Refresh, new_id: Callable[[], str]) -> Generator[Fetch, Event, None]:
    """
    Renew *memory*, because there is nothing in it yet or because *command* says what was refused.

    Raises:
        ChatError: there is nothing new to be had.
    """
    if command.refused and memory.page is not None:
        nonce = yield from _from_endpoint(memory, memory.page, command)
        if nonce is not None:
            memory.learn(memory.page.with_nonce(nonce))
            return
    if command.refused:
        # Whatever cache has served the refused nonce is by-passed at once.  The site's own page may still give the
        # same one, which lives for hours; asking once more with it is what tells a passing refusal from a lasting one.
        memory.learn((yield from _page_past_caches(memory, new_id())))
        return
    page = yield from _page(memory, memory.site.url, past_caches=memory.page is not None)
    chat = _chat(page, command.bot)
    if chat is not None and chat.nonce is None:
        nonce = yield from _from_endpoint(memory, page, command)
        page = page.with_nonce(nonce) if nonce is not None else (yield from _page_past_caches(memory, new_id()))
    memory.learn(page)


def fetch(request: Request, limit: int) -> Fetching:
    """Fetch a whole response, once more if the connection was closed before anything came."""
    event = yield Fetch(request=request, limit=limit)
    if isinstance(event, Dropped):
        event = yield Fetch(request=request, limit=limit)
    if isinstance(event, Dropped | Failed):
        raise event.error
    if not isinstance(event, Received):
        raise TypeError(f"{event!r} does not answer a Fetch")
    return event.head, event.body


def _page(memory: SessionState, url: str, *, past_caches: bool) -> Generator[Fetch, Event, ChatPage]:
    request = Request(method="GET", url=url, headers=_PAST_CACHES if past_caches else (), page=True)
    head, body = yield from fetch(request, memory.limits.page)
    page = survey(head, body)
    return replace(page, warnings=(*memory.site.warnings(head.url), *page.warnings))


def _page_past_caches(memory: SessionState, token: str) -> Generator[Fetch, Event, ChatPage]:
    return (yield from _page(memory, _busted(memory.site.url, token), past_caches=True))


def _from_endpoint(memory: SessionState, page: ChatPage, command: Refresh) -> Generator[Fetch, Event, str | None]:
    """Ask the site for a fresh nonce alone, where its release can do that; None if it gives no new one."""
    chat = _chat(page, command.bot)
    if chat is None or not chat.has_nonce_endpoint:
        return None
    if not memory.site.may_ask(chat.ajax_url, came_from=page.url):
        return None  # the question is refused for the same reason
    request = aipkit.ask_nonce(ajax_url=chat.ajax_url, bot_id=chat.bot.id)
    head, body = yield from fetch(request, memory.limits.reply)
    nonce = aipkit.nonce_reply(head, body)
    if isinstance(nonce, ChatError) or not is_nonce(nonce) or nonce == command.refused:
        return None
    return nonce


def _chat(page: ChatPage, bot: str | None) -> ChatElement | None:
    try:
        return page.find(bot)
    except UnknownModelError:
        return None


def _busted(url: str, token: str) -> str:
    """Return *url* with something in its query that no cache has seen."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("nocache", token)]
    return urlunsplit(parts._replace(query=urlencode(query)))
