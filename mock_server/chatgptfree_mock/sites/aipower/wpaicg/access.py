"""Access checks: the nonce and its refusal, and the visitor's address."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.sites.wordpress.forms import scalar

NONCE = "wpaicg-chatbox"
_ADDRESSES = ("Client-IP", "X-Forwarded-For", "X-Forwarded", "X-Cluster-Client-IP", "Forwarded-For", "Forwarded")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_IN_REDIRECTS = re.compile(r"[^a-zA-Z0-9~+_.?#=&;,/:%!*\[\]()@-]")
_HOST = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


def client_address(request: SiteRequest) -> str:
    """Return the visitor's address as the plugin finds it: headers that proxies set take precedence."""
    found = next((address for name in _ADDRESSES if (address := _address_in(request, name))), request.remote)
    return "127.0.0.1" if found == "::1" else found


def _address_in(request: SiteRequest, name: str) -> str:
    value = request.header(name)
    if name != "X-Forwarded-For":
        return value
    return next((address for part in value.split(",") if (address := part.strip())), "")


def refuse_nonce(call: AjaxCall, parts: Parts, traits: WpaicgTraits) -> SiteReply | None:
    """Return this release's answer to an invalid nonce; None if the nonce is valid."""
    nonce = scalar(call.fields.request, "_wpnonce") or ""
    if traits.nonce_refusal == "json":
        # Releases that check the nonce in their own code clean the field first; WordPress core does not.
        nonce = php.sanitize_text_field(nonce)
    if parts.visitors.check(nonce, NONCE, now=call.now, user=call.user):
        return None
    why = "the nonce is missing" if not nonce else "the nonce is wrong, or has expired"
    if traits.nonce_refusal == "json":
        value = {"status": "error", "msg": sentences.BAD_NONCE}
        return SiteReply(response=call.core.json(value), why=(why,), refused="nonce")
    back = _referer(call)
    more = f'</p><p><a href="{_esc_url(back)}">Please try again.</a>' if back else ""
    return SiteReply(
        response=call.core.respond(f"{sentences.LINK_EXPIRED}{more}", status=403),
        why=(why,),
        refused="nonce",
    )


def _referer(call: AjaxCall) -> str:
    """Return the page that core links back to: one of this host, but not the requested one; empty without one."""
    request = call.request
    given = scalar(call.fields.request, "_wp_http_referer") or request.header("Referer")
    query = f"?{request.query}" if request.query else ""
    here = f"{request.base_url}{request.path}{query}"
    if not given or given in (here, here.removeprefix(_origin(here))):
        return ""
    try:
        split = urlsplit(urljoin(here, given))
    except ValueError:
        return ""
    known = split.hostname == urlsplit(request.base_url).hostname and split.scheme in ("http", "https")
    return given if known else ""


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _esc_url(url: str) -> str:
    """Clean *url* as core does before it redirects there, then escape it as core does for a link."""
    coded = _BEYOND_ASCII.sub(lambda found: quote(found[0].encode(errors="ignore")), url.strip().replace(" ", "%20"))
    kept = _NOT_IN_REDIRECTS.sub("", coded)
    host = _HOST.match(kept)
    path = kept[host.end() :] if host else kept
    kept = kept.removesuffix(path) + path.replace("[", "%5B").replace("]", "%5D")
    return kept.replace("&amp;", "&").replace("&", "&#038;")
