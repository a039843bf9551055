"""
The identity of a visitor, and the nonces made for and accepted from each.

Cookies and the salt determine both, so only the number of served pages is stored: all processes with one salt recognise
the same visitors.
"""

from __future__ import annotations

import hashlib
import hmac
from random import Random
from urllib.parse import unquote

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.store import Store, counted
from chatgptfree_mock.sites.wordpress.nonces import GUEST, Freshness, NonceMint, User
from chatgptfree_mock.sites.wordpress.settings import WordPressSettings

_EXPIRED = 3
"""Ticks (half lives of a nonce) that are more than 24 hours at any time of day."""
_ADMINISTRATOR, _SUBSCRIBER = 1, 2


class Visitors:
    """The visitors of one site; *random* makes the tokens of new ones."""

    def __init__(self, settings: WordPressSettings, random: Random, store: Store) -> None:
        self._settings = settings
        self._random = random
        self._salt = settings.nonce_salt.encode("utf-8", "surrogateescape")
        self._mint = NonceMint(salt=self._salt)
        self._pages = store.table("pages", int, capacity=1)
        self.cookie_name = _cookie_name(settings, self._salt)
        """The cookie that identifies visitors, if this site has one."""

    def recognise(self, request: SiteRequest) -> User:
        """Return the user that the cookies in *request* identify; a guest if there are none or they are forged."""
        name = self.cookie_name
        if name is None:
            return GUEST
        token, _, seal = _cookie(request, name).partition("|")
        if not token or not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(token).encode()):
            return GUEST
        return self._user(token)

    def welcome(self, request: SiteRequest) -> tuple[User, str | None]:
        """Return the user that a page is made for, and a `Set-Cookie` value if the visitor needs one."""
        user = self.recognise(request)
        if self.cookie_name is None or user.token:
            return user, None
        token = f"{self._random.getrandbits(128):032x}"
        flags = "; path=/; HttpOnly"
        return self._user(token), f"{self.cookie_name}={token}|{self._seal(token)}{flags}"

    def page_nonce(self, action: str, *, now: float, user: User = GUEST) -> str:
        """Return the nonce of the next page, as the settings require; empty for a page without one."""
        if self._settings.nonce == "missing":
            return ""
        first_is_stale = self._settings.nonce == "expired-on-first-page" and counted(self._pages, ("served",)) == 1
        return self._mint.issue(action, now=now, user=user, ticks_ago=_EXPIRED if first_is_stale else self._age)

    def issue(self, action: str, *, now: float, user: User = GUEST) -> str:
        """Return a nonce issued now; an expired one if the setting `nonce` is `always-expired`."""
        return self._mint.issue(action, now=now, user=user, ticks_ago=self._age)

    def fresh_nonce(self, action: str, *, now: float, user: User = GUEST) -> str:
        """Return a nonce that is valid now, also if the settings make the site's own invalid."""
        return self._mint.issue(action, now=now, user=user)

    def stale_nonce(self, action: str, *, now: float, hours: float) -> str:
        """Return the guests' nonce of *hours* ago, as in a page cache."""
        return self._mint.issue(action, now=now - hours * 3600)

    def check(self, nonce: str, action: str, *, now: float, user: User = GUEST) -> Freshness:
        """Return how fresh *nonce* is for *user*."""
        return self._mint.check(nonce, action, now=now, user=user)

    @property
    def _age(self) -> int:
        return {"always-expired": _EXPIRED, "previous-tick": 1}.get(self._settings.nonce, 0)

    def _user(self, token: str) -> User:
        if not self._settings.logged_in:
            return User(token=token)
        administrator = self._settings.logged_in == "administrator"
        return User(id=_ADMINISTRATOR if administrator else _SUBSCRIBER, token=token, administrator=administrator)

    def _seal(self, token: str) -> str:
        return hmac.new(self._salt, token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]


def _cookie_name(settings: WordPressSettings, salt: bytes) -> str | None:
    if settings.logged_in:
        return "wordpress_logged_in_" + hashlib.md5(salt, usedforsecurity=False).hexdigest()
    return "chat_visitor" if settings.front.visitor_cookie else None


def _cookie(request: SiteRequest, name: str) -> str:
    """Return a cookie as PHP reads it: the first of its name counts, whatever the others look like."""
    for key, header in request.headers:
        pairs = header.split(";") if key.lower() == "cookie" else ()
        for pair in pairs:
            found, _, value = pair.strip().partition("=")
            if found == name:
                return unquote(value)
    return ""
