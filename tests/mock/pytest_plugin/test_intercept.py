"""`chat_site(intercept=…)` as its users have it: each test here runs a pytest within this one."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from tests.support import tapes
from tests.support.plugin_run import outcome

ROOT = Path(__file__).parents[3]

CLIENTS = """
    import asyncio
    import subprocess
    import urllib.request

    import aiohttp
    import httpx
    import requests

    def by_aiohttp(url):
        async def get():
            async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as response:
                return await response.text()
        return asyncio.run(get())

    def by_curl(url):
        done = subprocess.run(["curl", "-sSf", url], capture_output=True, text=True)
        if done.returncode:
            raise OSError(done.stderr)
        return done.stdout

    def by_httpx(url):
        return httpx.get(url, timeout=300).text

    def by_requests(url):
        return requests.get(url, timeout=300).text

    def by_urllib(url):
        with urllib.request.urlopen(url, timeout=300) as response:
            return response.read().decode()

    CLIENTS = [by_aiohttp, by_curl, by_httpx, by_requests, by_urllib]
"""


@pytest.fixture(scope="module", autouse=True)
def libraries_are_imported() -> None:
    """As for the mock's modules: httpx finds the errors of an httpcore that was imported twice no more."""
    for name in ("aiohttp", "httpcore", "httpx", "requests"):
        importlib.import_module(name)


@pytest.fixture
def clients(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    poem = tapes.event("roses") + tapes.event("violets") + tapes.event("[DONE]")
    tapes.write(suite.path / "poem.yaml", tapes.exchange("GET", "https://poems.example/poem", poem))
    suite.makepyfile(clients=CLIENTS)
    return suite


def test_every_client_in_the_process_finds_the_site_by_its_own_address(clients: pytest.Pytester) -> None:
    clients.makepyfile("""
        import pytest
        from clients import CLIENTS

        @pytest.mark.parametrize("client", CLIENTS)
        @pytest.mark.chat_site(plugin="1.8.93", intercept=True)
        def test_page(chat_site, client):
            assert "https://chatgptfree.ai/wp-admin/" in client("https://chatgptfree.ai/chat/").replace("\\\\/", "/")
            assert [exchange.path for exchange in chat_site.journal] == ["/chat/"]

        @pytest.mark.parametrize("client", CLIENTS)
        @pytest.mark.chat_site(pack="recorded", cassette="poem.yaml", intercept=True)
        def test_poem(chat_site, client):
            assert "violets" in client("https://poems.example/poem")
    """)
    outcome(clients).assert_outcomes(passed=10)


def test_what_is_set_for_a_test_is_gone_behind_it(clients: pytest.Pytester) -> None:
    """In the order that costs most: a client that keeps what it finds is used before, within and behind the test."""
    clients.makepyfile("""
        import os
        import aiohttp.connector
        import pytest
        from clients import by_curl, by_httpx, by_requests, by_urllib

        def now():
            kept = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
            return kept, aiohttp.connector._SSL_CONTEXT_VERIFIED

        BEFORE = now()

        def direct(chat_site):
            assert "<html" in by_urllib(chat_site.url + "/chat/")
            assert now() == BEFORE

        def test_before(chat_site):
            direct(chat_site)

        @pytest.mark.filterwarnings("ignore:chat_site. GET http.//127.0.0.1.* is refused")
        @pytest.mark.chat_site(intercept=True)
        def test_within(chat_site, monkeypatch):
            assert "<html" in by_urllib("https://chatgptfree.ai/chat/")
            with pytest.raises(OSError, match="403"):
                by_urllib(chat_site.url)
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            for client in (by_curl, by_httpx, by_requests):
                assert "<html" in client(chat_site.url + "/chat/")
                assert "<html" in client("https://chatgptfree.ai/chat/")

        def test_behind(chat_site):
            direct(chat_site)
    """)
    outcome(clients, "-p", "no:randomly").assert_outcomes(passed=3)


def test_hosts_can_be_named_and_other_markers_act_too(clients: pytest.Pytester) -> None:
    clients.makepyfile("""
        import httpx
        import pytest
        from clients import by_httpx

        @pytest.mark.chat_site(intercept="chat.example")
        def test_one(chat_site):
            assert "<html" in by_httpx("https://chat.example/chat/")

        @pytest.mark.chat_site(intercept=["*.chat.example", "chat.example"])
        class TestSeveral:
            def test_several(self, chat_site):
                assert "<html" in by_httpx("https://chat.example/chat/")
                assert "<html" in by_httpx("https://www.chat.example/chat/")

            @pytest.mark.chat_site(intercept=False)
            def test_none(self, chat_site):
                assert "<html" in by_httpx(chat_site.url + "/chat/")

        @pytest.mark.filterwarnings("ignore:chat_site. responses.* was never used")
        @pytest.mark.chat_scenarios("stream/do*")
        @pytest.mark.chat_site(intercept=True)
        def test_scenario(chat_site):
            assert chat_site.mounted.scenario
            assert "<html" in by_httpx("https://chatgptfree.ai/chat/")

        @pytest.mark.chat_site(pack="recorded", cassette="poem.yaml", intercept=True)
        @pytest.mark.chat_variants("chunks/lines", "cut/chunked-half")
        def test_variant(chat_site, chat_variant):
            with chat_variant.allows(httpx.HTTPError):
                assert by_httpx("https://poems.example/poem").count("data:") == 3
            assert "variant " + chat_variant.name in chat_site.journal[0].text()
    """)
    result = outcome(clients)
    counts = result.parseoutcomes()
    assert counts.keys() == {"passed"}
    assert counts["passed"] > 6


def test_a_wrong_certificate_is_a_tls_fault(clients: pytest.Pytester) -> None:
    clients.makepyfile("""
        import pytest
        from clients import CLIENTS

        FAULTS = [
            pytest.param(fault, marks=pytest.mark.chat_site(intercept=True, tls_fault=fault))
            for fault in ("expired", "wrong-name")
        ]

        @pytest.mark.parametrize("client", CLIENTS)
        @pytest.mark.parametrize("fault", FAULTS)
        @pytest.mark.filterwarnings("ignore:chat_site. CONNECT")
        def test_fault(chat_site, client, fault):
            with pytest.raises(Exception, match="(?i)certificate"):
                client("https://chatgptfree.ai/chat/")
            assert not chat_site.journal
    """)
    outcome(clients).assert_outcomes(passed=10)


def test_what_was_refused_or_bypassed_is_a_warning(clients: pytest.Pytester) -> None:
    clients.makepyfile("""
        import pytest
        from clients import by_httpx

        @pytest.mark.chat_site(intercept=True)
        def test_bypasses(chat_site):
            pass

        @pytest.mark.chat_site(intercept=True)
        def test_asks_for_another(chat_site):
            by_httpx("https://chatgptfree.ai/")
            with pytest.raises(Exception, match="403"):
                by_httpx("https://cdn.example/")
    """)
    result = outcome(clients, "-W", "default")
    result.assert_outcomes(passed=2, warnings=2)
    result.stdout.fnmatch_lines_random(
        [
            "*chat_site: no request for chatgptfree.ai, [*].chatgptfree.ai came through the proxy; *trust_env=True*",
            "*chat_site: CONNECT cdn.example:443 is refused: this proxy answers for chatgptfree.ai*",
        ]
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('intercept="a b"', "*`a b` is not a host to intercept*"),
        ("intercept=[]", "*there is no host to intercept*"),
        ('pack="recorded", intercept=True', "*there is no host to intercept*"),
        ('tls_fault="expired"', "*a TLS fault acts on intercepted connections*"),
        ('intercept=True, tls_fault="late"', "*no such TLS fault: `late`; there are: no-close-notify, *"),
        ("intercepts=True", "*no such option of a site: `intercepts`; did you mean `intercept`*"),
        ("intercept=3", "*`intercept` is 3; give True, a host, or a list of hosts*"),
    ],
)
def test_mistakes_are_one_sentence(clients: pytest.Pytester, options: str, words: str) -> None:
    clients.makepyfile(f"import pytest\n@pytest.mark.chat_site({options})\ndef test_it(chat_site): pass\n")
    result = outcome(clients)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])
    assert "Traceback" not in result.stdout.str()


def test_the_example_of_the_documentation_runs(clients: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "intercept.md").read_text(encoding="utf-8")
    code = page.partition("\n## In pytest\n")[2].partition("```python\n")[2].partition("```")[0]
    tapes.write(clients.mkdir("tapes") / "poem.yaml", tapes.exchange("GET", "https://poems.example/poem", "roses"))
    clients.makepyfile(test_poem=code)
    outcome(clients).assert_outcomes(passed=1)
