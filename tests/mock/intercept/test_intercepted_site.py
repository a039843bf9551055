"""A site under its own name: what clients see, what is refused, and the report on clients that bypass the proxy."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import requests  # noqa: TID251 - a client that knows nothing of the mock

from chatgptfree_mock.errors import InterceptError, MockWarning, ServingError
from chatgptfree_mock.server.intercepted_site import default_hosts
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

SITE = "https://chatgptfree.ai"
TEXT = "Hello 👋"


WITH_AIOHTTP = """
import aiohttp, asyncio, sys
async def get(url):
    async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as response:
        print(response.status, await response.text())
asyncio.run(get(sys.argv[1]))
"""


def by_aiohttp(url: str) -> tuple[int, str]:
    """In a process of its own, as aiohttp reads `SSL_CERT_FILE` when it is imported."""
    done = subprocess.run([sys.executable, "-c", WITH_AIOHTTP, url], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr)
    status, _, text = done.stdout.partition(" ")
    return int(status), text


def by_httpx(url: str) -> tuple[int, str]:
    response = httpx.get(url, timeout=300)
    return response.status_code, response.text


def by_requests(url: str) -> tuple[int, str]:
    response = requests.get(url, timeout=300)
    return response.status_code, response.text


CLIENTS = [by_aiohttp, by_httpx, by_requests]
Client = Callable[[str], tuple[int, str]]


@contextmanager
def intercepted(monkeypatch: pytest.MonkeyPatch, site: MockSite) -> Iterator[MockSite]:
    with site:
        for name, value in site.environment.items():
            monkeypatch.setenv(name, value)
        yield site


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_find_the_site_by_the_variables_alone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with intercepted(monkeypatch, MockSite(plugin="1.8.93", intercept=True)) as site:
        status, page = client(f"{SITE}/chat/")
        assert (status, site.journal[0].path) == (200, "/chat/")
    assert f"{SITE}/wp-admin/admin-ajax.php" in page.replace("\\/", "/")
    assert "http://chatgptfree.ai" not in page
    assert "127.0.0.1" not in page


@pytest.mark.parametrize("client", [by_httpx, by_requests])
def test_other_hosts_are_refused_and_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit() -> None:
        with intercepted(monkeypatch, MockSite(intercept=True)):
            assert client(f"{SITE}/")[0] == 200
            with pytest.raises((OSError, httpx.HTTPError)):
                client("https://cdn.example/")

    with pytest.warns(MockWarning, match="CONNECT cdn.example:443 is refused: this proxy answers for chatgptfree.ai"):
        visit()


def test_a_client_that_bypasses_the_proxy_is_reported() -> None:
    def visit() -> None:
        with MockSite(intercept=True) as site:
            assert httpx.get(f"{site.url}/").status_code == 200

    with pytest.warns(MockWarning, match=r"no request for .* came through the proxy; .*trust_env=True.* 22\.21"):
        visit()


def test_hosts_that_a_client_asks_for_in_vain_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MockWarning)
        with intercepted(monkeypatch, MockSite(intercept="other.example")) as site:
            with pytest.raises(httpx.ProxyError):
                by_httpx(SITE)
            assert site.warnings[0].startswith(
                "the client asked the proxy for other hosts only: CONNECT chatgptfree.ai:443 is refused"
            )


def test_nothing_of_the_mocks_own_is_under_an_intercepted_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with intercepted(monkeypatch, MockSite(intercept=True)) as site:
        assert httpx.get(f"{site.url}/__mock__/", trust_env=False).status_code == 200
        assert httpx.get(f"{site.url}/v/1.8.93/", trust_env=False).status_code == 200
        assert by_httpx(f"{SITE}/__mock__/")[0] == 404
        assert by_httpx(f"{SITE}/v/1.8.93/")[0] == 404
        assert by_httpx(f"{SITE}/s/stream/done/")[0] == 404


def test_a_recording_is_played_to_the_letter_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses and cookies of the recorded site are right as they are."""
    cookie = "a=1; Domain=chat.example; Secure; SameSite=None"
    headers = (("Content-Type", "text/html"), ("Set-Cookie", cookie), ("Location", "https://chat.example/there"))
    page = b'<a href="https://chat.example/x">x</a>'
    recorded_page = Interaction(
        request=Request(method="GET", uri="https://chat.example/page"), response=Response(headers=headers, body=page)
    )
    api = Interaction(request=Request(method="GET", uri="https://api.example/page"), response=Response(body=b"api"))
    tape = Cassette(interactions=(recorded_page, api))
    with intercepted(monkeypatch, MockSite(pack="recorded", cassette=tape, intercept=True, rewrite="all")):
        response = requests.get("https://chat.example/page", timeout=300)
        assert by_requests("https://api.example/page") == (200, "api")
    assert (response.content, response.headers["Set-Cookie"]) == (page, cookie)
    assert response.headers["Location"] == "https://chat.example/there"


def test_each_port_has_its_own_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = tuple(
        Interaction(request=Request(method="GET", uri=f"{origin}{path}"), response=Response(body=origin.encode()))
        for origin, path in (
            ("https://chat.example", "/"),
            ("https://chat.example:8443", "/"),
            ("https://chat.example:8443", "/x"),
        )
    )
    site = MockSite(pack="recorded", cassette=Cassette(interactions=interactions), intercept=True)
    with intercepted(monkeypatch, site):
        for url in ("https://chat.example/", "https://chat.example:8443/", "https://chat.example:8443/x"):
            assert by_httpx(url) == (200, url.rpartition("/")[0])
        status, text = by_httpx("https://chat.example/x")
        assert status == 404
        assert "path   differs recorded '/'   got '/x'" in text


def test_a_port_that_was_not_recorded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Interaction(request=Request(method="GET", uri="https://chat.example/"), response=Response(body=b"page"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MockWarning)
        site = MockSite(pack="recorded", cassette=Cassette(interactions=(page,)), intercept=True)
        with intercepted(monkeypatch, site):
            with pytest.raises(httpx.ProxyError):
                by_httpx("https://chat.example:8443/")
            assert "another port is another site: `--intercept chat.example:8443`" in site.warnings[0]


def test_the_scheme_can_be_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    interactions = tuple(
        Interaction(request=Request(method="GET", uri=f"{scheme}://chat.example/"), response=Response(body=body))
        for scheme, body in (("http", b"plain"), ("https", b"secure"))
    )
    site = MockSite(
        pack="recorded", cassette=Cassette(interactions=interactions), intercept=True, match_on=["scheme", "path"]
    )
    with intercepted(monkeypatch, site):
        assert by_httpx("https://chat.example/") == (200, "secure")
        assert by_httpx("http://chat.example/") == (200, "plain")


def test_the_default_hosts_are_those_of_the_tape_else_of_the_pack() -> None:
    spec = ServerConfig().spec
    assert default_hosts(spec) == ("chatgptfree.ai", "*.chatgptfree.ai")
    tape = load(recorded_file("1.8.93", "msg_ok_s"))
    assert default_hosts(spec, [tape]) == ("chatgptfree.ai",)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"pack": "recorded", "intercept": True}, "there is no host to intercept"),
        ({"intercept": []}, "there is no host to intercept"),
        ({"intercept": "a b"}, "`a b` is not a host to intercept"),
        ({"tls_fault": "expired"}, "a TLS fault acts on intercepted connections"),
        ({"intercept": True, "tls_fault": "late"}, "no such TLS fault: `late`; there are: no-close-notify, wrong-name"),
    ],
)
def test_bad_input_is_one_sentence(options: dict[str, object], error: str) -> None:
    with pytest.raises(InterceptError, match=error):
        MockSite(**options)  # type: ignore[arg-type]


def test_without_a_proxy_there_are_no_variables() -> None:
    with MockServer() as server, pytest.raises(ServingError, match="make it with intercept=True"):
        _ = server.environment
    with pytest.raises(ServingError, match="has not been started"):
        _ = MockServer(intercept=True).environment
