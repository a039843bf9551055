"""
The situations of the recordings named `x_…`: odd requests, and other providers behind the bot.

A request shows nearly all; what it can't show is what the site was like, what its model did, and what the call to the
cache had left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import urlencode

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.model import Request

NOW = 1_795_749_071.0
"""When the first of them was recorded."""
AJAX = "/wp-admin/admin-ajax.php"
SAID = list("Hello there! I am a stand-in 👋 and I say: nice to meet you.")
EMOJI = list(
    "Family 👨\u200d👩\u200d👧\u200d👦, flag 🇩🇪, heart ❤\ufe0f\u200d🔥, thumbs 👍🏽, e\u0301 \ufb01, 日本語"
    "テスト漢字、中文字符 한국어, עברית العربية, 𝕏 𐍈, \u200bzero\u200dwidth, ½ ∑ €."
)
GOOD_NONCES = ("c9cd6aceb8", "2379fda95e")
"""What the two sites took then; anything else in its place was sent to be refused."""
UNKNOWN_KEY = "aipkit_sse_" + "x" * 32
BAD_KEY = "Incorrect API key provided: sk-x. You can find your API key at https://example.com."
RATE = 'Rate limit reached for "gpt" on requests: 3 & more <soon>.'


def _http(status: int, message: str, code: str) -> dict[str, Any]:
    return {"http_error": {"status": status, "message": message, "code": code}}


MODELS: Mapping[str, Mapping[str, Any]] = {
    "401": _http(401, BAD_KEY, "invalid_api_key"),
    "429q": _http(429, RATE, "rate_limit_exceeded"),
    "502html": {"html_error": 502},
    "abort": {"resets_after": 29},
    "emoji": {"reply": EMOJI},
    "empty": {"empty": True},
    "half": {"ends_after": len(SAID) - 1, "burst": True},
    "ok": {},
}
"""By the end of a case's name; what is not here is in `model_of`."""
CONTEXT = json.dumps({"stream_context": "nope", "message": "Hello"})
CACHED: Mapping[str, Mapping[str, str]] = {
    "x_json_stream_context": {"message": CONTEXT},
    "x_resume_flag": {"resume_after_form_submission": "1"},
}
"""What the cache call before a stream sent beside, or in place of, the usual message."""


def provider_of(case: str) -> str:
    """Return the provider that a case speaks to."""
    names = {"openrouter": "OpenRouter", "azure": "Azure"}
    return names.get(case.removeprefix("x_").partition("_")[0], "OpenAI")


def model_of(release: str, case: str) -> Mapping[str, Any]:
    """Return what the model's API did."""
    if case.endswith("_errmid"):
        if provider_of(case) == "OpenAI" or (release, provider_of(case)) == ("2.3.71", "OpenRouter"):
            return {"error_midway": {"after": 4, "message": 'The model is overloaded & "busy".'}}
        return {"error_midway": {"after": 5, "message": "The model is overloaded."}}
    return MODELS.get(case.rpartition("_")[2], {})


def settings_of(release: str, case: str) -> dict[str, Any]:
    """Return the settings of the site that one of them was recorded on."""
    bots = [{"id": 0}] if release.startswith("1.") else [{"id": 5, "provider": provider_of(case)}]
    return {
        "plugin": release,
        "bots": bots,
        "chat_page_id": 6,
        "page_on_front": True,
        "model": {"reply": SAID, "name": "gpt-3.5-turbo", **model_of(release, case)},
    }


def ask(release: str, case: str, request: Request) -> SiteReply:
    """Ask the imitation what a recording asked the real site."""
    site = AipowerSite(site_from(settings_of(release, case)), now=lambda: NOW, random=Random(1))
    if case.removeprefix("x_").startswith("stream_") or case in CACHED or provider_of(case) != "OpenAI":
        return site.answer(visit_of(site, request, key=_key(site, case)))
    return site.answer(visit_of(site, request))


def visit_of(site: AipowerSite, request: Request, *, key: str | None = None) -> SiteRequest:
    """Turn a recorded request into a visit, with a nonce and a *key* that are good now if they were good then."""
    path, _, query = request.uri.removeprefix("https://chatgptfree.ai").partition("?")
    body = request.body or b""
    for good in GOOD_NONCES:
        for old, new in ((good, site.nonce()), (good.upper(), site.nonce().upper())):
            query, body = query.replace(old, new), body.replace(old.encode(), new.encode())
    if key is not None and UNKNOWN_KEY not in query:
        query = re.sub(r"aipkit_sse_\w{32}", key, query)
    host = dict(request.headers)["Host"]
    return SiteRequest(
        method=request.method, path=path, query=query, headers=request.headers, body=body, base_url=f"http://{host}"
    )


def _key(site: AipowerSite, case: str) -> str:
    fields = {"action": "aipkit_cache_sse_message", "message": "Hello", "_ajax_nonce": site.nonce()}
    body = urlencode({**fields, **CACHED.get(case, {})}).encode()
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    reply = site.answer(SiteRequest(method="POST", path=AJAX, headers=form, body=body))
    return str(json.loads(reply.response.body)["data"]["cache_key"])
