"""
Pages in place of the site: challenges, gateway errors, limits, maintenance.

The markers of such pages (titles, ids, headers) are those of the real ones; the rest is our own wording.
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import reason
from chatgptfree_mock.sites.wordpress.core import HTML, JSON, Core
from chatgptfree_mock.sites.wordpress.settings import Broken, Cloudflare, RateLimit
from chatgptfree_mock.tape.model import Headers, Response

_RAY: Final = "8d2f1c0a9b3e4f5a"
_NO_STORE: Final = (
    "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0",
    "Thu, 01 Jan 1970 00:00:01 GMT",
)
MAINTENANCE: Final = "Briefly unavailable for scheduled maintenance. Check back in a minute."
CRITICAL: Final = "There has been a critical error on this website."


def challenge(block: Cloudflare, *, host: str, ajax: bool) -> Response:
    """Return a challenge in its style and status; behind a consent page, admin-ajax.php answers in JSON."""
    host = escape(host)
    match block.style:
        case "just-a-moment":
            return _cloudflare(block.status, _just_a_moment(host), mitigated=block.status != 200)
        case "attention-required":
            return _cloudflare(block.status, _attention_required(host), mitigated=False)
        case "turnstile" if ajax:
            data = {"code": "ts_required", "message": "Please tick the box to show that you are human."}
            return _response(block.status, json.dumps({"success": False, "data": data}), JSON)
        case "turnstile":
            return _cloudflare(block.status, _turnstile(host), mitigated=False)
        case "aliyun":
            return _response(block.status, _ALIYUN, "text/html; charset=utf-8", (("Server", "Tengine"),))
        case "cloudfront":
            more = (
                ("Server", "CloudFront"),
                ("X-Cache", "Error from cloudfront"),
                ("Via", "1.1 3f1c9a0b7d.cloudfront.net (CloudFront)"),
                ("X-Amz-Cf-Pop", "FRA60-P1"),
            )
            return _response(block.status, _CLOUDFRONT, "text/html", more)


def broken(what: Broken, *, host: str) -> Response:
    """Return an error page of the server that failed."""
    host = escape(host)
    status, words = what.status, reason(what.status)
    match what.kind:
        case "nginx":
            return nginx_error(status)
        case "cloudflare":
            title = f"{host} | {status}: {_CLOUDFLARE_WORDS.get(status, words)}"
            body = f"<h1>Error {status}</h1><p>Cloudflare Ray ID: {_RAY}</p>"
            return _cloudflare(status, _page(title, body), mitigated=False)
        case "wordpress-critical":
            body = f'<div class="wp-die-message"><p>{CRITICAL}</p></div>'
            return _response(status, _page("WordPress &rsaquo; Error", body, "error-page"), HTML)
        case "empty":
            return _response(status, "", HTML)
        case "parked":
            body = f"<h1>{host}</h1><p>This domain is parked. Related searches: chat, assistant, AI.</p>"
            return _response(status, _page(f"{host} is parked", body), "text/html; charset=utf-8")
        case "json":
            return _response(status, json.dumps({"message": f"{words.lower()}: upstream did not answer"}), JSON)


def limited(limit: RateLimit) -> Response:
    """Return the refusal of a request over the limit."""
    more = () if limit.retry_after is None else (("Retry-After", limit.retry_after),)
    return nginx_error(limit.status, more)


def maintenance(core: Core, *, ajax: bool) -> Response:
    """Return WordPress' maintenance page; admin-ajax.php sends only its sentence."""
    body = MAINTENANCE if ajax else _page("Maintenance", f"<p>{MAINTENANCE}</p>", "error-page")
    headers = (("Content-Type", HTML), ("Retry-After", "600"), *core.not_to_keep)
    return Response(status=503, reason=reason(503), headers=headers, body=body.encode())


_CLOUDFLARE_WORDS: Final = {
    520: "Web server is returning an unknown error",
    521: "Web server is down",
    522: "Connection timed out",
    524: "A timeout occurred",
}
_NGINX_WORDS: Final = {
    408: "Request Time-out",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_ALIYUN: Final = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><meta name="aliyun_waf_aa" content="8d2f1c0a9b3e">
<script>var arg1 = '3F1C9A0B7D5E';
document.cookie = "acw_sc__v2=" + arg1 + "; path=/"; document.location.reload();</script>
</head><body></body></html>
"""
_CLOUDFRONT: Final = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>
<H1>403 ERROR</H1><H2>The request could not be satisfied.</H2><HR>Request blocked.
<PRE>Generated by cloudfront (CloudFront)
Request ID: 3f1c9a0b7d5e8d2f==
</PRE></BODY></HTML>
"""


def _just_a_moment(host: str) -> str:
    head = '<meta http-equiv="refresh" content="390"><meta name="robots" content="noindex,nofollow">'
    script = f'window._cf_chl_opt={{cZone:"{host}",cRay:"{_RAY}",cType:"managed"}};'
    loader = "/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=" + _RAY
    body = (
        f'<div class="main-wrapper"><div class="main-content"><h1>{host}</h1>'
        '<noscript><span id="challenge-error-text">Enable JavaScript and cookies to continue</span></noscript>'
        f'</div></div><script>{script}window._cf_chl_opt.cUPMDTk="{loader}";</script>'
    )
    return _page("Just a moment...", body, head=head)


def _attention_required(host: str) -> str:
    body = (
        '<div id="cf-wrapper"><div id="cf-error-details" class="cf-error-details-wrapper">'
        f"<h1>Sorry, you have been blocked</h1><h2>You are unable to access {host}</h2>"
        f"<p>Cloudflare Ray ID: <strong>{_RAY}</strong></p></div></div>"
    )
    return _page("Attention Required! | Cloudflare", body)


def _turnstile(host: str) -> str:
    body = (
        f"<h1>{host}</h1><p>Please tick the box to show that you are human.</p>"
        '<form method="post"><div class="cf-turnstile" data-sitekey="0x4AAAAAAA0000000000000"></div></form>'
        '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js" async defer></script>'
    )
    return _page("One more step", body)


def _cloudflare(status: int, page: str, *, mitigated: bool) -> Response:
    more: Headers = (
        ("Cache-Control", _NO_STORE[0]),
        ("Expires", _NO_STORE[1]),
        *((("cf-mitigated", "challenge"),) if mitigated else ()),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Server", "cloudflare"),
        ("CF-RAY", f"{_RAY}-FRA"),
    )
    return _response(status, page, HTML, more)


def nginx_error(status: int, more: Headers = ()) -> Response:
    """Return an error page of the web server itself, with the reason phrase that it uses."""
    words = _NGINX_WORDS.get(status, reason(status))
    page = _nginx_page(f"{status} {words}", f"<center><h1>{status} {words}</h1></center>\r\n")
    return replace(_response(status, page, "text/html", more), reason=words)


def header_too_large() -> Response:
    """Return nginx's refusal of headers that are too long (`1.8.93/x_ajax_huge_cookie`)."""
    words = "Request Header Or Cookie Too Large"
    body = f"<center><h1>400 Bad Request</h1></center>\r\n<center>{words}</center>\r\n"
    return _response(400, _nginx_page(f"400 {words}", body), "text/html")


def _nginx_page(title: str, body: str) -> str:
    head = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
    return f"{head}{body}<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"


def _page(title: str, body: str, body_id: str = "", head: str = "") -> str:
    name = f' id="{body_id}"' if body_id else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en-US">\n<head><meta charset="UTF-8"><title>{title}</title>{head}</head>\n'
        f"<body{name}>{body}</body>\n</html>\n"
    )


def _response(status: int, text: str, kind: str, more: Headers = ()) -> Response:
    body = text.encode()
    headers = (("Content-Type", kind), *more, ("Content-Length", str(len(body))))
    return Response(status=status, reason=reason(status), headers=headers, body=body)
