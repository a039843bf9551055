"""
HTTP by aiohttp, for one client: requests out, heads and bytes in.

Redirects are followed here and not by aiohttp, because one of them can lose a message in silence.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterable, Mapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from chatgptfree.aio.error_translation import translated
from chatgptfree.aio.real_time import within
from chatgptfree.aio.response import Body, BrokenBodyError, Response, let_go
from chatgptfree.core.protocol.content_coding import ACCEPTED
from chatgptfree.core.protocol.http import Request, ResponseHead, is_web_address
from chatgptfree.core.protocol.site import Site, origin, without_user_info
from chatgptfree.errors import (
    ChallengeError,
    ChatConnectionError,
    ChatError,
    ProtocolError,
    TooLargeError,
)
from chatgptfree.messages import Timeout

_DEFAULT_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; chatgptfree)",
    "Accept-Language": "en",
}
_HEADER_LIMIT: Final = 64 * 1024
_REDIRECTS: Final = 10
_MOST_AT_ONCE: Final = 1 << 20
"""Bytes of a request above which aiohttp warns, unless it can read them piece by piece."""


class Transport:
    """Sends the requests of one client, all through one proxy and with one set of cookies."""

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None,
        cookies: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        timeout: Timeout,
        session: aiohttp.ClientSession | None,
        allow_hosts: Iterable[str] = (),
    ) -> None:
        if proxy is not None and not is_web_address(proxy):
            raise ValueError(f"only http and https proxies can be used, not {without_user_info(proxy)!r}")
        self.site = Site.of(base_url, allow_hosts)
        self._proxy = proxy
        self._cookies = _checked_cookies(cookies or {}, secure=self.site.url.startswith("https:"))
        self._headers = CIMultiDict(headers or {})
        if self.site.authorization is not None:
            if "Authorization" in self._headers:
                raise ValueError("both the address and the header Authorization hold credentials; give one of them")
            self._headers["Authorization"] = self.site.authorization
        self._timeout = timeout
        self._session = session
        self._own_session = session is None
        self._cookie_hosts: set[str | None] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bodies: WeakSet[Body] = WeakSet()
        self._closed = False

    async def open(self, request: Request) -> Body:
        """
        Send *request* and return its response, the body still to be read.

        A page is followed wherever its redirects lead, a message only within a site and to allowed hosts.

        Raises:
            DroppedError: the connection was closed before anything came.
            ChatError: anything else that goes wrong.
        """
        url = without_user_info(request.url)
        for _ in range(_REDIRECTS):
            with translated(url, self._timeout):
                response = await self._send(request, url)
            if response.status == 407 and self._proxy is not None:
                response.close()
                raise ChatConnectionError("the proxy refuses to connect", status=407, url=url)
            location = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                body = Body(response, self._timeout)
                self._bodies.add(body)
                return body
            let_go(response)
            url = self._redirected(request, url, location, response.status)
        raise ProtocolError(f"more than {_REDIRECTS} redirects", url=request.url)

    def _redirected(self, request: Request, url: str, location: str, status: int) -> str:
        """
        Return where *request* goes on after a redirect.

        Raises:
            ChatError: nowhere: it would lose the message, or take it to another site.
        """
        target = _target(url, location, status)
        if request.method == "POST" and status < 307:
            raise _losing_redirect(target, status, url)
        if not request.page and not self.site.may_ask(target, came_from=url):
            raise ProtocolError(
                f"the site redirects the message to {target}, which is on another site, {origin(target)};"
                f" to send it there, allow the host {urlsplit(target).hostname!r} (allow_hosts)",
                status=status,
                url=url,
            )
        return target

    async def fetch(self, request: Request, limit: int) -> tuple[ResponseHead, bytes]:
        """
        Send *request* and return head and body, which may be *limit* bytes long after decompression.

        Raises:
            ChatError: what `open` raises, and `TooLargeError`.
        """
        answer = await self.open(request)
        pieces, size = [], 0
        try:
            while piece := await answer.read():
                size += len(piece)
                if size > limit:
                    raise TooLargeError(f"the response is larger than {limit} bytes", url=answer.head.url)
                pieces.append(piece)
        except BrokenBodyError as error:
            raise ChatConnectionError(
                f"the response broke off: {error}", status=answer.head.status, url=answer.head.url
            ) from error
        finally:
            answer.close()
        return answer.head, b"".join(pieces)

    async def close(self) -> None:
        """Close all connections, also those of answers still coming; a session that was passed in stays open."""
        self._closed = True
        for body in list(self._bodies):
            body.close()
        if self._own_session and self._session is not None:
            await self._session.close()

    def forget_connections(self) -> None:
        """
        Give up all connections without closing them: they belong to the parent of a process that was forked.

        A session of the user's is the user's to replace.
        """
        self._bodies = WeakSet()
        if self._own_session and self._session is not None:
            self._session.detach()
            self._session = None
        self._loop = None
        self._cookie_hosts = set()

    async def _send(self, request: Request, url: str) -> aiohttp.ClientResponse:
        session = self._opened_session()
        trusted = self.site.takes_credentials(url)
        headers = self._merged_headers(request, trusted=trusted)
        if self._own_session:
            self._offer_cookies(session.cookie_jar, url)
        once = partial(_once, self._timeout, None if trusted else frozenset(headers))
        async with self._limit_of_a_head():
            return await session.request(
                request.method,
                # A proxy is sent the whole address, which is none without a path.
                url if urlsplit(url).path or self._proxy is None else urlsplit(url)._replace(path="/").geturl(),
                data=_sendable(request.body),
                headers=headers,
                # In a session of our own they are in the jar.
                cookies=self._cookies if not self._own_session and self.site.takes_cookies(url) else None,
                proxy=self._proxy,
                raise_for_status=False,
                allow_redirects=False,
                auto_decompress=False,
                max_line_size=_HEADER_LIMIT,
                max_field_size=_HEADER_LIMIT,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._timeout.connect, sock_read=self._timeout.idle
                ),
                # Those of a request replace the session's own, which has no public name for them.
                middlewares=(once, *getattr(session, "_middlewares", ())),
            )

    def _limit_of_a_head(self) -> Any:
        """Limit connecting and waiting where the loop's clock is frozen; else aiohttp's finer limits come first."""
        connect, idle = self._timeout.connect, self._timeout.idle
        return within(None if connect is None or idle is None else connect + idle)

    def _offer_cookies(self, jar: aiohttp.abc.AbstractCookieJar, url: str) -> None:
        """Put the user's cookies into *jar* for the host of *url*, once for each host of the site."""
        there = URL(url)
        if self.site.takes_cookies(url) and there.host not in self._cookie_hosts:
            self._cookie_hosts.add(there.host)
            jar.update_cookies(self._cookies, there.origin())

    def _merged_headers(self, request: Request, *, trusted: bool) -> CIMultiDict[str]:
        headers = CIMultiDict(_DEFAULT_HEADERS)
        headers.update(request.headers)
        if trusted:
            headers.update(self._headers)
        headers["Accept-Encoding"] = ", ".join(ACCEPTED)  # whatever else is asked for, nobody could read it
        return headers

    def _opened_session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise RuntimeError("a client belongs to the event loop in which it was first used")
        if self._closed:
            raise RuntimeError("the client is closed")
        if self._session is None:
            # A stream holds its connection for as long as it lasts; a limit would make callers wait in silence.
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False), connector=_Connector(limit=0)
            )
        return self._session


class _Connector(aiohttp.TCPConnector):
    """A connector that a forked process can let go of: closing it there would end connections of the parent."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self._process = os.getpid()

    def __del__(self, *_: Any) -> None:
        if self._process == os.getpid():
            super().__del__()


def _checked_cookies(cookies: Mapping[str, str], *, secure: bool) -> SimpleCookie:
    """
    Return *cookies*, kept from plain http if they were given for https.

    Raises:
        ValueError: one has a name or a value that no cookie can have.
    """
    checked = SimpleCookie()
    for name, value in cookies.items():
        try:
            checked[name] = value
        except CookieError as error:
            raise ValueError(f"cookies: {name!r} can't be the name of a cookie") from error
        checked[name].set(name, value, value)
        checked[name]["secure"] = secure
    return checked


def _sendable(body: bytes | None) -> bytes | io.BytesIO | None:
    return io.BytesIO(body) if body is not None and len(body) > _MOST_AT_ONCE else body


async def _once(
    timeout: Timeout,  # noqa: ASYNC109 - for the words of an error
    ours: frozenset[str] | None,
    request: aiohttp.ClientRequest,
    send: aiohttp.ClientHandlerType,
) -> aiohttp.ClientResponse:
    """
    Send *request* once, whatever becomes of it, and decode the response ourselves.

    aiohttp would send a GET again whose connection broke, even within the head of a response, and a cache key
    works once.  Of our own errors it knows nothing.  *ours* are the names of the headers that go to another site, None
    if this is the user's.
    """
    request.response_class = Response
    if ours is not None:
        _keep_back(request, ours)
    with translated(str(request.url), timeout):
        return await send(request)


def _keep_back(request: aiohttp.ClientRequest, ours: frozenset[str]) -> None:
    """Take out what a session of the user's own adds for every site: headers, credentials, cookies of no domain."""
    session = request.session
    kept = {*session.headers} | ({"Authorization"} if session.auth is not None else set())
    for name in {name.lower() for name in kept} - {name.lower() for name in ours}:
        request.headers.pop(name, None)
    everywhere = {cookie.key for cookie in session.cookie_jar if not cookie["domain"]}
    cookies = request.headers.pop("Cookie", "").split("; ")
    if left := [cookie for cookie in cookies if cookie and cookie.partition("=")[0] not in everywhere]:
        request.headers["Cookie"] = "; ".join(left)


def _target(url: str, location: str, status: int) -> str:
    """
    Return where a redirect from *url* leads.

    Raises:
        ProtocolError: it is no address of the web.

    """
    try:
        target = urljoin(url, location)
        if is_web_address(target):
            return without_user_info(target)
    except ValueError:
        pass
    raise ProtocolError(f"the site leads to {location!r}, which is no address of the web", status=status, url=url)


def _losing_redirect(target: str, status: int, url: str) -> ChatError:
    if urlsplit(target).path.endswith("/wp-login.php"):
        return ChallengeError(f"the site wants a login: it redirects to {target}", status=status, url=url)
    return ProtocolError(
        f"the site redirects the message to {target} with status {status}, which would lose it on the way",
        status=status,
        url=url,
    )
