"""Which names make a secret of their value: fields, JSON keys, attributes, headers, cookies; in any spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

RULES: Final = {
    "cookies": "every value in Cookie and Set-Cookie",
    "authorization": "Authorization headers, passwords in URLs",
    "challenge": "clearance of bot checks: cf_clearance, turnstile, captchas",
    "addresses": "IP addresses",
    "emails": "e-mail addresses",
    "keys": "API keys, bearer tokens, passwords",
    "nonces": "WordPress nonces and CSRF tokens",
    "sessions": "session, conversation, client and cache ids",
    "own": "what pyproject.toml names",
}
"""Every rule and what it replaces."""

_NONCES: Final = frozenset(
    {"security", "csrf", "csrftoken", "xsrftoken", "authenticitytoken", "xcsrftoken", "xxsrftoken"}
)
_SESSIONS: Final = frozenset(
    {"sid", "phpsessid", "cachekey", "threadid", "chatid", "visitorid", "guestid", "interactionid", "sessionid"}
    | {"openairesponseid", "previousopenairesponseid", "previousresponseid", "googleinteractionid"}
)
_SESSION_ENDS: Final = ("sessionid", "sessionuuid", "conversationid", "conversationuuid", "clientid", "interactionid")
_ADDRESSES: Final = frozenset(
    {"ip", "userip", "clientip", "visitorip", "remoteaddr", "remoteip", "ipaddress", "ipaddr", "xforwardedfor"}
    | {"xrealip", "cfconnectingip", "trueclientip", "xclientip"}
)
_CHALLENGE: Final = frozenset(
    {"cfbm", "cfuvid", "cfturnstileresponse", "grecaptcharesponse", "hcaptcharesponse", "acwtc", "acwscv2", "xdatadome"}
)
_CHALLENGE_STARTS: Final = (
    "cfclearance",
    "cfchl",
    "cfduid",
    "datadome",
    "awswaftoken",
    "incapses",
    "visidincap",
    "akbmsc",
)
_AUTHORIZATION: Final = frozenset({"authorization", "proxyauthorization", "xauthorization"})
_PASSWORDS: Final = frozenset({"password", "passwd", "pwd", "userpass", "passphrase"})
_KEYS: Final = frozenset({"apikey", "token", "secret", "privatekey", "jwt", "accesskey", "secretkey"})
_KEY_ENDS: Final = ("apikey", "token", "secret", "privatekey", "accesskey", "secretkey", "password")


@lru_cache(4096)
def squeezed(name: str) -> str:
    """Return *name* without case and punctuation: `data-user-ip` and `userIp` differ by `data` only."""
    return re.sub(r"[^a-z0-9]", "", name.lower()).removeprefix("data")


@lru_cache(4096)
def rule_for(name: str) -> str | None:
    """Return the rule that a value under *name* falls to, if any."""
    key = squeezed(name)
    if key.endswith("nonce") or key in _NONCES:
        return "nonces"
    if key in _SESSIONS or key.endswith(_SESSION_ENDS):
        return "sessions"
    if key in _ADDRESSES:
        return "addresses"
    if key in _CHALLENGE or key.startswith(_CHALLENGE_STARTS):
        return "challenge"
    if key in _AUTHORIZATION:
        return "authorization"
    if key in _PASSWORDS or key in _KEYS or key.endswith(_KEY_ENDS):
        return "keys"
    return "cookies" if key in ("cookie", "cookies", "setcookie") else None


def is_password(name: str) -> bool:
    """Say whether any value under *name* is secret, random or not."""
    return squeezed(name) in _PASSWORDS
