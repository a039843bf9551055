"""
Checks that refuse a message before the model is called: quotas, banned addresses and words, moderation.

Both actions check them in this order, and each reports them in its own form.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final, Literal

import msgspec

from chatgptfree_mock.contract.store import Store, counted
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.model_api.settings import Provider

WordMatch = Literal["part", "word", "letters"]
_LOWER: Final = {ord(upper): upper.lower() for upper in string.ascii_uppercase}
MOST_BUCKETS: Final = 20_000


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a message is not sent to the model; a *status* of None is left out."""

    words: str
    status: int = 400
    why: str = ""
    more: Mapping[str, Any] | None = None
    code: str = ""
    """The error code in JSON answers; empty where they have none."""
    refused: Literal["nonce", "key"] | None = None
    """The part of the request that is refused; see `SiteReply.refused`."""


class Quotas:
    """The tokens that each visitor has used up with each bot."""

    def __init__(self, database: Store, settings: SiteSettings, traits: AipkitTraits) -> None:
        self._limit = settings.limit
        self._traits = traits
        self._used = database.table("tokens used", int, capacity=MOST_BUCKETS)

    def refuse(self, owner: str, bot_id: int, *, guest: bool) -> Refusal | None:
        """Return the refusal if the visitor's quota is used up, else None."""
        if self._limit is None:
            return None
        if self._limit.tokens == 0:
            words = sentences.GUESTS_OUT if guest else sentences.ROLE_OUT
            return Refusal(words=words, status=429, why="the limit is 0")
        used = self._used.get((owner, str(bot_id))) or 0
        if used < self._limit.tokens:
            return None
        words = self._limit.message or self._traits.quota_words
        notice = {"type": "quota_notice", "message": words, "actions": self._limit.quota_buttons}
        more = {"quota_notice": notice} if self._traits.quota_notice else None
        return Refusal(words=words, status=429, more=more, why=f"{used} of {self._limit.tokens} tokens are used up")

    def use(self, owner: str, bot_id: int, tokens: int) -> None:
        """Count the tokens of an answer."""
        counted(self._used, (owner, str(bot_id)), tokens)


class Throttle:
    """
    Requests of each address in the current minute of the clock; *most* is the limit, 0 for none.

    If its table is *broken*, requests cannot be counted and all are refused; so is one without a valid address.
    Source: the published plugin 2.4.94 to 2.4.97; a refused request does not count.
    """

    def __init__(self, database: Store, most: int, *, broken: bool = False) -> None:
        self._most = most
        self._broken = broken
        self._asked = database.table("asked in a minute", int, capacity=MOST_BUCKETS)

    def refuse(self, remote: str, now: float) -> Refusal | None:
        """Count one request of *remote*, or return why it is refused."""
        if not self._most:
            return None
        if self._broken or not is_address(remote):
            why = "the throttle's table is broken" if self._broken else f"`{remote}` is not an IP address"
            return Refusal(words=sentences.UNVERIFIED, status=503, code="public_request_unavailable", why=why)
        key = (shortest(remote), str(int(now // 60)))
        if (self._asked.get(key) or 0) >= self._most:
            why = f"{self._most} requests in this minute"
            return Refusal(words=sentences.TOO_OFTEN, status=429, code="public_request_rate_limit", why=why)
        counted(self._asked, key)
        return None


def banned_address(settings: SiteSettings, remote: str, *, spelling: Literal["text", "address"]) -> Refusal | None:
    """Return the refusal of a banned address; *spelling* is the trait `banned_addresses`."""
    banned = settings.banned.ips
    if remote in banned or (spelling == "address" and shortest(remote) in map(shortest, banned)):
        return Refusal(words=sentences.BANNED_ADDRESS, status=403, why=f"{remote} is banned", code="ip_banned")
    return None


def shortest(address: str) -> str:
    """Return an IP address in its shortest form, in which the plugin counts and compares addresses since 2.4.84."""
    return ip_address(address.strip()).compressed if is_address(address) else address


def is_address(text: str) -> bool:
    """Return whether *text* is an IP address."""
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return True


def banned_word(settings: SiteSettings, message: str, how: WordMatch) -> Refusal | None:
    """Return the refusal of a message with a banned word; *how* is the trait `banned_words`."""
    for word in settings.banned.words:
        if word and _holds(message, word, how):
            return Refusal(words=sentences.BANNED_WORD, why=f"the word `{word}` is banned")
    return None


def _holds(message: str, word: str, how: WordMatch) -> bool:
    if how == "part":
        return _lowered(word) in _lowered(message)
    whole = rf"(?<!\w){re.escape(word)}(?!\w)" if how == "letters" else rf"\b{re.escape(word)}\b"
    return re.search(whole, message, re.IGNORECASE if how == "letters" else re.IGNORECASE | re.ASCII) is not None


def _lowered(text: str) -> str:
    """Convert ASCII letters to lower case and leave others as they are, as PHP's strtolower does."""
    return text.translate(_LOWER)


def moderated(settings: SiteSettings, provider: Provider) -> bool:
    """Return whether OpenAI's moderation checks messages first; only bots with OpenAI as their provider have it."""
    return settings.moderation is not None and provider == "OpenAI"


def flagged(settings: SiteSettings, message: str) -> Refusal | None:
    """Return the refusal of a message that moderation flags."""
    rules = settings.moderation
    if rules is None or not any(word.lower() in message.lower() for word in rules.words if word):
        return None
    return Refusal(words=rules.message or sentences.FLAGGED, why="moderation flags the message")
