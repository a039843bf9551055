"""
Recognise block pages: responses of something in front of the site instead of the site itself.

`recognise` checks a response of any status for Cloudflare and other firewalls, consent pages, a login, WordPress under
maintenance.  It goes by headers and by the structure of an HTML document, never by words anywhere in a body: an answer
of the model, or a page with a chat, may well mention Cloudflare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from selectolax.lexbor import LexborHTMLParser

from chatgptfree.core.page.document import UnparsableError, parse
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.core.protocol.nesting import is_too_deep
from chatgptfree.errors import ChallengeError, ChatError, ErrorFacts

_LOOKED_AT: Final = 256 * 1024
"""Block pages are small; their markers come first."""

CHAT_ELEMENTS: Final = ".wpaicg-chat-shortcode, .wpaicg-chatbox, .aipkit_chat_container, .aipkit_popup_wrapper"

_CONSENT_SENTENCES: Final = frozenset({"du musst das kästchen anklicken!"})

# (selector, name).  Each occurs on block pages only; scripts that such a service also adds to ordinary pages
# (Cloudflare's /cdn-cgi/challenge-platform/scripts/jsd/, a Turnstile box in a form) are left out.
_STRUCTURE: Final = (
    ("#challenge-form, #challenge-running, #challenge-error-text, #challenge-error-title", "a Cloudflare challenge"),
    ("#cf-please-wait, #cf-spinner-please-wait, #cf-challenge-running", "a Cloudflare challenge"),
    (".cf-browser-verification, form[action*='__cf_chl_']", "a Cloudflare challenge"),
    ("script[src*='/challenge-platform/h/'][src*='/orchestrate/']", "a Cloudflare challenge"),
    ("#cf-cloudflare-status, #cf-hcaptcha-container, #cf-norobot-container", "a Cloudflare block"),
    ("meta[name='aliyun_waf_aa'], meta[name='aliyun_waf_bb'], #waf_nc_block, #aliyun_waf", "Aliyun's firewall"),
    ("iframe[src*='_Incapsula_Resource'], script[src*='_Incapsula_Resource']", "Imperva's firewall"),
    ("iframe[src*='captcha-delivery.com'], script[src*='captcha-delivery.com']", "DataDome"),
    ("script[src*='.awswaf.com/']", "AWS's firewall"),
    ("script#anubis_challenge, #anubis_version", "an Anubis challenge"),
    ("meta[http-equiv='refresh'][content*='/.well-known/sgcaptcha/']", "a SiteGround captcha"),
    ("form[action*='/.lsrecap/'], script[src*='/.lsrecap/']", "a LiteSpeed captcha"),
    ("script[src*='/_sec/cp_challenge/'], #sec-if-cpt-container", "an Akamai challenge"),
    ("meta[http-equiv='refresh'][content*='bm-verify=']", "an Akamai challenge"),
    ("script[src*='check.ddos-guard.net'], script[src*='/.well-known/ddos-guard/']", "a DDoS-Guard challenge"),
    ("#px-captcha, script[src*='captcha.px-'], script[src*='captcha.perimeterx.']", "HUMAN's firewall (PerimeterX)"),
    ("script[src*='/TSPD/']", "F5's firewall"),
    ("script[src*='/.safeline/']", "SafeLine's firewall"),
    ("script[src*='/__qrator/']", "Qrator's firewall"),
    ("script[src*='/.bunny-shield/']", "Bunny Shield"),
    ("body.login form#loginform", "a login page"),
    ("form.post-password-form", "a password form"),
)

_TITLES: Final = (
    ("just a moment...", "a Cloudflare challenge"),
    ("just a moment…", "a Cloudflare challenge"),
    ("attention required! | cloudflare", "a Cloudflare block"),
    ("please wait... | cloudflare", "a Cloudflare challenge"),
    ("access denied | cloudflare", "a Cloudflare block"),
    ("ddos-guard", "a DDoS-Guard challenge"),
    ("cloudwaf", "CloudWAF's firewall"),
    ("sucuri website firewall - access denied", "Sucuri's firewall"),
    ("one moment, please...", "a browser check"),
    ("making sure you're not a bot!", "an Anubis challenge"),
    ("your access to this site has been limited by the site owner", "Wordfence's firewall"),
    ("your access to this site has been temporarily limited by the site owner", "Wordfence's firewall"),
    ("vercel security checkpoint", "a Vercel challenge"),
    ("pardon our interruption", "Imperva's firewall"),
    ("pardon our interruption...", "Imperva's firewall"),
    ("human verification", "AWS's firewall"),
    ("access to this page has been denied", "HUMAN's firewall (PerimeterX)"),
    ("access to this page has been denied.", "HUMAN's firewall (PerimeterX)"),
    ("bot verification", "a LiteSpeed captcha"),
    ("client challenge", "a Fastly challenge"),
    ("azure waf", "Azure's firewall"),
    ("radware captcha page", "Radware's firewall"),
    ("radware bot manager captcha", "Radware's firewall"),
    ("ninjafirewall: 403 forbidden", "NinjaFirewall"),
    ("waiting for the redirectiron...", "BitNinja's firewall"),
    ("checking your browser", "a browser check"),
    ("checking your browser...", "a browser check"),
    ("checking your browser before accessing", "a browser check"),
)

# Strings in the scripts of a block page.
_SCRIPT_MARKS: Final = (
    ("window._cf_chl_opt", "a Cloudflare challenge"),
    ("_cf_chl_enter", "a Cloudflare challenge"),
    ("acw_sc__v2", "Aliyun's firewall"),
    ("aliyun_waf", "Aliyun's firewall"),
    ("gokuProps", "AWS's firewall"),
    ("sucuri_cloudproxy_js", "Sucuri's firewall"),
    ("triggerInterstitialChallenge", "an Akamai challenge"),
    ("window.KPSDK", "Kasada's firewall"),
    ('window["bobcmn"]', "F5's firewall"),
    ("captcha-delivery.com", "DataDome"),
)

# Firewalls inside the site's own server.  They refuse with whatever status they are set to (Wordfence with 503,
# ModSecurity with 406, 403 or 501, Imunify360 with 415), and no server that merely fails has these words.
_OWN_REFUSALS: Final = (
    ("generated by wordfence", "Wordfence's firewall"),
    ("this error was generated by mod_security", "ModSecurity's firewall"),
    ("imunify360", "Imunify360's firewall"),
    ("incapsula incident id", "Imperva's firewall"),
    ("security check by bitninja", "BitNinja's firewall"),
    ("sucuri website firewall", "Sucuri's firewall"),
    ("for security reasons, it was blocked and logged", "NinjaFirewall"),
    ("your request looks suspicious or similar to automated requests from spam posting software", "WP Cerber"),
    ("the requested url was rejected. please consult with your administrator", "F5's firewall"),
)
_REFUSALS: Final = (
    ("generated by cloudfront (cloudfront)", "CloudFront's firewall"),
    ("used cloudflare to restrict access", "a Cloudflare block"),
    ("cloudflare ray id:", "a Cloudflare block"),
    ("errors.edgesuite.net", "Akamai's firewall"),
    ("cloudwaf", "CloudWAF's firewall"),
    ("errors.aliyun.com", "Aliyun's firewall"),
)

_RELOADS: Final = re.compile(r"\blocation(?:\.href)?\s*=(?!=)|\blocation\.(?:reload|replace|assign)\s*\(")
"""What loads a page again, or another one, in a script."""

_DOCUMENT_TAGS: Final = ("<!doctype html", "<html", "<head", "<title", "<body", "<script")
_MAINTENANCE_SENTENCE: Final = "briefly unavailable for scheduled maintenance. check back in a minute."

_CLOUDFLARE_CODE: Final = re.compile(r"error code: 1\d{3}")
"""Cloudflare's refusal of a request that does not accept HTML."""

_HEADERS: Final[tuple[tuple[str, Callable[[str], bool], str], ...]] = (
    ("cf-mitigated", bool, "a Cloudflare challenge"),
    ("x-amzn-waf-action", lambda value: value in ("challenge", "captcha"), "AWS's firewall"),
    ("x-sucuri-block", bool, "Sucuri's firewall"),
    ("sg-captcha", lambda value: value == "challenge", "a SiteGround captcha"),
    ("x-vercel-mitigated", lambda value: value in ("challenge", "deny"), "Vercel's firewall"),
    ("x-dd-b", bool, "DataDome"),
)
_BOT_PROTECTION: Final = re.compile(r"access denied by [\w ]{0,40}\bbot[ -]protection\b", re.IGNORECASE)
"""Imunify360's refusal of a request that does not accept HTML, also with the product's name left out."""


def recognise(head: ResponseHead, body: bytes) -> ChatError | None:
    """
    Return the error for a block page, or None if the response is not one.

    Args:
        head: status and headers.
        body: the body, decompressed, or its beginning; 256 KiB are enough.
    """
    found = _by_headers(head)
    if found is None:
        start = body[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        found = _by_document(head, start) if _is_html(start) else _by_plain_body(head, start)
    if found is None:
        return None
    name, retryable = found
    facts = ErrorFacts(status=head.status, url=head.url, excerpt=excerpt(body), retry_after=head.retry_after)
    error = ChallengeError(f"the site is behind {name}", **facts)
    error.retryable = retryable
    return error


def excerpt(body: bytes) -> str:
    """Return at most 300 characters of *body* for people: tags, scripts and styles stripped, blanks joined."""
    text = body[:8192].decode("utf-8", "replace").lstrip("\ufeff")
    if "<" in text:
        tree = LexborHTMLParser(text)  # too short to take long
        title = tree.css_first("title")
        named = title.text() if title is not None else ""
        tree.strip_tags(["script", "style", "template", "title"])
        text = f"{named} {tree.text(separator=' ')}"
    return " ".join(text.replace("\0", "").split())[:300]


def title_of(tree: LexborHTMLParser) -> str:
    """Return the title of a document, blanks joined."""
    node = tree.css_first("head > title") or tree.css_first("title")
    return " ".join(node.text().split()) if node is not None else ""


def _by_headers(head: ResponseHead) -> tuple[str, bool] | None:
    for header, fits, name in _HEADERS:
        value = head.get(header).strip().lower()
        if value and fits(value):
            return name, False
    # DataDome marks what it lets through as well.
    if head.status in (401, 403, 405, 429) and head.get("x-datadome"):
        return "DataDome", False
    if head.status == 401 and head.get("www-authenticate"):
        return "a login", False
    return None


def _by_document(head: ResponseHead, start: str) -> tuple[str, bool] | None:
    try:
        tree = parse(start)
    except UnparsableError:
        return None
    if tree.css_first(CHAT_ELEMENTS) is not None:
        return None
    title = title_of(tree).lower()
    if name := next((name for words, name in _TITLES if title == words), None):
        return name, False
    if name := next((name for selector, name in _STRUCTURE if tree.css_first(selector) is not None), None):
        return name, False
    scripts = "\n".join(script.text() for script in tree.css("script"))
    if name := _first(_SCRIPT_MARKS, scripts):
        return name, False
    tree.strip_tags(["script", "style", "template"])
    text = " ".join((tree.text(separator=" ")).split()).lower()
    if "document.cookie" in scripts and _RELOADS.search(scripts) and len(text) < 200:
        return "a browser check", False  # a page without content, of a firewall that tests for JavaScript and cookies
    # Forms of ordinary pages have such a box as well; a block page has hardly a word beside it.
    if tree.css_first(".cf-turnstile, .h-captcha, .g-recaptcha") is not None and len(text) < 400:
        return "a captcha", False
    if _MAINTENANCE_SENTENCE in text and (title == "maintenance" or len(text) < 400):
        return "WordPress' maintenance page", True
    if len(text) < (4000 if head.status >= 400 else 400) and (name := _first(_OWN_REFUSALS, text)):
        return name, False
    # Gateway errors of the same companies are worded alike, but it is the site that failed there.
    if 400 <= head.status < 500 and head.status not in (404, 410, 429) and len(text) < 4000:
        name = _first(_REFUSALS, text)
        return (name, False) if name else None
    return None


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for words, name in marks if words in text), None)


def _by_plain_body(head: ResponseHead, start: str) -> tuple[str, bool] | None:
    if start.startswith("{"):
        return _by_json(start)
    words = " ".join(start.split()).lower()
    if head.status == 403 and _CLOUDFLARE_CODE.fullmatch(words):
        return "a Cloudflare block", False
    if words == _MAINTENANCE_SENTENCE:
        return "WordPress' maintenance page", True
    if head.status >= 400 and (name := _first(_OWN_REFUSALS, words[:4000])):
        return name, False
    return ("a consent gate", False) if words in _CONSENT_SENTENCES else None


def _by_json(start: str) -> tuple[str, bool] | None:
    if is_too_deep(start):
        return None
    try:
        value = msgspec.json.decode(start)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    if "captcha-delivery.com/" in str(value.get("url", "")) or {"appId", "blockScript"} <= value.keys():
        return "a captcha", False  # of DataDome and of HUMAN (PerimeterX), for requests that do not ask for HTML
    if _BOT_PROTECTION.match(str(value.get("message", ""))):
        return "a bot protection", False
    data = value.get("data")
    places: list[dict[str, Any]] = [value, data] if isinstance(data, dict) else [value]
    for place in places:
        for key in ("code", "error", "error_code"):
            code = place.get(key)
            if isinstance(code, str) and (code == "ts_required" or code.endswith("_ts_required")):
                return "a Turnstile gate", False
        failed = value.get("success") is False or value.get("status") == "error"
        message = place.get("message", place.get("msg"))
        if failed and isinstance(message, str) and message.strip().lower() in _CONSENT_SENTENCES:
            return "a consent gate", False
    return None


def _is_html(start: str) -> bool:
    """Return whether *start* begins like a document, PHP's notices before it aside; JSON and event streams don't."""
    return start.startswith("<") and any(tag in start[:65536].lower() for tag in _DOCUMENT_TAGS)
