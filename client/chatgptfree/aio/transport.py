"""
HTTP through aiohttp, for one client: requests out, heads and bytes in.

Redirects are followed here and not by aiohttp, which turns a POST into a GET and so loses the message.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from chatgptfree.aio.cookies import CookieJar, checked_cookies
from chatgptfree.aio.error_translation import translated
from chatgptfree.aio.real_time import within
from chatgptfree.aio.redirects import losing_redirect, target_of
from chatgptfree.aio.response import Body, BrokenBodyError, Response, let_go
from chatgptfree.core.protocol.content_coding import ACCEPTED
from chatgptfree.core.protocol.http import Request, ResponseHead, check_texts, is_web_address
from chatgptfree.core.protocol.site import Site, origin, without_user_info
from chatgptfree.errors import ChatConnectionError, ProtocolError, TooLargeError
from chatgptfree.messages import Timeout

_DEFAULT_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; chatgptfree)",
    "Accept-Language": "en",
}
_HEADER_LIMIT: Final = 64 * 1024
_REDIRECTS: Final = 10
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110, section 5.6.2)."""
_NOT_IN_A_HEADER: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_OF_THE_CLIENT: Final = frozenset(
    {"content-encoding", "content-length", "content-type", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that frame a request; a browser's `Accept-Encoding`, which many copy, is replaced by what can be decoded."""
_MOST_AT_ONCE: Final = 1 << 20
"""Bytes of a request body above which aiohttp warns, unless it is a file."""


class Transport:
    """
    Sends the requests of one client, all through one proxy and with one set of cookies.

    The arguments are those of `ChatClient`.

    Raises:
        ValueError: *base_url* or *proxy* is not an http or https address, *allow_hosts* or *cookies* can't be used, or
            credentials are given twice.
    """

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
        _check_proxy(proxy)
        self.site = Site.of(base_url, allow_hosts)
        self._proxy = proxy
        self._cookies = checked_cookies({} if cookies is None else cookies, secure=self.site.url.startswith("https:"))
        self._headers = _checked_headers({} if headers is None else headers)
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
        Send *request* and return its response, with the body still to be read.

        Redirects of a page are followed anywhere, those of a message only within a site and to allowed hosts.

        Raises:
            DroppedError: the connection was closed before the first byte.
            ChatError: any other failure.
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
        Return the target of a redirect for *request*.

        Raises:
            ChatError: following it would lose the message, or send it to another site.
        """
        target = target_of(url, location, status)
        if request.method == "POST" and status < 307:
            raise losing_redirect(target, status, url)
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
        Send *request* and return head and body, at most *limit* bytes after decompression.

        Raises:
            ChatError: as `open`; `TooLargeError` for a larger body.
        """
        body = await self.open(request)
        chunks, size = [], 0
        try:
            while chunk := await body.read():
                size += len(chunk)
                if size > limit:
                    raise TooLargeError(f"the response is larger than {limit} bytes", url=body.head.url)
                chunks.append(chunk)
        except BrokenBodyError as error:
            raise ChatConnectionError(
                f"the response broke off: {error}", status=body.head.status, url=body.head.url
            ) from error
        finally:
            body.close()
        return body.head, b"".join(chunks)

    async def close(self) -> None:
        """Close all connections, also those of answers still arriving; a session that was passed in stays open."""
        self._closed = True
        for body in list(self._bodies):
            body.close()
        if self._own_session and self._session is not None:
            await self._session.close()

    def forget_connections(self) -> None:
        """
        Give up all connections without closing them: after a fork they belong to the parent.

        A session that was passed in is left to its owner.
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
                # A proxy needs the absolute form, whose path may not be empty (RFC 9112, section 3.2.2).
                url if urlsplit(url).path or self._proxy is None else urlsplit(url)._replace(path="/").geturl(),
                data=_sendable(request.body),
                headers=headers,
                # A session of our own has them in its jar.
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
                # The middlewares of a request replace the session's, which have no public name.
                middlewares=(once, *getattr(session, "_middlewares", ())),
            )

    def _limit_of_a_head(self) -> Any:
        """Limit connecting and waiting where the loop's clock is frozen; otherwise aiohttp's own limits fire first."""
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
        headers["Accept-Encoding"] = ", ".join(ACCEPTED)  # the only codings that can be decoded
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
            # A stream occupies its connection until it ends; with a limit further calls would wait without notice.
            jar = CookieJar(unsafe=True, quote_cookie=False)
            self._session = aiohttp.ClientSession(cookie_jar=jar, connector=_Connector(limit=0))
        return self._session


class _Connector(aiohttp.TCPConnector):
    """A connector that a forked process can drop: closing it there would close connections of the parent."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self._process = os.getpid()

    def __del__(self, *_: Any) -> None:
        if self._process == os.getpid():
            super().__del__()


def _check_proxy(proxy: object) -> None:
    """
    Check that *proxy* is None or the address of a proxy.

    Raises:
        ValueError: it is another address, or one with a path, which no request would use.
        TypeError: it is not a text.
    """
    if proxy is None:
        return
    if not isinstance(proxy, str):
        raise TypeError(f"proxy is an http or https address as text, not {proxy!r}")
    if not is_web_address(proxy):
        raise ValueError(f"only http and https proxies can be used, not {without_user_info(proxy)!r}")
    parts = urlsplit(proxy)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        shown = without_user_info(proxy)
        raise ValueError(f"the address of a proxy ends with its port; leave out what follows in {shown!r}")


def _checked_headers(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """
    Return *headers* as a multidict.

    Raises:
        ValueError: one of them can't be sent, or belongs to the client.
        TypeError: a name or a value is not a text.
    """
    check_texts("headers", headers)
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"headers: {name!r} can't be the name of a header")
        if _NOT_IN_A_HEADER.search(value):
            raise ValueError(f"headers: the value of {name!r} has a character that no header can have: {value!r}")
        if name.lower() in _OF_THE_CLIENT:
            raise ValueError(f"headers: {name!r} is set by the client for each request")
    return CIMultiDict(headers)


def _sendable(body: bytes | None) -> bytes | io.BytesIO | None:
    return io.BytesIO(body) if body is not None and len(body) > _MOST_AT_ONCE else body


async def _once(
    timeout: Timeout,  # noqa: ASYNC109 - for an error message
    ours: frozenset[str] | None,
    request: aiohttp.ClientRequest,
    send: aiohttp.ClientHandlerType,
) -> aiohttp.ClientResponse:
    """
    Send *request* exactly once, and decode the response with our own decoder.

    aiohttp repeats a GET whose connection broke, even within the head of a response, but a cache key works only once;
    it does not repeat a request that raises one of our own errors.  *ours* are the names of the headers that may go
    to another site; None if this is the user's site.
    """
    request.response_class = Response
    if ours is not None:
        _keep_back(request, ours)
    with translated(str(request.url), timeout):
        return await send(request)


def _keep_back(request: aiohttp.ClientRequest, ours: frozenset[str]) -> None:
    """Remove what the user's own session adds for every site: headers, credentials, cookies without a domain."""
    session = request.session
    kept = {*session.headers} | ({"Authorization"} if session.auth is not None else set())
    for name in {name.lower() for name in kept} - {name.lower() for name in ours}:
        request.headers.pop(name, None)
    everywhere = {cookie.key for cookie in session.cookie_jar if not cookie["domain"]}
    cookies = request.headers.pop("Cookie", "").split("; ")
    if left := [cookie for cookie in cookies if cookie and cookie.partition("=")[0] not in everywhere]:
        request.headers["Cookie"] = "; ".join(left)
