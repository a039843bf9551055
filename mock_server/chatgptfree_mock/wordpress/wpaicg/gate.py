"""Who is let in: the nonce, how it is refused, and which address a visitor is taken to come from."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from chatgptfree_mock.visit import Visit
from chatgptfree_mock.wordpress.call import Answered, Call, Parts
from chatgptfree_mock.wordpress.forms import scalar
from chatgptfree_mock.wordpress.releases.wpaicg import Traits

NONCE = "wpaicg-chatbox"
_ADDRESSES = ("Client-IP", "X-Forwarded-For", "X-Forwarded", "X-Cluster-Client-IP", "Forwarded-For", "Forwarded")


def client_address(visit: Visit) -> str:
    """Return what the plugin takes for the visitor's address: any header that a proxy may set comes first."""
    for name in _ADDRESSES:
        value = visit.header(name)
        if value:
            return value.partition(",")[0].strip() if name == "X-Forwarded-For" else value
    return visit.remote


def refuse_nonce(call: Call, parts: Parts, traits: Traits) -> Answered | None:
    """Answer a request whose nonce is not good, as this release does."""
    nonce = scalar(call.fields.request, "_wpnonce") or ""
    if parts.visitors.check(nonce, NONCE, now=call.now, user=call.user):
        return None
    why = "the nonce is missing" if not nonce else "the nonce is not accepted, or no more"
    if traits.nonce_refusal == "json":
        value = {"status": "error", "msg": "Nonce verification failed"}
        return Answered(response=call.core.json(value), why=(why,), nonce_refused=True)
    back = _referer(call)
    more = f'</p><p><a href="{_esc_url(back)}">Please try again.</a>' if back else ""
    return Answered(
        response=call.core.respond(f"The link you followed has expired.{more}", status=403),
        why=(why,),
        nonce_refused=True,
    )


def _referer(call: Call) -> str:
    """Return where core would send the visitor back to: a page of this host that is not the one asked for."""
    visit = call.visit
    given = scalar(call.fields.request, "_wp_http_referer") or visit.header("Referer")
    query = f"?{visit.query}" if visit.query else ""
    here = f"{visit.base_url}{visit.path}{query}"
    if not given or given in (here, here.removeprefix(_origin(here))):
        return ""
    try:
        split = urlsplit(urljoin(here, given))
    except ValueError:
        return ""
    known = split.hostname == urlsplit(visit.base_url).hostname and split.scheme in ("http", "https")
    return given if known else ""


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _esc_url(url: str) -> str:
    kept = "".join(letter for letter in url.replace(" ", "%20") if letter.isprintable() and letter not in '<>"\\^`{|}')
    return kept.replace("&amp;", "&").replace("&", "&#038;").replace("'", "&#039;")
