"""
The checks of WPAICG, in their order, on every release.

One request is wrong in every way; then one thing after the other is put right, and each time the next check speaks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.chat_site import ChatSite, SharedStore
from tests.support.many_cases import for_each

from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.tape.model import Response

NAMES = [release.name for release in built_in().releases if release.generation == "wpaicg"]
WRONG: dict[str, Any] = {
    "api_key": False,
    "banned": {"ips": ["127.0.0.1"], "words": ["bad"]},
    "limit": {"tokens": 0},
    "moderation": {"words": ["bad"]},
    "embeddings": {"error": "no index"},
}
PUT_RIGHT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Unable to initialize the AI instance. Please make sure the API key is valid.", {"api_key": True}),
    ("You are not allowed to access this feature.", {"banned": {"words": ["bad"]}}),
    ("Your message contains prohibited words. Please modify your message and try again.", {"banned": {}}),
    ("You have reached your token limit.", {"limit": None}),
    ("flagged as potentially harmful", {"moderation": None}),
    ("no index", {"embeddings": None}),
)
"""Each refusal, and the settings under which it does not occur."""


def messages(response: Response) -> Iterator[dict[str, Any]]:
    """Yield the plugin's own texts: events, and JSON at the end."""
    for piece in response.body.decode().split("\n\n"):
        if piece:
            yield json.loads(piece.removeprefix("data: "))


def site(release: str, *, streams: bool, settings: dict[str, Any]) -> ChatSite:
    """Return a site whose visitor has used up some tokens already."""
    # The wrong site never gets as far as counting, so it shares what one without faults has written down.
    store = SharedStore()
    if settings.get("limit"):
        calm = ChatSite(release, store, bots=[{"stream": streams}], limit=settings["limit"])
        calm.post(wpaicg_chat_client_id="me", message="Hello")
    return ChatSite(release, store, bots=[{"stream": streams}], **settings)


@for_each("streams", [True, False])
@for_each("release", NAMES)
def test_checks_speak_in_their_order(release: str, streams: bool) -> None:
    settings = dict(WRONG)
    never_limits = release == "1.8.85" and streams
    for reason, repair in PUT_RIGHT:
        if never_limits and "limit" in repair:
            settings.update(repair)
            continue
        chat = site(release, streams=streams, settings=settings)
        reply = chat.post(wpaicg_chat_client_id="me", message="bad")
        first = next(messages(reply.response))
        assert reason in first["msg"], f"after {settings}"
        assert not reply.upstream
        settings.update(repair)
    empty = ChatSite(release, bots=[{"stream": streams}], **settings).post(message="0")
    assert next(messages(empty.response))["msg"] == "It appears that nothing was inputted."


@for_each("release", NAMES)
def test_the_nonce_comes_before_everything(release: str) -> None:
    reply = ChatSite(release, **WRONG).post(_wpnonce="0123456789")
    assert reply.refused == "nonce"
    assert reply.response.status == (200 if b"Nonce verification failed" in reply.response.body else 403)


@pytest.mark.parametrize("release", ["1.8.79", "1.8.93", "1.9.18"])
def test_a_ban_while_streaming_stops_nothing(release: str) -> None:
    settings: dict[str, Any] = {"banned": {"ips": ["127.0.0.1"], "words": ["bad", "evil"]}}
    body = ChatSite(release, **settings).post(message="bad evil bad").response.body.decode()
    events = body.split("\n\n")
    flags = [event for event in events if "ipBanned" in event or "messageFlagged" in event]
    assert flags == events[:4]
    assert sum("messageFlagged" in flag for flag in flags) == 3
    assert "data: [DONE]" in events


def test_a_ban_before_an_empty_message_glues_json_to_the_event() -> None:
    reply = ChatSite("1.9.18", banned={"ips": ["127.0.0.1"]}).post(message="")
    assert reply.response.header("Content-Type") == "text/event-stream;charset=UTF-8"
    assert reply.response.body.endswith(b'\n\n{"status":"error","msg":"It appears that nothing was inputted."}')
