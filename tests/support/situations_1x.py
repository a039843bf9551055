"""
The situations in which the recordings of WPAICG were made, as settings of an imitated site.

One entry per case of `cassettes/recorded/1.*`; a case that is not named needs nothing but the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.model_reply import RECORDED_DELTAS

Settings = Mapping[str, Any]

DELTAS = RECORDED_DELTAS
"""The deltas of the stand-in for the model's API."""

BAD_KEY = (
    "Incorrect API key provided: sk-fake. You can find your API key at https://platform.openai.com/account/api-keys."
)
RATE = (
    "Rate limit reached for gpt-3.5-turbo in organization org-x on requests per min (RPM): Limit 3, Used 3, "
    'Requested 1. Please try again in 20s. Visit "https://platform.openai.com/account/rate-limits" to learn more.'
)
CUSTOM = {"reply": DELTAS, "name": "gpt-4o-mini-0125"}
ROUTER = {"reply": DELTAS, "comments": True}
CUSTOM_BOTS = [
    {"id": 5, "stream": True, "model": CUSTOM},
    {"id": 6, "stream": False, "model": CUSTOM},
    {"id": 7, "stream": True, "model": CUSTOM},
    {"id": 8, "stream": False, "model": CUSTOM},
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the site was like, which nonce was sent, and whether the same was asked before."""

    settings: Settings = field(default_factory=dict)
    model: Settings = field(default_factory=dict)
    router: Settings | None = None
    nonce: Literal["good", "as recorded", "expired"] = "good"
    asked_before: bool = False


def _error(status: int, message: str, code: str | None = None, kind: str = "invalid_request_error") -> Situation:
    return Situation(model={"http_error": {"status": status, "message": message, "code": code, "type": kind}})


REFUSED_NONCE = Situation(nonce="as recorded")
LIMITED = {"limit": {"tokens": 5}}

SITUATIONS: Mapping[str, Situation] = {
    "apikey_none": Situation(settings={"api_key": False}),
    "banned_ip": Situation(settings={"banned": {"ips": ["127.0.0.1"]}}),
    "banned_word": Situation(settings={"banned": {"words": ["forbidden"]}}),
    "limit_first": Situation(settings=LIMITED),
    "limit_second": Situation(settings=LIMITED, asked_before=True),
    "nonce_bad": REFUSED_NONCE,
    "nonce_bad_noreferer": REFUSED_NONCE,
    "nonce_missing": REFUSED_NONCE,
    "nonce_expired": Situation(nonce="expired"),
    "openrouter_ok": Situation(router=ROUTER),
    "openrouter_burst": Situation(router={**ROUTER, "burst": True, "read_bytes": [1229, 1160]}, asked_before=True),
    "openrouter_429rate": Situation(router={"http_error": {"status": 429, "message": RATE}}, asked_before=True),
    "up_401": _error(401, BAD_KEY, "invalid_api_key"),
    "up_429rate": _error(429, RATE, "rate_limit_exceeded"),
    "up_500": Situation(model={"http_error": {"status": 500}}),
    "up_502html": Situation(model={"html_error": 502}),
    "up_abort": Situation(model={"dies_after": 4}),
    "up_burst": Situation(model={"burst": True}),
    "up_errmid": Situation(model={"error_midway": {"after": 4}}),
    "up_half": Situation(model={"dies_after": 4, "half_event": True}),
    "up_length": Situation(model={"finish": "length"}),
    "up_refused": Situation(model={"refused": "no-connection"}),
    "up_slow": Situation(model={"first_ms": 2000}),
    "up_split": Situation(model={"split": [1, 6]}),
}
"""By the case's name without `_s` (the default bot streams) or `_b` (it does not)."""

KNOWN_CONVERSATIONS = {
    ("1.8.79", "bot_stream_b"),
    ("1.8.84", "bot_stream_b"),
    ("1.8.93", "bot_buffered_s"),
    ("1.8.93", "bot_stream_b"),
}
"""Recordings of a conversation that the log knew already; its row is a string of digits then."""


def situation(release: str, case: str) -> Situation:
    """Return the situation of one recording."""
    found = SITUATIONS.get(case.removesuffix("_s").removesuffix("_b"), Situation())
    if (release, case) in KNOWN_CONVERSATIONS:
        return Situation(settings=found.settings, model=found.model, asked_before=True)
    return found


def settings_of(release: str, case: str) -> dict[str, Any]:
    """Return the whole settings of the site that one recording was made with."""
    found = situation(release, case)
    streams = not case.endswith("_b")
    router = {"id": 14, "provider": "OpenRouter", "stream": streams, "model": found.router} if found.router else None
    return {
        "plugin": release,
        "chat_page_id": 4,
        "bots": [{"id": 0, "stream": streams}, *CUSTOM_BOTS, *([router] if router else [])],
        "model": {"reply": DELTAS, **found.model},
        **found.settings,
    }
