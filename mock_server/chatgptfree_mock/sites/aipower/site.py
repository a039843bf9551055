"""
The imitated site: a `SiteRequest` comes in, a `Response` and the reasons for it go out.

It never waits and reads no clock; time and randomness are arguments.  Its state is in this object or in the store that
it gets, so two sites share nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from random import Random
from typing import Final
from urllib.parse import unquote

from msgspec.structs import replace

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.sites.aipower.ineffective_settings import check_providers, ineffective_on
from chatgptfree_mock.sites.aipower.pages.page import DECOYS, Pages, page_id
from chatgptfree_mock.sites.aipower.pages.page_headers import home_id, page_headers, wordpress_of
from chatgptfree_mock.sites.aipower.pages.templates import Templates
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable, aipkit_traits, built_in, wpaicg_traits
from chatgptfree_mock.sites.aipower.settings import BotPlace, SiteSettings, placed
from chatgptfree_mock.sites.aipower.static import static_file
from chatgptfree_mock.sites.wordpress import ajax, forms, php
from chatgptfree_mock.sites.wordpress.call import Plugin
from chatgptfree_mock.sites.wordpress.core import HTML, Core, core_traits, server_headers
from chatgptfree_mock.sites.wordpress.core_paths import CorePaths
from chatgptfree_mock.sites.wordpress.front import limits
from chatgptfree_mock.sites.wordpress.front.block_pages import nginx_error
from chatgptfree_mock.sites.wordpress.front.front import Cached, Front
from chatgptfree_mock.sites.wordpress.nonces import User
from chatgptfree_mock.sites.wordpress.visitors import Visitors
from chatgptfree_mock.tape.model import Headers, Response

_FRAMED: Headers = (("Transfer-Encoding", "chunked"), ("Connection", "keep-alive"))
"""The web server's framing headers for PHP's output, also for an empty body; a response to HEAD has no length."""
_TOO_LONG = "longer than the web server's buffers"
_UNSEEN: Final = {"wpaicg": 55, "aipkit": 49}
"""Bytes of a stream's head that PHP sends and nginx does not pass on, such as `X-Accel-Buffering`."""
_NONCE_FIELDS: Final = ("_wpnonce", "_ajax_nonce")
_FILES = ("/wp-content/", "/wp-includes/")


class AipowerSite(Site):
    """
    One WordPress with the chat plugin in one release.

    *now* returns Unix seconds, *random* makes ids and cookies.  *store* keeps the state, by default in this object's
    memory.  *releases* and the page *templates* are by default the built-in ones.

    Raises:
        UnknownReleaseError: there is no such release of the plugin.
        SettingsError: there is no such release of WordPress, or the front has a coding or charset that Python lacks.
    """

    def __init__(
        self,
        settings: SiteSettings,
        *,
        now: Callable[[], float],
        random: Random,
        store: Store | None = None,
        releases: ReleaseTable | None = None,
        templates: Templates | None = None,
    ) -> None:
        self.settings = settings
        self.releases = (built_in() if releases is None else releases).for_site(strict=settings.strict_release)
        self.release = self.releases.find(settings.plugin, place="$.plugin")
        self._notice = self.releases.notice(settings.plugin)
        self.settings = settings = placed(settings, fresh=_fresh_place(self.release))
        check_providers(settings, self.release, self.releases)
        self._now = now
        self._random = random
        traits = core_traits(wordpress_of(settings, self.release))
        self._core = Core(traits=traits)
        self._core_for_users = Core(traits=traits, logged_in=True)
        self._front = Front(settings.front, now, self._core, unseen=_UNSEEN[self.release.generation])
        self._pages = Pages(settings, self.release, templates)
        if templates is not None:
            self._pages.check()
        self._paths = CorePaths(settings, self._core, embeds=_embeds(self.release))
        store = MemoryStore() if store is None else store
        self._visitors = Visitors(settings, random, store)
        self._parts = Parts(settings=settings, visitors=self._visitors, store=store, random=random)

    @cached_property
    def plugin(self) -> Plugin:
        """Return the plugin; it is made for the first request, as many tests of a site's start never send one."""
        return _plugin(self.release, self._parts)

    def nonce(self) -> str:
        """Return the nonce that guests get now; an expired one if the settings ask for that."""
        return self._visitors.issue(self.plugin.nonce_action, now=self._now())

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer any request."""
        now = self._now()
        too_long = limits.refuse(request)
        reply = self._front.stop(request) if too_long is None else SiteReply(response=too_long, why=(_TOO_LONG,))
        if reply is not None:
            reply.stopped = True
        else:
            request = self._front.inside(request)
            reply = self._route(request, now)
            reply.response = self._front.apply_front(request, reply.response)
        headers = _with_server(reply.response.headers, int(now), framed=request.method != "HEAD")
        reply.response = replace(reply.response, headers=headers)
        if self._notice is not None:
            reply.why += (self._notice,)
        return reply

    def has_path(self, path: str) -> bool:
        """Return whether *path* is that of admin-ajax.php."""
        return path == self.settings.front.ajax_path

    def warnings(self) -> tuple[str, ...]:
        """Return a warning if the release is unknown, and one for each setting without effect on it."""
        notice = () if self._notice is None else (self._notice,)
        return (*notice, *ineffective_on(self.release, self.settings))

    def apply_front(self, request: SiteRequest, response: Response) -> Response:
        """Pass a *response* that was not made here through the front of this site."""
        return self._front.apply_front(self._front.inside(request), response)

    def _route(self, request: SiteRequest, now: float) -> SiteReply:
        path = _clean(request.path)
        if path is None:
            return _server_error(400, "the path climbs out of the site or holds a NUL")
        if request.method in ("TRACE", "CONNECT"):
            return _server_error(405, f"the web server takes no {request.method}")
        if path == self.settings.front.ajax_path:
            user = self._visitors.recognise(request)
            core = self._core_for_users if user.id > 0 else self._core
            reply = ajax.answer(request, self.plugin, core=core, user=user, now=now)
            if reply.refused == "nonce":
                reply.why += self._decoy_words(request, user, now)
            return reply
        if path.startswith(_FILES):
            file = static_file(path, self.release)
            return _server_error(404, "no such file") if file is None else SiteReply(response=file, why=("a file",))
        beside = self._paths.answer(request, path)
        if beside is not None:
            return beside
        return self._moved(request, path) or self._page(path, request, now)

    def _decoy_words(self, request: SiteRequest, user: User, now: float) -> tuple[str, ...]:
        """Return a note if a refused nonce is a decoy's, made for another action."""
        sent = [forms.scalar(forms.read(request).request, name) for name in _NONCE_FIELDS]
        return tuple(
            f"this nonce is a decoy's: the page made it for `{action}`, not for the chat"
            for action in DECOYS.values()
            if any(nonce and self._visitors.check(nonce, action, now=now, user=user) for nonce in sent)
        )

    def _moved(self, request: SiteRequest, path: str) -> SiteReply | None:
        """Redirect a request for another address of a page to the canonical one."""
        found = self._canonical(path, request.query)
        if found is None:
            return None
        there, kept_out = found
        headers = (
            ("Content-Type", HTML),
            *(self._core.not_to_keep if kept_out else ()),
            ("X-Redirect-By", "WordPress"),
            ("Location", request.base_url + there),
        )
        return SiteReply(response=Response(status=301, reason=reason(301), headers=headers), why=(f"it is at {there}",))

    def _canonical(self, path: str, query: str) -> tuple[str, bool] | None:
        """Return the canonical address of the page, if it is another, and whether caches must not store that."""
        chat = "/" if self.settings.page_on_front else "/chat/"
        more = f"?{query}" if query else ""
        if path == "/index.php":
            return "/" + more, False
        if path.rstrip("/").lower() == "/chat" and path != chat:
            return chat + more, False
        if path != "/" or not query:
            return None
        fields = forms.parse(query.encode("latin-1", "replace"))
        # WordPress looks for a post with the id `p` and only guesses the page, so caches must not store the redirect.
        pages = {home_id(self.settings): "/", self.settings.chat_page_id: chat}
        for name in ("p", "page_id"):
            wanted = php.intval(forms.scalar(fields, name) or "")
            if wanted and wanted in pages:
                return pages[wanted] + _without(query, name), name == "p"
        return ("/author/admin/", False) if php.intval(forms.scalar(fields, "author") or "") == 1 else None

    def _nonce_for(self, user: User, now: float, cached: Cached | None, *, chat_page: bool) -> str:
        action = self.plugin.nonce_action
        if cached is not None:
            return cached.nonce or self._visitors.stale_nonce(action, now=now, hours=cached.hours)
        # Only pages with the chat count: "expired-on-first-page" is about the first of them that a client reads.
        issue = self._visitors.page_nonce if chat_page else self._visitors.issue
        return issue(action, now=now, user=user)

    def _page(self, path: str, request: SiteRequest, now: float) -> SiteReply:
        user, cookie = self._visitors.welcome(request)
        post_id = page_id(self.settings, path)
        cached = self._front.cached(request) if post_id is not None else None
        nonce = self._nonce_for(user, now, cached, chat_page=post_id is not None)
        body = self._pages.body(
            path=path,
            base_url=request.base_url,
            nonce=nonce,
            decoy_nonce=lambda action: self._visitors.fresh_nonce(action, now=now, user=user),
            remote=request.remote,
            random=self._random,
            requested=request.path,
        )
        searched = post_id == home_id(self.settings) and "s" in forms.read(request).get if request.query else False
        listed = searched or path == "/author/admin/"
        post_id = None if listed else post_id
        headers = page_headers(self.settings, self.release, post_id=post_id, base_url=request.base_url, listed=listed)
        status = 200 if post_id is not None or listed else 404
        more: Headers = (("Set-Cookie", cookie),) if cookie else ()
        if cached is not None:
            more = (*more, ("X-Cache", "HIT"), ("Age", str(int(cached.hours * 3600))))
        response = Response(status=status, reason=reason(status), headers=(*headers, *more), body=body)
        return SiteReply(
            response=response, why=(f"the page with nonce {nonce or '(none)'}" if post_id else "no such page",)
        )


def _fresh_place(release: PluginRelease) -> BotPlace:
    """Return the place of the default bot of *release*."""
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        return "shortcode"
    return "popup" if release.traits.fresh_popup else "inline"


def _embeds(release: PluginRelease) -> bool:
    return isinstance(release.traits, aipkit_traits.AipkitTraits) and release.traits.origin != "ignored"


def _plugin(release: PluginRelease, parts: Parts) -> Plugin:
    # A site starts without the modules of either; only those of its own generation are imported.
    if isinstance(release.traits, wpaicg_traits.WpaicgTraits):
        from chatgptfree_mock.sites.aipower.wpaicg.plugin import Wpaicg

        return Wpaicg(parts, release, release.traits)
    from chatgptfree_mock.sites.aipower.aipkit.plugin import Aipkit

    return Aipkit(parts, release, release.traits)


@lru_cache(maxsize=64)
def _clean(path: str) -> str | None:
    """Return the normalised path of the URL; None if the web server refuses the request."""
    parts: list[str] = []
    plain = re.sub(r"/{2,}", "/", unquote(path, errors="surrogateescape"))
    for part in plain.split("/"):
        if part == ".." and not parts[1:]:
            return None
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return None if "\0" in plain else "/".join(parts)


# Responses share a few heads, which differ only in the second of their `Date`.
@lru_cache(maxsize=64)
def _with_server(headers: Headers, now: int, *, framed: bool) -> Headers:
    """Add the web server's headers, unless the response already has a Server header or a length."""
    names = {name for name, _ in headers}
    first = (pair for pair in server_headers(now) if pair[0] not in names)
    framing = () if "Content-Length" in names else _FRAMED if framed else _FRAMED[1:]
    return (*first, *headers[:1], *framing, *headers[1:])


def _without(query: str, name: str) -> str:
    """Return *query* with its question mark and without the field *name*, or nothing."""
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != name]
    return "?" + "&".join(kept) if kept else ""


def _server_error(status: int, why: str) -> SiteReply:
    """Answer as the web server itself does."""
    return SiteReply(response=nginx_error(status), why=(why,))
