"""
The front of one site: answers given before a request reaches WordPress, and changes of WordPress' answers.

The order on the way in is that of real sites: redirect, challenge, rate limit, gateway errors, maintenance.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

import msgspec

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.core import Core
from chatgptfree_mock.sites.wordpress.front import block_pages, charset, coding, minifier, notices, redirects
from chatgptfree_mock.sites.wordpress.front.bodies import held_back, in_buffers, with_body
from chatgptfree_mock.sites.wordpress.settings import FrontScope, FrontSettings, PageCache
from chatgptfree_mock.tape.model import Response

ESI_COMMENT: Final = "<!-- esi nonce: no such block -->"
"""The rest of a failed cache block in place of the nonce."""
_ADDRESSES: Final = 10_000


class Cached(msgspec.Struct, frozen=True, kw_only=True):
    """A page from a cache: its age in hours, and the *nonce* that replaces every nonce in it."""

    hours: float
    nonce: str | None = None


class _AddressState(msgspec.Struct):
    """The state that the front keeps of one address."""

    host: str
    challenged: int = 0
    broken: int = 0
    passed: deque[float] = msgspec.field(default_factory=deque)


class Front:
    """
    The front of one site; *now* gives Unix seconds, *core* is the WordPress behind it.

    *unseen*: the bytes of a stream's head that PHP sends and nginx does not pass on, such as `X-Accel-Buffering`.

    Raises:
        SettingsError: this Python does not have the coding or charset.
    """

    def __init__(self, settings: FrontSettings, now: Callable[[], float], core: Core, *, unseen: int) -> None:
        self._front, self._now, self._core, self._unseen = settings, now, core, unseen
        self._addresses: OrderedDict[str, _AddressState] = OrderedDict()
        self._coder = coding.Coder(self._front)
        charset.check(self._front.charset)
        front = self._front
        obstacles = (front.redirect, front.challenge, front.rate_limit, front.broken, front.maintenance or None)
        self._open = not any(obstacles)
        touched = (front.buffer_all, front.nginx_buffer, front.compress_answers, front.force_coding)
        self._leaves_answers = front.php_notices == "no" and not any(touched)

    def inside(self, request: SiteRequest) -> SiteRequest:
        """Return the request as WordPress gets it, without the prefix of a redirect."""
        redirect = self._front.redirect
        return request if redirect is None else redirects.inside(request, redirect)

    def stop(self, request: SiteRequest) -> SiteReply | None:
        """Return the answer if *request* does not reach WordPress, else None."""
        if self._open:
            return None
        state = self._state_of(request)
        return (
            self._redirect(request, state)
            or self._challenge(request, state)
            or self._limit(request, state)
            or self._break(request, state)
            or self._maintain(request)
        )

    def cached(self, request: SiteRequest) -> Cached | None:
        """Return the cache's copy of the page, with its age; None if *request* gets a fresh page."""
        cache = self._front.cache
        if cache is None or _bypasses(request, cache):
            return None
        return Cached(hours=cache.age_hours, nonce=ESI_COMMENT if cache.comment_instead_of_nonce else None)

    def apply_front(self, request: SiteRequest, response: Response) -> Response:
        """Apply notices, minifier, charset, compression and cuts to *response*, in this order."""
        front, ajax = self._front, self._is_ajax(request)
        if ajax and self._leaves_answers:
            return response
        page = not ajax and response.header("Content-Type").startswith("text/html")
        if ajax and front.php_notices != "no":
            response = notices.with_php_warning(response, front.php_notices)
        if page and front.minify != "no":
            minified = minifier.minify(response.body.decode(), front.minify).encode()
            response = with_body(response, minified, [(0, len(minified))])
        if page and front.charset is not None:
            response = charset.encoded(response, front.charset)
        if front.buffer_all:
            response = held_back(response)
        if front.nginx_buffer:
            response = in_buffers(response, self._unseen)
        # The web server does not encode a body that it does not send.
        if request.method != "HEAD" and (not ajax or front.compress_answers or front.force_coding):
            response = self._coder.encode(response, request.header("Accept-Encoding"))
        return response

    def _state_of(self, request: SiteRequest) -> _AddressState:
        known = self._addresses.get(request.remote)
        if known is None:
            if len(self._addresses) >= _ADDRESSES:
                self._addresses.popitem(last=False)
            known = self._addresses[request.remote] = _AddressState(host=request.header("Host"))
        return known

    def _is_ajax(self, request: SiteRequest) -> bool:
        return request.path.endswith(self._front.ajax_path)

    def _concerns(self, where: FrontScope, request: SiteRequest) -> bool:
        if where == "everywhere":
            return True
        if where == "ajax":
            return self._is_ajax(request)
        return not self._is_ajax(request) and not request.path.startswith(("/wp-content/", "/wp-includes/"))

    def _redirect(self, request: SiteRequest, state: _AddressState) -> SiteReply | None:
        redirect = self._front.redirect
        if redirect is None or not self._concerns(redirect.where, request):
            return None
        target = redirects.target(request, redirect, first_host=state.host)
        if target is None:
            return None
        return SiteReply(response=redirects.answer(target, redirect.status), why=(f"redirected to {target}",))

    def _challenge(self, request: SiteRequest, state: _AddressState) -> SiteReply | None:
        block = self._front.challenge
        if block is None or not self._concerns(block.where, request):
            return None
        if block.first is not None and state.challenged >= block.first:
            return None
        state.challenged += 1
        host = request.base_url.partition("://")[2].partition("/")[0]
        response = block_pages.challenge(block, host=host, ajax=self._is_ajax(request))
        return SiteReply(response=response, why=(f"challenged: {block.style} with {block.status}",))

    def _limit(self, request: SiteRequest, state: _AddressState) -> SiteReply | None:
        limit = self._front.rate_limit
        if limit is None or not self._concerns(limit.where, request):
            return None
        now = self._now()
        while state.passed and state.passed[0] <= now - limit.seconds:
            state.passed.popleft()
        if len(state.passed) < limit.requests:
            state.passed.append(now)
            return None
        why = f"rate limited: {limit.requests} requests in {limit.seconds} s have passed"
        return SiteReply(response=block_pages.limited(limit), why=(why,))

    def _break(self, request: SiteRequest, state: _AddressState) -> SiteReply | None:
        broken = self._front.broken
        if broken is None or not self._concerns(broken.where, request):
            return None
        if broken.first is not None and state.broken >= broken.first:
            return None
        state.broken += 1
        host = request.base_url.partition("://")[2].partition("/")[0]
        response = block_pages.broken(broken, host=host)
        return SiteReply(response=response, why=(f"broken in front: {broken.kind} with {broken.status}",))

    def _maintain(self, request: SiteRequest) -> SiteReply | None:
        if not self._front.maintenance or request.path.startswith(("/wp-content/", "/wp-includes/")):
            return None
        return SiteReply(
            response=block_pages.maintenance(self._core, ajax=self._is_ajax(request)), why=("under maintenance",)
        )


def _bypasses(request: SiteRequest, cache: PageCache) -> bool:
    fresh = "no-cache" in request.header("Cache-Control").lower() or "no-cache" in request.header("Pragma").lower()
    match cache.bypass:
        case "query":
            return bool(request.query)
        case "header":
            return fresh
        case "either":
            return bool(request.query) or fresh
        case "never":
            return False
