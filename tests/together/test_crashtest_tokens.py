"""
Recordings of several releases, replayed with other tokens.

The reference client is right, and a wrong value is refused as the release itself refuses it.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.support.pages import SHORT_PAGES
from tests.support.releases import NEWEST

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.cli import run
from chatgptfree_mock.crashtest.recording.played_recording import load_played_recording
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.crashtest.recording.variant_choice import catalogue_of, choose
from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.yaml.writing import write

REPLY = "Hello there, dear visitor. How are you?"
COMMON = {
    "tokens/fresh": "right",
    "tokens/html-references": "right",
    "tokens/string-escapes": "right",
    "tokens/expired": "right",
    "tokens/expired/once": "recovered",
    "tokens/missing": "right",
}


def recording(plugin: str, file: Path) -> Path:
    """Record the reference client's visit to the imitated site on the release *plugin*."""
    with MockSite(settings=SHORT_PAGES, plugin=plugin, reply=REPLY, delivery="pace=instant") as site:
        with ChatClient(site.url) as chat:
            assert chat.ask("Who are you?").text == REPLY
        exchanges, origin = list(site.journal), site.url.rstrip("/")
    interactions = tuple(
        Interaction(
            request=Request(
                method=each.method, uri=f"{origin}{each.target}", headers=each.headers, body=each.body or None
            ),
            response=decoded(Response(status=each.status, headers=each.response_headers, body=each.response_body)),
        )
        for each in exchanges
    )
    file.write_text(write(Cassette(interactions=interactions)))
    return file


@pytest.mark.parametrize("plugin", ["1.8.93", "2.3.93", NEWEST])
def test_the_reference_client_is_right_on_all_of_them(plugin: str, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    tape = recording(plugin, tmp_path / "tape.yaml")
    words = ["--cassette", str(tape), "--variant", "tokens/*", "--json", str(card)]
    assert run(["crashtest", *words, "--callable", "tests.support.reference:ask"]) == 0
    found = json.loads(card.read_bytes())
    assert {one["variant"]: one["verdict"] for one in found["results"]} == COMMON
    assert found["truth"].strip() == REPLY
    named = "cache_key" if plugin.startswith("2.") else "_wpnonce"
    assert any(line.startswith(f"a wrong `{named}` is refused as {plugin} of AI Power") for line in found["remarks"])


def sent(address: str, request: Request, wrong: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Send a recorded *request* to *address* with a *wrong* nonce; return status, headers and body."""
    names = r"((?:_wpnonce|_ajax_nonce)(?:=|\"\r\n\r\n))[0-9a-f]+"
    target = re.sub(names, rf"\g<1>{wrong}", "/" + request.uri.split("/", 3)[3])
    body = re.sub(names.encode(), rb"\g<1>" + wrong.encode(), request.body or b"")
    headers = {"Content-Type": next(value for name, value in request.headers if name.lower() == "content-type")}
    prepared = urllib.request.Request(f"{address}{target}", body, headers)
    try:
        with urllib.request.urlopen(prepared, timeout=300) as answer:
            found = answer.status, answer.headers.items(), answer.read()
    except urllib.error.HTTPError as error:
        found = error.code, error.headers.items(), error.read()
    return found[0], [each for each in found[1] if each[0] != "Date"], re.sub(rb"err-\d+", b"err-N", found[2])


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.93", "1.9.18", "2.3.93", NEWEST])
def test_a_wrong_nonce_gets_what_the_release_answers(plugin: str, tmp_path: Path) -> None:
    """Status, headers and body."""
    played = load_played_recording([recording(plugin, tmp_path / "tape.yaml")], anyway=True)
    assert played.tokens is not None
    request = played.exchanges[min(played.tokens.required_tokens)].interaction.request
    wrong = "0123456789"
    with MockSite(settings=SHORT_PAGES, plugin=plugin, delivery="pace=instant") as site:
        wanted = sent(site.url.rstrip("/"), request, wrong)
    catalogue = catalogue_of(played)
    variant = next(each for each in catalogue.variants if each.name == "tokens/fresh")
    with ReplayServer(played) as server:
        undisturbed = server.open(server.undisturbed(played.answer))
        undisturbed.known = [
            (index, played.exchanges[index].interaction.request) for index in played.tokens.required_tokens
        ]
        (planned,) = choose([variant], played, "", undisturbed, catalogue).planned
        assert sent(server.open(planned.disturbance).url, request, wrong) == wanted
    assert b"expired" in wanted[2] or b"error" in wanted[2]
