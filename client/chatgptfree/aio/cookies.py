"""Cookies: those that the user gives, and the jar of a client."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Final

import aiohttp
from aiohttp.typedefs import LooseCookies
from yarl import URL

from chatgptfree.core.protocol.http import check_texts, moment_of

_NOT_IN_A_COOKIE: Final = re.compile(r"[\x00-\x1f\x7f;\ud800-\udfff]")
_NOWHERE: Final = URL()


class CookieJar(aiohttp.CookieJar):
    """
    A jar that returns values as they were sent, quotes included, and removes cookies that a site deletes.

    Most sites delete a cookie by the date of the start of 1970, which aiohttp's own jar treats as no date.
    """

    def update_cookies(self, cookies: LooseCookies, response_url: URL = _NOWHERE) -> None:
        """Store *cookies*, each value as it was sent, and remove those that have expired."""
        pairs = list(cookies.items() if isinstance(cookies, Mapping) else cookies)
        for _, cookie in pairs:
            if isinstance(cookie, Morsel):
                cookie.set(cookie.key, cookie.coded_value, cookie.coded_value)
                if not cookie["max-age"] and _is_past(cookie["expires"]):
                    cookie["max-age"] = "0"
        super().update_cookies(pairs, response_url)

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Store the cookies of *headers* as `update_cookies` does."""
        # aiohttp's own jar stores what it parsed without passing `update_cookies`.
        aiohttp.abc.AbstractCookieJar.update_cookies_from_headers(self, headers, response_url)


def _is_past(expires: str) -> bool:
    moment = moment_of(expires)
    return moment is not None and moment <= 0


def checked_cookies(cookies: Mapping[str, str], *, secure: bool) -> SimpleCookie:
    """
    Return *cookies* as a `SimpleCookie`; with *secure* they are sent over https only.

    Raises:
        ValueError: a name or a value is not allowed in a cookie (RFC 6265).
        TypeError: a name or a value is not a text.
    """
    check_texts("cookies", cookies)
    checked = SimpleCookie()
    for name, value in cookies.items():
        if _NOT_IN_A_COOKIE.search(value):
            raise ValueError(f"cookies: the value of {name!r} has a character that no cookie can have: {value!r}")
        try:
            checked[name] = value
        except CookieError as error:
            raise ValueError(f"cookies: {name!r} can't be the name of a cookie") from error
        checked[name].set(name, value, value)
        checked[name]["secure"] = secure
    return checked
