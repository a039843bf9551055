"""Recordings of paths that the mock has itself: what was recorded is answered, whatever replays it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support import plain_http, tapes
from tests.support.many_cases import for_each

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.replay.delivery import AS_RECORDED
from chatgptfree_mock.server import console, control
from chatgptfree_mock.server.recording_site import RecordingSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data

ROUTES = {re.sub(r"\{\w+(?::.*)?\}", "x", route.path) for route in (*control.routes(), *console.routes())}
SITES = {"/s", "/s/nonce/", "/s/nonce/consent-box/", "/v", "/v/2.4.97/", "/site", "/site/x", "/site/x/y"}
OWN = sorted(ROUTES | SITES)
"""All paths of the mock itself, with `x` for what varies in them."""
TOKEN = "a3f09b2c17d4e5f6a7b8"
EVENTS = 'data: {"delta":"Otters"}\n\ndata: [DONE]\n\n'


def test_the_table_has_every_first_segment_of_a_server() -> None:
    segments = {path[1:].partition("/")[0] for path in OWN}
    recorded = Cassette(
        interactions=tuple(recorded_at(f"/{segment}/at-the-mock") for segment in (*segments, "other", "v1", "sites"))
    )
    with MockServer(ServerConfig(cassettes=(recorded,))) as server:
        assert {path[1:].partition("/")[0] for path in server.sites.hidden} == segments


def recorded_at(path: str, text: str = "recorded", *, method: str = "GET") -> Interaction:
    return Interaction(
        request=Request(method=method, uri=f"https://site.example{path}"),
        response=Response(headers=(("Content-Type", "text/plain"),), body=text.encode()),
    )


def with_token(path: str) -> Cassette:
    """Return a session that begins with a token, which the next request has in its path, below *path*."""
    body = b'{"session_id":"%s"}' % TOKEN.encode()
    start = Interaction(
        request=Request(method="POST", uri="https://site.example/begin"),
        response=Response(headers=(("Content-Type", "application/json"),), body=body),
    )
    cassette = Cassette(interactions=(start, recorded_at(f"{path.rstrip('/')}/{TOKEN}")))
    return replace(cassette, tokens=tuple(tokens_as_data([each.token for each in find_tokens(cassette)])))


@for_each("path", OWN)
def test_a_replay_answers_with_what_was_recorded(path: str) -> None:
    with MockSite(cassette=Cassette(interactions=(recorded_at(path),))) as site:
        assert plain_http.get(site.url + path).text == "recorded"
        assert site.journal[-1].status == 200


@pytest.mark.parametrize("path", OWN)
def test_a_minted_token_in_the_path_is_answered_too(path: str) -> None:
    with MockSite(pack="recorded", cassette=with_token(path)) as site:
        mine = plain_http.post(f"{site.url}/begin").json()["session_id"]
        assert mine != TOKEN
        assert plain_http.get(f"{site.url}{path.rstrip('/')}/{mine}").text == "recorded"
        assert "it is the recorded value" in plain_http.get(f"{site.url}{path.rstrip('/')}/{TOKEN}").text


@pytest.mark.parametrize("path", ["/s/ajax.php", "/v/ajax.php", "/site/mine/ajax.php", "/__mock__/api/sites", "/a.php"])
def test_a_path_in_the_settings_is_the_sites(path: str) -> None:
    with MockSite(plugin="1.8.93", reply="Hi", settings={"front": {"ajax_path": path}}) as site:
        with ChatClient(site.url) as chat:
            assert chat.ask("Who are you?").text == "Hi"
        assert plain_http.get(f"{site.url}/v/2.4.97/").status_code == 200


def test_a_token_as_the_first_segment_hides_nothing_of_the_mock() -> None:
    with MockSite(pack="recorded", cassette=with_token("")) as site:
        assert "no-store" in plain_http.get(f"{site.url}/__mock__/").headers["Cache-Control"]
        assert plain_http.get(f"{site.url}/site").text.startswith("404 Not Found: no site ")


@pytest.mark.parametrize("path", ["/s", "/s/nonce", "/v", "/v/1", "/site", "/site/x", "/site/x/y"])
def test_a_request_that_nothing_answers_is_refused_with_the_nearest_recording(path: str) -> None:
    with MockSite(cassette=Cassette(interactions=(recorded_at(f"{path}/recorded"),))) as site:
        answer = plain_http.get(f"{site.url}{path}/other")
        assert answer.status_code == 404
        assert "no recorded answer for GET" in answer.text
        assert "no recorded answer for GET" in site.journal[-1].why[0]


def test_the_mocks_own_sites_are_there_beside_recordings_with_the_same_first_segment() -> None:
    recorded = Cassette(interactions=(recorded_at("/s/1"), recorded_at("/site/1"), recorded_at("/__mock__/1")))
    with MockServer(ServerConfig(cassettes=(recorded,))) as server:
        server.sites.add(server.sites.root.spec, AS_RECORDED, name="mine")
        assert plain_http.get(f"{server.url}/site/mine/").status_code == 200
        assert plain_http.get(f"{server.url}/s/nonce/consent-box/").status_code == 200
        assert plain_http.get(f"{server.url}/__mock__/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", OWN)
def test_a_crash_test_answers_with_what_was_recorded(path: str, tmp_path: Path) -> None:
    events = tapes.exchange("GET", f"https://site.example{path}", EVENTS, kind="text/event-stream")
    recording = load_played_recording([tapes.write(tmp_path / "a.yaml", events)])
    with ReplayServer(recording) as server:
        replay = server.open(server.undisturbed(0))
        assert plain_http.get(replay.url + path).text == EVENTS
        server.close(replay)


def test_each_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "recorded.yaml"
    with (
        MockSite(cassette=Cassette(interactions=tuple(recorded_at(path, path) for path in OWN))) as site,
        RecordingSite(file, site.url, Mode.ALL) as recording,
    ):
        for path in OWN:
            assert plain_http.get(recording.url + path).text == path
        recording.keep()
    assert {each.request.uri: each.response.body for each in load(file).interactions} == {
        site.url + path: path.encode() for path in OWN
    }
