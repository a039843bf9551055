"""The reference client on recordings of three releases is right with other tokens, expired ones and none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.cli import run
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
    with MockSite(plugin=plugin, reply=REPLY) as site:
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


@pytest.mark.parametrize("plugin", ["1.8.93", "2.3.93", "2.4.97"])
def test_the_reference_client_is_right_on_all_of_them(plugin: str, tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    tape = recording(plugin, tmp_path / "tape.yaml")
    words = ["--cassette", str(tape), "--variant", "tokens/*", "--json", str(card)]
    assert run(["crashtest", *words, "--callable", "tests.support.reference:ask"]) == 0
    found = json.loads(card.read_bytes())
    assert {one["variant"]: one["verdict"] for one in found["results"]} == COMMON
    assert found["truth"].strip() == REPLY
