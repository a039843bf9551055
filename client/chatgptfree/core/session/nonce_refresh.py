"""
Fetch the page for the first time, and again when the site refuses its nonce.

`SessionState` is shared by the concurrent calls of one client.  `refresh` is one attempt to renew it: at most one
request to the nonce endpoint, and one for the page that bypasses caches.  Never more, whatever the site does; the
caller runs one attempt at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chatgptfree.core.generations import aipkit
from chatgptfree.core.page.chat_page import ChatElement, ChatPage, is_nonce
from chatgptfree.core.page.page_reader import parse_page
from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.core.protocol.site import Site
from chatgptfree.core.session.commands import Dropped, Event, Failed, Fetch, Received, Refresh
from chatgptfree.errors import ChatError, UnknownModelError
from chatgptfree.messages import Limits

Fetching: TypeAlias = Generator[Fetch, Event, tuple[ResponseHead, bytes]]

_PAST_CACHES = (("Cache-Control", "no-cache"), ("Pragma", "no-cache"))


class SessionState:
    """
    What one client has found out about its site.

    Attributes:
        site: the addresses that belong to it.
        limits: sizes in bytes of what may be fetched.
        page: the page as it was last fetched; None before that.
        version: 0 before the first page, and 1 more with each later one.
    """

    def __init__(self, site: Site, limits: Limits) -> None:
        self.site = site
        self.limits = limits
        self.page: ChatPage | None = None
        self.version = 0

    def learn(self, page: ChatPage) -> None:
        """Replace the page as a whole, so that parts of two pages never mix."""
        self.page = page
        self.version += 1


def refresh(session_state: SessionState, command: Refresh, new_id: Callable[[], str]) -> Generator[Fetch, Event, None]:
    """
    Renew *session_state*, because it is empty or because the nonce in *command* was refused.

    Raises:
        ChatError: the page can't be fetched, or has no chat.
    """
    if command.refused and session_state.page is not None:
        nonce = yield from _from_endpoint(session_state, session_state.page, command)
        if nonce is not None:
            session_state.learn(session_state.page.with_nonce(nonce))
            return
    if command.refused:
        # A cache may have served the refused nonce, so bypass caches at once.  The site's own page may still have the
        # same nonce, which is valid for hours; asking once more with it shows whether the refusal was temporary.
        session_state.learn((yield from _page_past_caches(session_state, new_id())))
        return
    page = yield from _page(session_state, session_state.site.url, past_caches=session_state.page is not None)
    chat = _chat(page, command.bot)
    if chat is not None and chat.nonce is None:
        nonce = yield from _from_endpoint(session_state, page, command)
        page = page.with_nonce(nonce) if nonce is not None else (yield from _page_past_caches(session_state, new_id()))
    session_state.learn(page)


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


def _page(session_state: SessionState, url: str, *, past_caches: bool) -> Generator[Fetch, Event, ChatPage]:
    request = Request(method="GET", url=url, headers=_PAST_CACHES if past_caches else (), page=True)
    head, body = yield from fetch(request, session_state.limits.page)
    page = parse_page(head, body)
    return replace(page, warnings=(*session_state.site.warnings(head.url), *page.warnings))


def _page_past_caches(session_state: SessionState, token: str) -> Generator[Fetch, Event, ChatPage]:
    return (yield from _page(session_state, _with_nocache(session_state.site.url, token), past_caches=True))


def _from_endpoint(
    session_state: SessionState, page: ChatPage, command: Refresh
) -> Generator[Fetch, Event, str | None]:
    """Request only a fresh nonce, where the release has an endpoint for it; None if the nonce is not a new one."""
    chat = _chat(page, command.bot)
    if chat is None or not chat.has_nonce_endpoint:
        return None
    if not session_state.site.may_ask(chat.ajax_url, came_from=page.url):
        return None  # sending the message there is refused for the same reason
    request = aipkit.ask_nonce(ajax_url=chat.ajax_url, bot_id=chat.bot.id)
    head, body = yield from fetch(request, session_state.limits.reply)
    nonce = aipkit.nonce_reply(head, body)
    if isinstance(nonce, ChatError) or not is_nonce(nonce) or nonce == command.refused:
        return None
    return nonce


def _chat(page: ChatPage, bot: str | None) -> ChatElement | None:
    try:
        return page.find(bot)
    except UnknownModelError:
        return None


def _with_nocache(url: str, token: str) -> str:
    """Return *url* with *token* in its query, so that no cache has a response for it."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("nocache", token)]
    return urlunsplit(parts._replace(query=urlencode(query)))
