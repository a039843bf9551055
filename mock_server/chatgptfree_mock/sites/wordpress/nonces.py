"""
Nonces as WordPress makes them: none is stored, each can be used any number of times until it expires.

A nonce is made of a half-day tick, an action, a user id and a session token.  All guests share the user 0 and the
empty token, so all guests of a site share their nonces, and two processes with one salt accept each other's.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

DAY = 86_400.0


class Freshness(IntEnum):
    """The result of checking a nonce; the numbers are those of WordPress."""

    REFUSED = 0
    CURRENT = 1
    PREVIOUS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The user for whom a nonce is made; the default is a guest."""

    id: int = 0
    token: str = field(default="", repr=False)
    administrator: bool = False


GUEST = User()


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceMint:
    """Makes and checks nonces with one *salt*; *life* is the longest time that a nonce is valid, in seconds."""

    salt: bytes = field(repr=False)
    life: float = DAY

    def issue(self, action: str, *, now: float, user: User = GUEST, ticks_ago: int = 0) -> str:
        """Return the nonce for *action* at *now*, or the one that was current *ticks_ago* half lives before."""
        return self._make(action, self._tick(now) - ticks_ago, user)

    def check(self, nonce: str, action: str, *, now: float, user: User = GUEST) -> Freshness:
        """Return whether *nonce* belongs to this tick, to the one before, or to none."""
        tick = self._tick(now)
        if nonce == self._make(action, tick, user):
            return Freshness.CURRENT
        return Freshness.PREVIOUS if nonce == self._make(action, tick - 1, user) else Freshness.REFUSED

    def _tick(self, now: float) -> int:
        return math.ceil(now / (self.life / 2))

    def _make(self, action: str, tick: int, user: User) -> str:
        return _hash(self.salt, f"{tick}|{action}|{user.id}|{user.token}")


@lru_cache(maxsize=256)
def _hash(salt: bytes, message: str) -> str:
    # As `wp_create_nonce`: substr(wp_hash("tick|action|uid|token", "nonce"), -12, 10); `wp_hash` is an HMAC with MD5.
    return hmac.new(salt, message.encode("utf-8", "surrogateescape"), hashlib.md5).hexdigest()[-12:-2]
