"""
The situations in which AIPKit was recorded: what the site was like, and what was asked of it.

One entry per case of `cassettes/recorded/2.*` and of the matrix over 16 releases; the names are the recordings'.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal
from urllib.parse import urlencode

from tests.support.model_reply import RECORDED_DELTAS

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.wordpress.nonces import NonceMint

Settings = Mapping[str, Any]
Kind = Literal["cache", "msg", "stream", "nonce", "other"]
NOW = 1_795_396_913.627656
"""When 2.3.93 was recorded: the date is in the instruction for the model."""
BASE_URL = "http://127.0.0.1:18507"
AJAX = "/wp-admin/admin-ajax.php"
HELLO = "Hello, who are you?"
MARKED_UP = "a <b>bold</b> & \"q\" 's' back\\slash %41 line1\nline2 👋 3<4"
FORBIDDEN = "this is FORBIDDEN stuff"
BAD_KEY = (
    "Incorrect API key provided: sk-fake. You can find your API key at https://platform.openai.com/account/api-keys."
)
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
)
RATE = (
    "Rate limit reached for gpt-4o-mini in organization org-x on requests per min (RPM): Limit 3, Used 3, "
    'Requested 1. Please try again in 20s. Visit "https://platform.openai.com/account/rate-limits" to learn more.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the site was like, what was asked, and what had been asked before."""

    settings: Settings = field(default_factory=dict)
    model: Settings = field(default_factory=dict)
    message: str = HELLO
    fields: Mapping[str, str | None] = field(default_factory=dict)
    """Fields that are other than the default; None is missing."""
    nonce: Literal["good", "bad", "missing", "expired", "previous tick"] = "good"
    key: Literal["fresh", "missing", "unknown", "used", "expired", "lower"] = "fresh"
    origin: Literal["none", "own", "foreign"] = "none"
    form: Literal["multipart", "urlencoded", "query"] = "multipart"
    method: Literal["POST", "GET", "OPTIONS"] = "POST"
    asked_before: bool = False
    """The same visitor has asked once already, in another conversation."""
    turn: int = 1
    """Which message of its conversation it is."""


def _http(status: int, message: str, code: str | None) -> Settings:
    return {"http_error": {"status": status, "message": message, "code": code, "type": "invalid_request_error"}}


_CHAT = {"api": "chat-completions"}
_FAILURES: Mapping[str, Settings] = {
    "401": _http(401, BAD_KEY, "invalid_api_key"),
    "401empty": _http(401, "", "invalid_api_key"),
    "429": _http(429, QUOTA, "insufficient_quota"),
    "429rate": _http(429, RATE, "rate_limit_exceeded"),
    "500": {"http_error": {"status": 500}},
    "502html": {"html_error": 502},
    "abort": {"dies_after": 5},
    "badjson": {"garbage": True},
    "burst": {"delta_ms": 0},
    "burst_cc": {**_CHAT, "burst": True},
    "cite": {"citations": True},
    "empty": {"empty": True},
    "eof": {"ends_after": 5},
    "errmid": {"error_midway": {"after": 5}},
    "errmidjson": {"error_midway": {"after": 5, "plain_json": True}},
    "half_cc": {**_CHAT, "dies_after": 4, "half_event": True},
    "length": {"finish": "length"},
    "nodone": {"no_end_mark": True},
    "refused": {"refused": True},
    "slow": {"delta_ms": 400},
}
"""What the model's API did in the cases named `up_…`."""
_WORDS: Settings = {"banned": {"words": ["forbidden", "badword"]}}
_IP: Settings = {"banned": {"ips": ["127.0.0.1"]}}
_LIMIT: Settings = {"limit": {"tokens": 5}}
_LIMITED: Mapping[str, str | None] = {"bot_id": "10", "session_id": "limit-session-b"}

_SHARED: Mapping[str, Situation] = {
    "apikey_none": Situation(settings={"api_key": False}),
    "banned_ip": Situation(settings=_IP),
    "banned_word": Situation(settings=_WORDS, message=FORBIDDEN),
    "bot_missing": Situation(fields={"bot_id": None}),
    "bot_unknown": Situation(fields={"bot_id": "99999"}),
    "conv_missing": Situation(fields={"conversation_uuid": None}),
    "foreign_origin": Situation(origin="foreign"),
    "html": Situation(message=MARKED_UP),
    "limit_1": Situation(settings=_LIMIT, fields=_LIMITED),
    "limit_2": Situation(settings=_LIMIT, fields=_LIMITED, asked_before=True),
    "nonce_bad": Situation(nonce="bad"),
    "nonce_expired": Situation(nonce="expired"),
    "nonce_missing": Situation(nonce="missing"),
    "ok": Situation(),
    "own_origin": Situation(origin="own"),
    "session_missing": Situation(fields={"session_id": None}),
    **{f"up_{name}": Situation(model=model) for name, model in _FAILURES.items()},
}
_POSTED: Mapping[str, Situation] = {
    "empty": Situation(message=""),
    "get_query": Situation(form="query", method="GET"),
    "noheaders": Situation(),
    "space": Situation(message="  "),
    "urlencoded": Situation(form="urlencoded"),
    "zero": Situation(message="0"),
}
_OWN: Mapping[str, Situation] = {
    "action_missing": Situation(fields={"action": None}),
    "action_unknown": Situation(fields={"action": "nope"}),
    "cache_foreign_origin_nobot": Situation(origin="foreign", fields={"bot_id": None}),
    "cache_image_bad": Situation(fields={"image_inputs": '[{"x":1}]'}),
    "cache_options_foreign": Situation(origin="foreign", method="OPTIONS"),
    "cache_options_own": Situation(origin="own", method="OPTIONS"),
    "cache_own_origin_nobot": Situation(origin="own", fields={"bot_id": None}),
    "msg_bot_zero": Situation(fields={"bot_id": "0"}),
    "msg_missing": Situation(fields={"message": None}),
    "msg_nonce_prev_tick": Situation(nonce="previous tick"),
    "nonce_foreign_origin_bot": Situation(origin="foreign"),
    "nonce_foreign_origin_nobot": Situation(origin="foreign", fields={"bot_id": None}),
    "nonce_get": Situation(form="query", method="GET", fields={"bot_id": None}),
    "nonce_urlencoded_nobot": Situation(form="urlencoded", fields={"bot_id": None}),
    "old_action": Situation(fields={"action": "wpaicg_chat_shortcode_message"}),
    "stream_accept_any": Situation(),
    "stream_as_post": Situation(method="POST", form="urlencoded"),
    "stream_conv_turn1": Situation(),
    "stream_conv_turn2": Situation(turn=2),
    "stream_hangup": Situation(),
    "stream_html": Situation(message=MARKED_UP.replace(" 's'", "").replace(" %41", "")),
    "stream_key_expired": Situation(key="expired"),
    "stream_key_lower": Situation(key="lower"),
    "stream_key_missing": Situation(key="missing"),
    "stream_key_reuse": Situation(key="used"),
    "stream_key_unknown": Situation(key="unknown"),
    "stream_moderation_flagged": Situation(settings={"moderation": {}}, message="please flag-me"),
    "stream_ok_cc": Situation(model=_CHAT),
    "stream_state_bot": Situation(fields={"bot_id": "7"}),
    "stream_state_bot_prev": Situation(fields={"bot_id": "7", "previous_openai_response_id": "resp_fake0001"}, turn=2),
}


def situation(case: str) -> Situation:
    """Return the situation of a case."""
    kind, _, rest = case.partition("_")
    if case in _OWN:
        return _OWN[case]
    return _POSTED[rest] if kind in ("cache", "msg") and rest in _POSTED else _SHARED[rest]


def kind_of(case: str) -> Kind:
    """Return which action a case is about."""
    kind = case.partition("_")[0]
    known: Mapping[str, Kind] = {"cache": "cache", "msg": "msg", "stream": "stream", "nonce": "nonce"}
    return known.get(kind, "other")


def site_of(release: str, found: Situation, *, now: list[float]) -> AipowerSite:
    """Set up the site of a situation; *now* holds its time."""
    bots = [{"id": number, "conversation_state": number == 7} for number in (5, 6, 7, 9, 10)]
    settings = {"plugin": release, "bots": bots, "model": {"reply": RECORDED_DELTAS, **found.model}}
    return AipowerSite(site_from({**settings, **found.settings}), now=lambda: now[0], random=Random(7))


def nonce_of(site: AipowerSite, found: Situation, now: float) -> str | None:
    """Return the nonce that a situation sends."""
    ages = {"good": 0, "previous tick": 1, "expired": 3}
    if found.nonce in ages:
        mint = NonceMint(salt=site.settings.nonce_salt.encode())
        return mint.issue("aipkit_frontend_chat_nonce", now=now, ticks_ago=ages[found.nonce])
    return "0123456789" if found.nonce == "bad" else None


@dataclass(kw_only=True)
class PreparedSite:
    """A site in a situation, and a visitor in front of it."""

    release: str
    case: str
    situation: Situation
    now: list[float] = field(default_factory=lambda: [NOW])
    site: AipowerSite = field(init=False)

    def __post_init__(self) -> None:
        self.site = site_of(self.release, self.situation, now=self.now)

    def cached(self, message: str) -> str:
        """Make the cache call, without an Origin and with a good nonce, and return the key."""
        good = nonce_of(self.site, Situation(), self.now[0])
        fields = {"action": "aipkit_cache_sse_message", "message": message, "_ajax_nonce": good}
        request = visit_with(fields)
        return str(json.loads(self.site.answer(request).response.body)["data"]["cache_key"])

    def key(self) -> str | None:
        """Return the key that the situation sends with its stream."""
        wanted = self.situation.key
        if wanted in ("missing", "unknown"):
            return None if wanted == "missing" else "aipkit_sse_" + "A" * 32
        key = self.cached(self.situation.message)
        if wanted == "used":
            self.ask(key=key)
        elif wanted == "expired":
            self.now[0] += 61
        return key.lower() if wanted == "lower" else key

    def prepare(self) -> None:
        """Let happen what happened before."""
        if self.situation.asked_before or self.situation.turn > 1:
            other = "c0ffee00-other" if self.situation.asked_before else None
            if kind_of(self.case) == "stream":
                self.ask(key=self.cached(self.situation.message), conversation=other)
            else:
                self.ask(conversation=other)

    def ask(self, *, key: str | None = None, conversation: str | None = None) -> SiteReply:
        """Send the request of the situation."""
        found = self.situation
        kind = kind_of(self.case)
        fields: dict[str, str | None] = {
            "action": _ACTIONS[kind],
            "cache_key": key,
            "message": found.message if kind in ("cache", "msg") else None,
            "bot_id": "9",
            "session_id": "3f2b8c1e-0000-4000-8000-000000000001",
            "conversation_uuid": "f9b55f30-0d5f-44ad-829a-9138c585083b",
            "post_id": "13",
            **found.fields,
            "_ajax_nonce": nonce_of(self.site, found, self.now[0]) if kind != "nonce" else None,
        }
        if conversation is not None:
            fields["conversation_uuid"] = conversation
        if kind == "stream" and self.case != "stream_as_post":
            return self.site.answer(visit_with(fields, method="GET", form="query", origin=found.origin))
        return self.site.answer(visit_with(fields, method=found.method, form=found.form, origin=found.origin))

    def answer(self) -> SiteReply:
        """Go through the whole situation and return the last answer."""
        self.prepare()
        return self.ask(key=self.key() if kind_of(self.case) == "stream" else None)


_ACTIONS: Mapping[Kind, str] = {
    "cache": "aipkit_cache_sse_message",
    "msg": "aipkit_frontend_chat_message",
    "stream": "aipkit_frontend_chat_stream",
    "nonce": "aipkit_get_frontend_chat_nonce",
    "other": "aipkit_frontend_chat_message",
}


def site_of_case(release: str, case: str, *, asker: Mapping[str, str | None] | None = None) -> PreparedSite:
    """Set up the site of *case* on *release*; *asker*: the fields of visitor and bot, if they are known."""
    found = situation(case)
    fields = {**found.fields, **{name: value for name, value in (asker or {}).items() if found.asked_before}}
    return PreparedSite(release=release, case=case, situation=replace(found, fields=fields))


def visit_with(
    fields: Mapping[str, str | None], *, method: str = "POST", form: str = "multipart", origin: str = "none"
) -> SiteRequest:
    """Return a request with *fields*."""
    sent = {name: value for name, value in fields.items() if value is not None}
    origins = {"own": BASE_URL, "foreign": "https://evil.example"}
    headers = [("Origin", origins[origin])] if origin in origins else []
    if form == "query":
        query = urlencode(sent)
        return SiteRequest(method=method, path=AJAX, query=query, headers=tuple(headers), base_url=BASE_URL)
    kinds = {
        "urlencoded": ("application/x-www-form-urlencoded", urlencode(sent).encode()),
        "multipart": ("multipart/form-data; boundary=realwp0000001", _multipart(sent)),
    }
    kind, body = kinds[form]
    headers.append(("Content-Type", kind))
    return SiteRequest(method=method, path=AJAX, headers=tuple(headers), body=body, base_url=BASE_URL)


def _multipart(fields: Mapping[str, str]) -> bytes:
    parts = [
        f'--realwp0000001\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + "--realwp0000001--\r\n").encode()
