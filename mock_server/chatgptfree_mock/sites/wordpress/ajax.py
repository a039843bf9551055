"""
admin-ajax.php up to the plugin: allowed origins, the action, and its handler.

These are the responses of WordPress itself; those of the plugin are in the plugin's modules.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import SiteReply, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall, Plugin
from chatgptfree_mock.sites.wordpress.core import HTML, Core
from chatgptfree_mock.sites.wordpress.nonces import User
from chatgptfree_mock.tape.model import Headers, Response


def answer(request: SiteRequest, plugin: Plugin, *, core: Core, user: User, now: float) -> SiteReply:
    """Answer a request to admin-ajax.php."""
    allowed = _cors(request)
    if request.method == "OPTIONS":
        status, verdict = (200, "is the site's") if allowed else (403, "is not allowed by core")
        bare = Response(status=status, reason=reason(status), headers=(("Content-Type", HTML), *allowed))
        return SiteReply(response=bare, why=(f"OPTIONS: the Origin {verdict}",))
    reply = _dispatch(request, plugin, core=core, user=user, now=now)
    if not allowed:
        return reply
    kind, *others = reply.response.headers
    return replace(reply, response=replace(reply.response, headers=(kind, *allowed, *others)))


def _dispatch(request: SiteRequest, plugin: Plugin, *, core: Core, user: User, now: float) -> SiteReply:
    fields = forms.read(request)
    action = fields.request.get("action")
    if not isinstance(action, str) or php.empty(action):
        return SiteReply(response=core.respond("0", status=400, early=True), why=("no action in the fields",))
    handler = plugin.handlers.get(action)
    if handler is None:
        return SiteReply(response=core.respond("0", status=400), why=(f"no such action: {action[:80]}",))
    return handler(AjaxCall(request=request, fields=fields, core=core, user=user, now=now))


def _cors(request: SiteRequest) -> Headers:
    """Return the headers for an Origin that core allows: the site's host, and never with a port."""
    origin = request.header("Origin")
    if not origin:
        return ()
    host = urlsplit(request.base_url).hostname
    if origin not in (f"http://{host}", f"https://{host}"):
        return ()
    return (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"))
