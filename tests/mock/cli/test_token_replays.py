"""Tokens of a recording that several workers serve, and of one that is replayed blindly; over sockets."""

from __future__ import annotations

import re
import signal
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, TextIO

import pytest
from msgspec.structs import replace
from tests.support import tapes
from tests.support.command_line import run_in_process
from tests.support.serve_command import serve_here, serving

from chatgptfree_mock.cli import run
from chatgptfree_mock.cli.serving.assumed_refusals import assumed_refusals
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.contract import registry
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.files import load, named_cassette
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.replay_options import ReplayOptions
from chatgptfree_mock.tape.tokens.blind_replay import blind_replays
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data

NONCE = "a1b2c3d4e5"


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tapes.write(tmp_path / "visit.yaml", tapes.PAGE, tapes.PAGE_ANSWER)


def nonce_of(url: str) -> str:
    """Return the nonce of the page, read over a connection of its own."""
    with urllib.request.urlopen(f"{url}/chat", timeout=300) as response:
        found = re.search('data-nonce="([^"]*)"', response.read().decode())
    assert found is not None
    return found[1]


def status_of(url: str, nonce: str) -> int:
    """Return the status of a question with *nonce*, asked over a connection of its own."""
    form = urllib.parse.urlencode({"action": "ask", "nonce": nonce, "message": tapes.QUESTION}).encode()
    try:
        with urllib.request.urlopen(f"{url}/ajax", form, timeout=300) as response:
            return int(response.status)
    except urllib.error.HTTPError as exc:
        return exc.code


@pytest.mark.parametrize("mode", ["on", "expired/once"])
def test_page_and_question_on_different_workers(mode: str, tape: Path, tmp_path: Path) -> None:
    """Two servers with the state of one, as two workers are."""
    assert run(["tokens", "--write", str(tape)]) == 0
    config = ServerConfig(
        settings=choose_site(pack="recorded").settings,
        pack=choose_site(pack="recorded").pack,
        delivery=Delivery.parse(pace="instant"),
        cassettes=(load(tape),),
        replay=ReplayOptions.parse({"tokens": mode}),
        shared=tmp_path / "shared",
    )
    (tmp_path / "shared").mkdir()
    with MockServer(config) as one, MockServer(config) as two:
        first = nonce_of(one.url)
        assert first == nonce_of(two.url)
        assert status_of(two.url, NONCE) == 403
        if mode == "expired/once":
            assert [status_of(server.url, first) for server in (two, one)] == [403, 403]
        nonce = nonce_of(one.url)
        assert (nonce == first) is (mode == "on")
        assert [status_of(server.url, nonce) for server in (two, one)] == [200, 200]


def test_serve_with_workers_takes_what_any_of_them_gave_out(tape: Path) -> None:
    assert run(["tokens", "--write", str(tape)]) == 0
    with serving("--cassettes", str(tape), "--pack", "recorded", "--workers", "2") as (process, announced):
        url = announced["url"]
        nonces = {nonce_of(url) for _ in range(8)}
        assert len(nonces) == 1
        assert {status_of(url, nonce) for nonce in nonces for _ in range(8)} == {200}
        assert status_of(url, NONCE) == 403
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)


def test_a_recording_that_is_replayed_blindly_is_named(tape: Path) -> None:
    (line,) = blind_replays([load(tape)])
    expected = f"{tape}: replays blindly: `nonce` may be anything, as it has no x-tokens; "
    assert line == f"{expected}`chatgptfree-mock tokens --write {tape}` makes them"
    assert run(["tokens", "--write", str(tape)]) == 0
    assert list(blind_replays([load(tape)])) == []


def test_a_har_that_is_replayed_blindly_is_to_be_imported(tape: Path) -> None:
    har = tape.with_suffix(".har")
    assert run(["export", str(tape), "--out", str(har)]) == 0
    (line,) = blind_replays([named_cassette(str(har))])
    assert line.endswith("may be anything, as it has no x-tokens; `chatgptfree-mock import` makes them")


@pytest.mark.parametrize("options", [[], ["--tokens", "off"]])
def test_serve_reports_it_when_it_starts(options: list[str], tape: Path) -> None:

    def visit(announced: dict[str, Any], _: TextIO) -> None:
        assert status_of(announced["url"], NONCE) == 200

    done = serve_here(visit, "--cassettes", str(tape), "--pack", "recorded", *options)
    assert ("replays blindly" in done.stderr) is (not options)


def test_an_unknown_refusal_is_named(tape: Path) -> None:
    assert run(["tokens", "--write", str(tape)]) == 0
    cassette, pack = load(tape), registry.load("recorded")
    (line,) = assumed_refusals([cassette], pack)
    assert line.startswith(
        f"{tape}: a wrong `nonce` is refused with status 403, which is assumed: no refusal was recorded"
    )
    declared = [{**entry, "refused": {"status": 419}} for entry in cassette.tokens]
    assert list(assumed_refusals([replace(cassette, tokens=tuple(declared))], pack)) == []
    assert list(assumed_refusals([replace(cassette, tokens=())], pack)) == []


def test_a_refusal_of_the_pack_is_not_assumed() -> None:
    asked = Request(
        method="POST",
        uri="https://chatgptfree.ai/wp-admin/admin-ajax.php",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=b"action=wpaicg_chat_shortcode_message&message=Hi&_wpnonce=a1b2c3d4e5",
    )
    page = Request(method="GET", uri="https://chatgptfree.ai/chat/")
    response = Response(headers=(("Content-Type", "text/html"),), body=b'<div data-nonce="a1b2c3d4e5"></div>')
    interactions = (Interaction(request=page, response=response), Interaction(request=asked, response=Response()))
    found = find_tokens(Cassette(interactions=interactions))
    cassette = Cassette(interactions=interactions, tokens=tuple(tokens_as_data([each.token for each in found])))
    assert [each.token.name for each in found] == ["_wpnonce"]
    assert list(assumed_refusals([cassette], registry.load("aipower"))) == []
    (line,) = assumed_refusals([cassette], registry.load("recorded"))
    assert line.startswith("a recording: a wrong `_wpnonce` is refused with status 403")


def test_tokens_with_an_unknown_refusal_are_listed_as_alternatives() -> None:
    page = Request(method="GET", uri="https://chat.example/")
    form = b'<input name="nonce" value="a1b2c3d4e5"><input name="csrf" value="f6a7b8c9d0">'
    request = Request(
        method="POST",
        uri="https://chat.example/ask",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=b"nonce=a1b2c3d4e5&csrf=f6a7b8c9d0",
    )
    response = Response(headers=(("Content-Type", "text/html"),), body=form)
    recorded = (Interaction(request=page, response=response), Interaction(request=request, response=Response()))
    tokens = tokens_as_data([each.token for each in find_tokens(Cassette(interactions=recorded))])
    cassette = Cassette(interactions=recorded, tokens=tuple(tokens))
    (line,) = assumed_refusals([cassette], registry.load("recorded"))
    assert line.startswith("a recording: a wrong `nonce` or `csrf` is refused with status 403")


@pytest.mark.parametrize("options", [[], ["--tokens", "off"]])
def test_serve_reports_that_a_refusal_is_assumed(options: list[str], tape: Path) -> None:
    assert run(["tokens", "--write", str(tape)]) == 0
    done = serve_here(lambda *_: None, "--cassettes", str(tape), "--pack", "recorded", *options)
    assert ("which is assumed" in done.stderr) is (not options)


def test_record_reports_that_it_replays_as_recorded(tape: Path) -> None:
    text = tape.read_text()
    result = run_in_process(
        run, "record", "https://chat.example.com", "--out", str(tape), "--record-mode", "none", "--", "true"
    )
    assert f"tokens in {tape} are replayed as recorded" in result.stderr.replace("\n", " ")
    assert tape.read_text() == text
