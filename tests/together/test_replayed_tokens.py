"""Recorded sessions of the imitated site are replayed with a memory: clients fare as they do against the imitation."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from tests.support import plain_http
from tests.support.pages import SHORT_PAGES
from tests.support.recording import recording
from tests.support.releases import NEWEST

from chatgptfree import ChatClient, ChatError
from chatgptfree.blocking import ChatClient as BlockingClient
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import Rules
from chatgptfree_mock.tape.request_key import RequestKey

EXAMPLES = Path(__file__).parents[2] / "examples"
RELEASES = ["1.8.93", "2.3.93", "2.4.71"]
TEXT = "Hello 👋, it's « fine »"
AT_ONCE = "pace=instant"
WRONG = "0123456789"
AJAX = "/wp-admin/admin-ajax.php"
ACTIONS = {"1": "wpaicg_chat_shortcode_message", "2": "aipkit_cache_sse_message"}


def bare_question(release: str, nonce: str) -> dict[str, str]:
    own = {"user_client_message_id": "client-msg-4f1c9a27d3"} if release.startswith("2") else {}
    return {"action": ACTIONS[release[0]], "_wpnonce": nonce, "_ajax_nonce": nonce, "message": "Hello", **own}


def question(tape: Cassette, nonce: str) -> dict[str, str]:
    """Return the form of the recorded question that was answered, with another nonce."""
    posts = [each for each in tape.interactions if each.request.method == "POST"]
    form = dict(RequestKey.from_request(posts[-1].request).form)
    return {**form, **{name: nonce for name in ("_wpnonce", "_ajax_nonce") if name in form}}


@pytest.fixture(scope="module", params=RELEASES)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return a release and the recording of a question with a wrong nonce, and of one of the reference client."""
    file = tmp_path_factory.mktemp("tapes") / f"{request.param}.yaml"

    async def record() -> None:
        async with (
            MockSite(settings=SHORT_PAGES, plugin=request.param, reply=TEXT, delivery=AT_ONCE) as site,
            recording(site.url, file, rules=Rules()) as run,
        ):
            async with httpx.AsyncClient(verify=False, base_url=run.url) as wrong:
                await wrong.post(AJAX, data=bare_question(request.param, WRONG))
            async with ChatClient(run.url) as chat:
                assert (await chat.ask("Hello")).text == TEXT

    asyncio.run(record())
    return request.param, file


def nonce_of(page: str) -> str:
    """Return the nonce of the chat in *page*."""
    found = re.search(r'data-nonce="([0-9a-f]{10})"', page) or re.search(r'"nonce":"([0-9a-f]{10})"', page)
    found = found or re.search(r"&quot;nonce&quot;:&quot;([0-9a-f]{10})&quot;", page)
    assert found is not None
    return found[1]


def test_the_recorder_finds_the_nonce_and_its_refusal_before_it_redacts(recorded: tuple[str, Path]) -> None:
    release, file = recorded
    name = "_wpnonce" if release.startswith("1") else "_ajax_nonce"
    (token,) = (each for each in load(file).tokens if each["name"] == name and each["class"] == "token")
    assert token["from"] == {"interaction": 1, "part": "body"}
    assert token["refused"]["interaction"] == 0
    assert all(each["class"] != "token" for each in load(file).tokens if each["name"] in ("message", "url", "bot_id"))


def test_the_reference_client_is_answered_again_and_again(recorded: tuple[str, Path]) -> None:
    _, file = recorded
    with MockSite(cassette=file, delivery=AT_ONCE) as site:
        for _ in range(2):
            with BlockingClient(site.url) as chat:
                assert chat.ask("Hello").text == TEXT
        given = {nonce_of(each.response_body.decode()) for each in site.journal if each.target == "/"}
    assert len(given) == 1  # the same address without cookies is the same visitor
    assert nonce_of(load(file).interactions[1].response.body.decode()) not in given


def test_a_client_with_a_nonce_of_its_own_is_refused_as_by_the_imitation(recorded: tuple[str, Path]) -> None:
    release, file = recorded
    hard_coded = nonce_of(load(file).interactions[1].response.body.decode())
    with MockSite(settings=SHORT_PAGES, plugin=release, reply=TEXT, delivery=AT_ONCE) as imitation:
        expected = plain_http.post(imitation.url + AJAX, data=bare_question(release, WRONG))
    with MockSite(cassette=file, delivery=AT_ONCE) as site:
        for nonce in (hard_coded, WRONG, "f" * 10):
            got = plain_http.post(site.url + AJAX, data=question(load(file), nonce))
            assert (got.status_code, got.content) == (expected.status_code, expected.content)
            assert "refused" in " ".join(list(site.journal)[-1].why)
        served = nonce_of(plain_http.get(site.url).text)
        assert plain_http.post(site.url + AJAX, data=question(load(file), served)).status_code == 200


def test_without_tokens_the_hard_coded_nonce_is_taken(recorded: tuple[str, Path]) -> None:
    _, file = recorded
    hard_coded = nonce_of(load(file).interactions[1].response.body.decode())
    with MockSite(cassette=file, tokens="off", delivery=AT_ONCE) as site:
        assert nonce_of(plain_http.get(site.url).text) == hard_coded
        assert plain_http.post(site.url + AJAX, data=question(load(file), hard_coded)).status_code == 200


OLDER_AND_NEWER = ["1.8.79", "1.8.91", "1.8.93", "2.3", "2.3.93", "2.4.71", NEWEST]


@pytest.fixture(scope="module", params=OLDER_AND_NEWER)
def unrefused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return a release and a recording of the reference client, which was never refused."""
    file = tmp_path_factory.mktemp("tapes") / f"{request.param}.yaml"

    async def record() -> None:
        async with (
            MockSite(settings=SHORT_PAGES, plugin=request.param, reply=TEXT, delivery=AT_ONCE) as site,
            recording(site.url, file) as run,
            ChatClient(run.url) as chat,
        ):
            assert (await chat.ask("Hello")).text == TEXT

    asyncio.run(record())
    return request.param, file


def heads(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in ("date", "expires")}


def test_a_refusal_that_was_not_recorded_is_the_plugins(unrefused: tuple[str, Path]) -> None:
    release, file = unrefused
    with (
        MockSite(settings=SHORT_PAGES, plugin=release, reply=TEXT, delivery=AT_ONCE) as imitation,
        MockSite(cassette=file, delivery=AT_ONCE) as site,
    ):
        asked = question(load(file), WRONG)
        expected, got = (plain_http.post(each.url + AJAX, data=asked) for each in (imitation, site))
        assert (got.status_code, got.content, heads(got)) == (expected.status_code, expected.content, heads(expected))
        assert "token `" in list(site.journal)[-1].why[0]
        assert list(site.warnings) == []


def test_a_token_that_expires_is_renewed_by_the_reference_client(unrefused: tuple[str, Path]) -> None:
    _, file = unrefused
    names = [each["name"] for each in load(file).tokens if each["class"] == "token"]
    for mode in ("expired/once", *(f"expired/once@{name}" for name in names)):
        with MockSite(cassette=file, tokens=mode, delivery=AT_ONCE) as site, BlockingClient(site.url) as chat:
            assert chat.ask("Hello").text == TEXT
            assert any("it has expired" in line for each in site.journal for line in each.why)
            assert list(site.warnings) == []


def test_a_token_that_is_always_refused_or_never_given_is_an_error(unrefused: tuple[str, Path]) -> None:
    _, file = unrefused
    for mode, kind, refused in (("expired", "nonce", 2), ("missing", "page", 0)):
        with MockSite(cassette=file, tokens=mode, delivery=AT_ONCE) as site, BlockingClient(site.url) as chat:
            with pytest.raises(ChatError) as caught:
                chat.ask("Hello")
            assert caught.value.kind == kind
            assert sum("refused" in " ".join(each.why) for each in site.journal) == refused
            assert [each.target.partition("=")[0] for each in site.journal if each.method == "GET"] == [
                "/",
                "/?nocache",
            ]
            assert list(site.warnings) == []


def test_a_refusal_that_the_block_names_is_kept(unrefused: tuple[str, Path]) -> None:
    _, file = unrefused
    tape = load(file)
    tokens = tuple({**each, "refused": {"status": 419}} for each in tape.tokens)
    with MockSite(cassette=replace(tape, tokens=tokens), delivery=AT_ONCE) as site:
        assert plain_http.post(site.url + AJAX, data=question(tape, WRONG)).status_code == 419


@pytest.mark.parametrize("name", ["requests_regex.py", "aiohttp_lines.py", "curl_loop.sh"])
def test_the_clients_in_examples_get_the_answer(name: str, tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    runner = "sh" if name.endswith(".sh") else sys.executable

    def ask(url: str) -> str:
        command = [runner, str(EXAMPLES / name), url, "Hello"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
        return done.stdout.removesuffix("\n")

    async def record() -> None:
        async with (
            MockSite(settings=SHORT_PAGES, plugin="1.8.93", reply=TEXT, delivery=AT_ONCE) as site,
            recording(site.url, file) as run,
        ):
            assert await asyncio.to_thread(ask, run.url) == TEXT

    asyncio.run(record())
    with MockSite(cassette=file, delivery=AT_ONCE) as site:
        assert ask(site.url) == TEXT
        (exchange,) = (each for each in site.journal if each.method == "POST")
    recorded_nonce = nonce_of(load(file).interactions[0].response.body.decode())
    assert recorded_nonce not in exchange.body.decode()
