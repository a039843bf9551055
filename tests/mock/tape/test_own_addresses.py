"""The recorded site's own addresses lead to the mock; chunks keep their times and their places in the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import accumulate
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.many_cases import for_each

from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.own_addresses import AddressesSent, OwnAddresses
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, RewriteScope

SITE, HERE = "https://site.example/any/page", "http://127.0.0.1:8080"
HTML, DATA = (("Content-Type", "text/html; charset=UTF-8"),), (("Content-Type", "application/json"),)


def rewritten(response: Response, mode: RewriteScope = "pages", here: str = HERE) -> Response:
    return OwnAddresses([SITE], here, mode).response(response)


@for_each(
    ("old", "new"),
    [
        ("https://site.example/x", "http://127.0.0.1:8080/x"),
        ("http://site.example", "http://127.0.0.1:8080"),
        ("https://www.site.example/", "http://127.0.0.1:8080/"),
        ("HTTPS://Site.Example/", "http://127.0.0.1:8080/"),
        ("https://site.example:443/", "http://127.0.0.1:8080/"),
        ("//site.example/a.js", "//127.0.0.1:8080/a.js"),
        (r'"https:\/\/site.example\/a"', r'"http:\/\/127.0.0.1:8080\/a"'),
        ("?to=https%3A%2F%2Fsite.example%2Fa", "?to=http%3A%2F%2F127.0.0.1%3A8080%2Fa"),
        ("https://site.example.evil/", None),
        ("https://site.examples/", None),
        ("https://site.example:8443/", None),
        ("https://cdn.site.example/", None),
        ("https://other.example/", None),
        ("mail@site.example", None),
    ],
)
def test_a_page_leads_here(old: str, new: str | None) -> None:
    response = rewritten(Response(headers=HTML, body=f"<a href='{old}'>".encode()))
    assert response.body.decode() == f"<a href='{old if new is None else new}'>"


def test_the_folder_of_the_mock_is_part_of_the_address_in_every_spelling() -> None:
    body = rb"https://site.example/a https:\/\/site.example\/a https%3A%2F%2Fsite.example%2Fa"
    response = rewritten(Response(headers=HTML, body=body), here=HERE + "/site/1")
    assert response.body.split() == [
        b"http://127.0.0.1:8080/site/1/a",
        rb"http:\/\/127.0.0.1:8080\/site\/1\/a",
        b"http%3A%2F%2F127.0.0.1%3A8080%2Fsite%2F1%2Fa",
    ]


@pytest.mark.parametrize(
    ("mode", "headers", "changes"),
    [
        ("pages", HTML, True),
        ("pages", DATA, False),
        ("pages", (("Content-Type", "text/event-stream"),), False),
        ("pages", (("Content-Type", "application/javascript"),), False),
        ("all", DATA, True),
        ("all", (("Content-Type", "text/event-stream; charset=utf-8"),), True),
        ("all", (("Content-Type", "image/png"),), False),
        ("off", HTML, False),
    ],
)
def test_data_is_rewritten_only_where_that_is_asked_for(
    mode: RewriteScope, headers: tuple[tuple[str, str], ...], changes: bool
) -> None:
    response = Response(headers=headers, body=b"https://site.example/")
    assert (rewritten(response, mode) != response) is changes


def test_redirects_and_cookies_lead_here_whatever_they_come_with() -> None:
    headers = (
        ("Location", "https://www.site.example/next"),
        ("Set-Cookie", "a=1; Path=/; Domain=.site.example; Secure; SameSite=None; HttpOnly"),
        ("X-Data", "https://site.example/"),
    )
    assert rewritten(Response(status=302, headers=headers)).headers == (
        ("Location", "http://127.0.0.1:8080/next"),
        ("Set-Cookie", "a=1; Path=/; HttpOnly"),
        ("X-Data", "https://site.example/"),
    )
    assert rewritten(Response(status=302, headers=headers), "off").headers == headers


@pytest.mark.parametrize("folder", ["", "/site/1"])
def test_a_redirect_from_one_recorded_site_to_another_leads_here(folder: str) -> None:
    sites = [SITE, "https://login.example/start", "https://login.example/end", "not an address"]
    headers = (("Location", "https://login.example/start?to=https%3A%2F%2Fsite.example%2Fa"), ("Link", "</next>"))
    response = OwnAddresses(sites, HERE + folder, "pages").response(Response(status=302, headers=headers))
    start = f"{HERE}{folder}/start?to=http%3A%2F%2F127.0.0.1%3A8080{folder.replace('/', '%2F')}%2Fa"
    assert response.headers == (("Location", start), ("Link", f"<{folder}/next>"))


def test_a_site_at_its_own_address_leads_to_the_others_at_theirs() -> None:
    """The intercepting proxy answers for all recorded sites."""
    response = Response(status=302, headers=(("Location", "https://login.example/start"),))
    addresses = OwnAddresses([SITE, "https://login.example/start"], "https://site.example", "pages")
    assert addresses.response(response) is response


def test_paths_of_redirects_and_cookies_are_below_the_folder_of_the_mock() -> None:
    headers = (("Location", "/next"), ("Set-Cookie", "a=1; path=/shop"))
    assert rewritten(Response(headers=headers), here=HERE + "/site/1").headers == (
        ("Location", "/site/1/next"),
        ("Set-Cookie", "a=1; path=/site/1/shop"),
    )


def test_the_announced_length_grows_with_the_body() -> None:
    body = b"<a href='https://site.example/'>"
    response = rewritten(Response(headers=(*HTML, ("Content-Length", str(len(body)))), body=body))
    assert response.header("Content-Length") == str(len(response.body))


PIECES = st.lists(st.sampled_from([b"https://site.example", b"text ", b"\n\n", b"", "é".encode(), b"//site.example/"]))


@given(pieces=PIECES, cuts=st.lists(st.integers(0, 200), max_size=12))
def test_a_border_stays_where_it_was_in_the_text(pieces: list[bytes], cuts: list[int]) -> None:
    body = b"|".join(pieces)
    borders = sorted({cut for cut in cuts if 0 < cut < len(body)} | ({len(body)} if body else set()))
    sizes = [end - start for start, end in zip([0, *borders], borders, strict=False)]
    chunks = tuple((10 * place, size) for place, size in enumerate(sizes))
    response = rewritten(Response(headers=HTML, body=body, chunks=chunks))
    assert sum(size for _, size in response.chunks) == len(response.body)
    times = [ms for ms, _ in response.chunks]
    assert times == sorted(times)
    assert set(times) <= {ms for ms, _ in chunks}
    assert response.body.replace(b"http://127.0.0.1:8080", b"").replace(b"//127.0.0.1:8080", b"") == body.replace(
        b"https://site.example", b""
    ).replace(b"//site.example", b"")
    # A border that no address was cut by has the same text before it, rewritten.
    now = dict(zip((ms for ms, _ in response.chunks), accumulate(size for _, size in response.chunks), strict=True))
    for (ms, _), border in zip(chunks, accumulate(size for _, size in chunks), strict=True):
        if body[:border].endswith(b"|") and ms in now:
            assert response.body[: now[ms]] == rewritten(Response(headers=HTML, body=body[:border])).body


@pytest.mark.parametrize(("mode", "rewrites"), [("off", False), ("pages", False), ("all", True)])
def test_other_headers_of_data_lead_here_only_if_all_is_rewritten(mode: RewriteScope, *, rewrites: bool) -> None:
    response = Response(headers=(*DATA, ("X-Next", "https://site.example/a")), body=b"{}")
    assert rewritten(response, mode).header("X-Next") == f"{HERE if rewrites else 'https://site.example'}/a"


@for_each(
    ("name", "value", "there"),
    [
        ("Link", "<https://site.example/a?p=2>; rel=next", "<{site}/a?p=2>; rel=next"),
        ("Link", "</a>; rel=next, < /b?<c>>; rel=last", "<{folder}/a>; rel=next, < {folder}/b?<c>>; rel=last"),
        ("link", "<//cdn.example/x.css>; rel=preload", "<//cdn.example/x.css>; rel=preload"),
        ("Refresh", "5; url=/wait", "5; url={folder}/wait"),
        ("refresh", "0;URL='https://site.example/wait?url=/b'", "0;URL='{site}/wait?url=/b'"),
        ("Operation-Location", "https://site.example/jobs/1", "{site}/jobs/1"),
        ("HX-Redirect", "/done", "{folder}/done"),
        ("Location", "/a?url=/b", "{folder}/a?url=/b"),
    ],
)
@for_each("folder", ["", "/site/1"])
def test_a_client_of_data_that_follows_a_header_stays_here(name: str, value: str, there: str, folder: str) -> None:
    response = rewritten(Response(headers=(*DATA, (name, value)), body=b"{}"), here=HERE + folder)
    assert response.header(name) == there.format(site=HERE + folder, folder=folder)


SENT = (
    "https://site.example/a?b=https://site.example",
    "https://site.example/a?b=https%3A%2F%2Fsite.example%2Fc&d=1",
    "https://www.site.example/a?b=https%3A%2F%2Fwww.site.example%2Fc",
    "https://site.example:8443/a?b=https%3A%2F%2Fsite.example%3A8443%2Fc",
)


@pytest.mark.parametrize("uri", SENT)
@pytest.mark.parametrize("folder", ["", "/site/1"])
@pytest.mark.parametrize(
    ("spell", "text"),
    [
        pytest.param(str, "{}/x", id="plain"),
        pytest.param(lambda origin: origin.replace("/", "\\/"), '{"u": "{}\\/x"}', id="JSON"),
        pytest.param(partial(quote, safe=""), "u={}%2Fx", id="a form"),
    ],
)
def test_a_request_brings_back_the_address_that_an_answer_led_to(
    spell: Callable[[str], str], text: str, uri: str, folder: str
) -> None:
    body = text.replace("{}", spell(uri.partition("/a?")[0])).encode()
    recorded = Request(method="POST", uri=uri, headers=(), body=body)
    head = (("Content-Type", "text/html"), ("Location", uri))
    led = OwnAddresses([uri], HERE + folder, "pages").response(Response(status=302, headers=head, body=body))
    asked = Request(method="POST", uri=led.header("location"), headers=(), body=led.body)
    back = AddressesSent([recorded]).as_recorded(asked, HERE + folder)
    assert (back.uri.partition("?")[2], back.body) == (uri.partition("?")[2], body)
    assert asked.body != body


def test_a_redirect_that_names_the_site_in_its_query_is_followed() -> None:
    back = "https://site.example/login?next=https%3A%2F%2Fsite.example%2Fchat"
    found = Response(status=302, headers=(("Location", back),))
    tape = Cassette(
        interactions=(
            Interaction(request=Request(method="GET", uri="https://site.example/", headers=()), response=found),
            Interaction(request=Request(method="GET", uri=back, headers=()), response=Response(body=b"log in")),
        )
    )
    for options in (DEFAULT_OPTIONS, replace(DEFAULT_OPTIONS, rewrite="off")):
        player = CassettePlayer([tape], options)
        location = player.play(Request(method="GET", uri=f"{HERE}/", headers=()), HERE).response.header("location")
        assert location.startswith("https:" if options.rewrite == "off" else HERE)
        answer = player.play(Request(method="GET", uri=location, headers=()), HERE)
        assert answer.response.body == b"log in"


def test_other_addresses_in_a_request_stay() -> None:
    asked = Request(method="POST", uri=f"{HERE}/a?b={HERE}1/&c=http://other.example", headers=(), body=None)
    assert AddressesSent([Request(method="GET", uri=SENT[0], headers=())]).as_recorded(asked, HERE) == asked
    plain = Request(method="GET", uri=f"{HERE}/a?b={HERE}", headers=())
    assert AddressesSent([Request(method="GET", uri=SITE, headers=())]).as_recorded(plain, HERE) is plain
