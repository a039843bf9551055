"""
The law of redirects and origins, over chains of hosts, schemes and ports: what is the user's stays on their site.

The expectations are written again here, in the words of the promise: one site is one host, also with or without `www.`,
also https where it was http, and never the other way round.  No socket is opened: a session notes what it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from chatgptfree import Timeout
from chatgptfree.aio.transport import Transport
from chatgptfree.core.protocol.http import Request
from chatgptfree.errors import ProtocolError

HEADERS = {"X-Api-Key": "SECRET", "Authorization": "Bearer SECRET"}
COOKIES = {"sid": "SECRET"}
MOST = 10

HOSTS = st.sampled_from(
    ["a.test", "www.a.test", "A.TEST", "a.test.", "x.a.test", "a.test.evil", "b.test", "www.b.test"]
)
PORTS = st.sampled_from(["", "", ":80", ":443", ":8080"])
SCHEMES = st.sampled_from(["http://", "https://"])
PATHS = st.sampled_from(["", "/", "/chat/?a=b", "/@a.test/", "/#x"])
ADDRESSES = st.builds("".join, st.tuples(SCHEMES, HOSTS, PORTS, PATHS))
LOCATIONS = st.one_of(
    ADDRESSES,
    st.builds("".join, st.tuples(st.just("//"), HOSTS, PORTS, PATHS)),
    st.builds("".join, st.tuples(SCHEMES, st.sampled_from(["u:p@", "a.test@", "@"]), HOSTS, PATHS)),
    st.sampled_from(["/", "x", "?y"]),
)
STATUSES = st.sampled_from([301, 302, 303, 307, 308])
HOPS = st.lists(st.tuples(STATUSES, LOCATIONS), max_size=MOST + 1)
STARTS = st.builds("".join, st.tuples(SCHEMES, st.sampled_from(["a.test", "www.a.test"]), PORTS, st.just("/")))


@dataclass
class Sent:
    """One request as it would leave."""

    method: str
    url: str
    headers: Mapping[str, str]
    cookies: Sequence[str]
    body: bytes | None


class Answer:
    """As much of a response as the transport looks at."""

    def __init__(self, url: str, status: int, location: str | None) -> None:
        self.url, self.status = url, status
        self.headers = CIMultiDict({"Location": location} if location is not None else {})
        self.content = self
        self.closed = False

    def at_eof(self) -> bool:
        return True

    def release(self) -> None:
        self.closed = True

    close = release


@dataclass
class Network:
    """A session that redirects by *hops*, and answers when they are used up."""

    hops: list[tuple[int, str]]
    cookie_jar: aiohttp.CookieJar
    sent: list[Sent] = field(default_factory=list)

    async def request(self, method: str, url: str, *, data: Any, headers: Any, cookies: Any, **_: Any) -> Answer:
        jar = self.cookie_jar.filter_cookies(URL(url))
        values = [morsel.value for morsel in (*jar.values(), *(cookies or {}).values())]
        self.sent.append(Sent(method, url, dict(headers), values, data))
        status, location = self.hops.pop(0) if self.hops else (200, None)
        return Answer(url, status, location)

    async def close(self) -> None:
        """Nothing is open."""


def ask(
    start: str, hops: list[tuple[int, str]], request: Request, *, own_session: bool, allowed: Sequence[str] = ()
) -> tuple[list[Sent], bool]:
    """Return what was sent, and whether an answer came."""

    async def run(patch: pytest.MonkeyPatch) -> tuple[list[Sent], bool]:
        network = Network(list(hops), aiohttp.CookieJar(unsafe=True, quote_cookie=False))
        patch.setattr(aiohttp, "ClientSession", lambda **_: network)
        transport = Transport(
            start,
            proxy=None,
            cookies=COOKIES,
            headers=HEADERS,
            timeout=Timeout(),
            session=None if own_session else network,  # type: ignore[arg-type]  # it has what is used
            allow_hosts=allowed,
        )
        try:
            await transport.open(request)
        except ProtocolError:
            return network.sent, False
        return network.sent, True

    with pytest.MonkeyPatch.context() as patch:
        return asyncio.run(run(patch))


def host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".").lower()


def port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def one_site(one: str, other: str) -> bool:
    secure = urlsplit(one).scheme == "http" or urlsplit(other).scheme == "https"
    return secure and host(one).removeprefix("www.") == host(other).removeprefix("www.")


def trusted(start: str, url: str) -> bool:
    """A port may only change together with http that became https: it may be another server."""
    return one_site(start, url) and (urlsplit(start).scheme != urlsplit(url).scheme or port(start) == port(url))


def check_secrets(start: str, sent: Sequence[Sent]) -> None:
    for each in sent:
        with_secrets = {name for name, value in each.headers.items() if "SECRET" in value}
        assert with_secrets == (set(HEADERS) if trusted(start, each.url) else set()), each.url
        assert ("SECRET" in each.cookies) is one_site(start, each.url), each.url
        assert "@" not in urlsplit(each.url).netloc


@given(start=STARTS, hops=HOPS, own_session=st.booleans())
@example(start="https://a.test/", hops=[(302, "http://a.test/"), (302, "https://a.test/")], own_session=True)
@example(start="http://a.test:8080/", hops=[(302, "https://a.test:8080/"), (301, "//b.test")], own_session=False)
def test_a_page_is_followed_anywhere_without_what_is_the_users(
    start: str, hops: list[tuple[int, str]], own_session: bool
) -> None:
    sent, outcome = ask(start, hops, Request(method="GET", url=start, page=True), own_session=own_session)
    assert outcome is (len(hops) < MOST)
    assert len(sent) == min(len(hops) + 1, MOST)
    check_secrets(start, sent)


@given(
    start=STARTS,
    hops=HOPS,
    own_session=st.booleans(),
    method=st.sampled_from(["GET", "POST"]),
    allowed=st.lists(st.sampled_from(["b.test", "x.a.test"]), max_size=2),
)
@example(start="https://a.test/", hops=[(307, "http://a.test/")], own_session=True, method="POST", allowed=[])
@example(start="http://a.test/", hops=[(303, "/x")], own_session=True, method="POST", allowed=[])
@example(start="http://a.test/", hops=[(308, "https://www.a.test/")], own_session=True, method="POST", allowed=[])
@example(
    start="http://a.test/",
    hops=[(307, "https://a.test/"), (307, "http://a.test/")],
    own_session=True,
    method="GET",
    allowed=[],
)
@example(
    start="http://a.test/",
    hops=[(307, "//b.test/"), (307, "//www.b.test/")],
    own_session=True,
    method="POST",
    allowed=["b.test"],
)
def test_a_message_stays_on_the_users_site_and_on_allowed_hosts(
    start: str, hops: list[tuple[int, str]], own_session: bool, method: Any, allowed: list[str]
) -> None:
    request = Request(method=method, url=start, body=b"message=Hello" if method == "POST" else None)
    sent, outcome = ask(start, hops, request, own_session=own_session, allowed=allowed)
    check_secrets(start, sent)
    assert all((each.method, each.body) == (method, request.body) for each in sent)
    followed = [status for status, _ in hops[: len(sent) - 1]]
    assert method == "GET" or all(status >= 307 for status in followed)  # the others make a GET of it
    homes = [start]
    for before, each in pairwise(sent):
        less_secure = before.url.startswith("https:") and each.url.startswith("http:")
        assert host(each.url) in allowed or not less_secure, each.url
        at_home = any(one_site(home, each.url) for home in homes)
        assert at_home or host(each.url) in allowed, each.url
        if host(each.url) in allowed:
            homes.append(each.url)
    if not outcome:
        refused = urljoin(sent[-1].url, hops[len(sent) - 1][1])
        too_many = len(sent) == MOST
        lost = method == "POST" and hops[len(sent) - 1][0] < 307
        elsewhere = host(refused) not in allowed and not one_site(sent[-1].url, refused)
        assert too_many or lost or elsewhere, refused
