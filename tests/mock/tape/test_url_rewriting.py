"""The site's addresses become the proxy's, at any place and however they are cut."""

from __future__ import annotations

import re
import sys
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.origin import NoSiteError, Origin, leads_elsewhere
from chatgptfree_mock.tape.replay_options import REWRITE
from chatgptfree_mock.tape.url_rewriting import Rewriting, is_rewritten, to_client, to_site

SITE = Origin.parse("https://chat.example")
PROXY = Origin.parse("http://127.0.0.1:8081")


@pytest.mark.parametrize(
    ("url", "written"),
    [
        pytest.param("https://chatgptfree.ai", "https://chatgptfree.ai", id="a site"),
        pytest.param("chatgptfree.ai", "https://chatgptfree.ai", id="https by default"),
        pytest.param("https://Site.example:443/blog/", "https://site.example", id="the default port and a path"),
        pytest.param("http://127.0.0.1:8080/x", "http://127.0.0.1:8080", id="another port"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080", id="an IPv6 address"),
    ],
)
def test_an_origin_is_read_off_an_address(url: str, written: str) -> None:
    assert str(Origin.parse(url)) == written


@pytest.mark.parametrize(
    "url", ["ftp://x", "https://", "http://u:p@x", "http://x:99999999", "https:///path", "x[", "http://[x"]
)
def test_what_is_not_a_site_is_refused(url: str) -> None:
    with pytest.raises(NoSiteError):
        Origin.parse(url)


@for_each(
    ("text", "expected"),
    [
        pytest.param('href="https://chat.example/a"', 'href="http://127.0.0.1:8081/a"', id="plain"),
        pytest.param("HTTP://CHAT.example/a", "http://127.0.0.1:8081/a", id="other scheme, any case"),
        pytest.param('src="//chat.example/a"', 'src="//127.0.0.1:8081/a"', id="without a scheme"),
        pytest.param(r'"https:\/\/chat.example\/a"', r'"http:\/\/127.0.0.1:8081\/a"', id="escaped in JSON"),
        pytest.param(r"https:\u002F\u002Fchat.example", r"http:\u002F\u002F127.0.0.1:8081", id="escaped as \\u"),
        pytest.param("u=https%3A%2F%2Fchat.example%2F", "u=http%3A%2F%2F127.0.0.1%3A8081%2F", id="percent-encoded"),
        pytest.param("https://chat.example:443/", "http://127.0.0.1:8081/", id="with its default port"),
        pytest.param("at https://chat.example.", "at http://127.0.0.1:8081.", id="at the end of a sentence"),
        pytest.param("https://chat.example.evil/", "https://chat.example.evil/", id="a longer name is another host"),
        pytest.param("https://chat.example-x/", "https://chat.example-x/", id="a hyphen makes another host"),
        pytest.param("https://notchat.example/", "https://notchat.example/", id="a prefix makes another host"),
        pytest.param("https://chat.example:8443/", "https://chat.example:8443/", id="another port is another site"),
        pytest.param("mail@chat.example", "mail@chat.example", id="an e-mail is no address of a page"),
    ],
)
def test_addresses_are_rewritten(text: str, expected: str) -> None:
    assert Rewriting(SITE, PROXY).whole(text.encode()).decode() == expected


def test_the_way_back_gives_what_the_site_wrote() -> None:
    form = b"url=http%3A%2F%2F127.0.0.1%3A8081%2Fchat%2F&x=http://127.0.0.1:8081/"
    assert Rewriting(PROXY, SITE).whole(form) == b"url=https%3A%2F%2Fchat.example%2Fchat%2F&x=https://chat.example/"


PIECES = st.sampled_from(
    [
        *("https://chat.example", "//chat.example", r"https:\/\/chat.example", "%2F%2Fchat.example"),
        *("/a", ":443", ":4", "h", ".", ".x", "http", "text ", "-", "chat.example"),
    ]
)


@example(text="%2F%2Fchat.example:443", cuts=[19])
@given(text=st.lists(PIECES).map("".join), cuts=st.lists(st.integers(0, 80)))
def test_cutting_never_matters(text: str, cuts: list[int]) -> None:
    data = text.encode()
    edges = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    rewriting = Rewriting(SITE, PROXY)
    out = [rewriting.feed(data[start:end]) for start, end in pairwise(edges)]
    assert b"".join([*out, rewriting.finish()]) == Rewriting(SITE, PROXY).whole(data)


def test_a_piece_that_begins_no_address_is_passed_on_at_once() -> None:
    assert Rewriting(SITE, PROXY).feed(b"<p>Hello</p>") == b"<p>Hello</p>"


@pytest.mark.parametrize(
    ("kind", "modes"),
    [
        ("text/html; charset=UTF-8", {"pages", "all"}),
        ("Application/XHTML+xml", {"pages", "all"}),
        ("application/json", {"all"}),
        ("application/ld+json", {"all"}),
        ("text/javascript", {"all"}),
        ("text/event-stream", {"all"}),
        ("image/png", set()),
    ],
)
def test_pages_are_rewritten_and_data_only_if_asked_for(kind: str, modes: set[str]) -> None:
    assert {mode for mode in REWRITE if is_rewritten(kind, mode)} == modes


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(("Location", "https://chat.example/x"), ("Location", "http://127.0.0.1:8081/x"), id="redirect"),
        pytest.param(("Location", "https://other.example/"), ("Location", "https://other.example/"), id="elsewhere"),
        pytest.param(
            ("Access-Control-Allow-Origin", "https://chat.example"),
            ("Access-Control-Allow-Origin", "http://127.0.0.1:8081"),
            id="CORS",
        ),
        pytest.param(
            ("Link", '<https://chat.example/wp-json/>; rel="https://api.w.org/"'),
            ("Link", '<http://127.0.0.1:8081/wp-json/>; rel="https://api.w.org/"'),
            id="link",
        ),
        pytest.param(
            ("Set-Cookie", "a=b; Domain=chat.example; Path=/; Secure; HttpOnly; SameSite=None"),
            ("Set-Cookie", "a=b; Path=/; HttpOnly; SameSite=Lax"),
            id="a cookie sticks to another host on plain http",
        ),
        pytest.param(("Set-Cookie", "a=b; X-Own=None"), ("Set-Cookie", "a=b; X-Own=None"), id="an own attribute"),
        pytest.param(
            ("Set-Cookie", "__Host-a=b; Secure; Path=/"), ("Set-Cookie", "x-plain-Host-a=b; Path=/"), id="cookie prefix"
        ),
        pytest.param(
            ("Content-Security-Policy", "upgrade-insecure-requests; default-src https://chat.example"),
            ("Content-Security-Policy", " default-src http://127.0.0.1:8081"),
            id="CSP",
        ),
    ],
)
def test_headers_keep_the_client_inside(header: tuple[str, str], expected: tuple[str, str]) -> None:
    assert to_client((header,), SITE, PROXY) == (expected,)


def test_what_would_force_https_is_taken_out() -> None:
    assert to_client((("Strict-Transport-Security", "max-age=1"), ("Alt-Svc", 'h3=":443"')), SITE, PROXY) == ()


def test_the_site_sees_itself_in_the_headers_of_a_request() -> None:
    headers = (
        ("Host", "127.0.0.1:8081"),
        ("Origin", "http://127.0.0.1:8081"),
        ("Referer", "http://127.0.0.1:8081/chat/"),
        ("Cookie", "x-plain-Host-a=b"),
    )
    assert to_site(headers, PROXY, SITE) == (
        ("Host", "chat.example"),
        ("Origin", "https://chat.example"),
        ("Referer", "https://chat.example/chat/"),
        ("Cookie", "__Host-a=b"),
    )


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("/chat/", None),
        ("https://chat.example/chat/", None),
        ("//chat.example/x", None),
        ("https://www.chat.example/", "https://www.chat.example"),
        ("http://chat.example/", "http://chat.example"),
    ],
)
def test_a_redirect_to_another_site_is_recognised(location: str, where: str | None) -> None:
    assert leads_elsewhere(location, SITE) == where


FRAGMENTS = st.sampled_from(
    [
        *("http:", "HTTPS%3a", "https:", "//", r"\/\/", "%2F%2f", r"\u002f\u002F", "a.test", "A.TEST", ":8080"),
        *("%3A8080", ":80", ".", "x", "-", " ", "漢", "/", "a.test.", '"'),
    ]
)


@given(pieces=st.lists(FRAGMENTS, max_size=30), site=st.sampled_from(["http://a.test", "https://a.test:8080"]))
def test_addresses_are_found_where_the_pattern_has_them(pieces: list[str], site: str) -> None:
    here = Origin.parse(site)
    rewriting = Rewriting(here, Origin.parse("http://b.test:9"))
    data = "".join(pieces).encode()
    found = [(start, end) for start, end, _ in rewriting.edits(data)]
    assert found == [each.span() for each in rewriting.pattern.finditer(data)]


class CountingPattern:
    """Counts how often a pattern is tried."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern, self.tried = pattern, 0

    def match(self, data: bytes, start: int) -> re.Match[bytes] | None:
        self.tried += 1
        return self._pattern.match(data, start)


@pytest.mark.parametrize(
    ("text", "most"), [("a.test ", 0), ("x", 0), ("//", 0), ("//a.test ", 5), ("http://a.test ", 5)]
)
def test_only_slashes_before_the_host_cost_time(text: str, most: int) -> None:
    rewriting = Rewriting(Origin.parse("http://a.test"), Origin.parse("http://b.test:9"))
    counting = CountingPattern(rewriting.pattern)
    rewriting.pattern = counting  # type: ignore[assignment]  # it has what is used
    rewriting.whole(text.encode() * 100)
    assert counting.tried <= most * 100


def test_a_header_is_rewritten_in_few_steps_once_the_site_is_known() -> None:
    """Each step is taken on the event loop, where other streams wait: it was 12,000 a header."""
    headers = tuple((f"X-{number}", f"https://chat.example/{number}") for number in range(40))
    to_client(headers, SITE, PROXY)
    steps = 0

    def note(*_: object) -> None:
        nonlocal steps
        steps += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        rewritten = to_client(headers, SITE, PROXY)
    finally:
        sys.setprofile(before)
    assert rewritten[0] == ("X-0", "http://127.0.0.1:8081/0")
    assert steps < 1000 * len(headers)
