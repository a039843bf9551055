"""Several processes serve one site, and clients see no difference: keys, conversations and quotas are the site's."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from tests.support.serve_command import get, serving

from chatgptfree import ChatClient, ChatError

VISITORS = 40
APART = {"Connection": "close"}
"""So that each request may come to another process."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = tmp_path_factory.mktemp("settings") / "site.yaml"
    settings.write_text("plugin: 2.4.71\nlimit: {tokens: 150}\nmodel: {reply: Hello}\n", encoding="utf-8")
    with serving("--site", str(settings), "--workers", "2", "--pace", "instant") as (process, announced):
        yield announced["url"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)


async def talk(url: str, turns: int) -> tuple[list[str], str]:
    """Ask so many times in one conversation; return the answers and the kind of the error that ended it."""
    answers: list[str] = []
    async with ChatClient(url, headers=APART) as chat:
        conversation = chat.conversation()
        for _ in range(turns):
            try:
                answers.append((await conversation.ask("Hello")).text)
            except ChatError as exc:
                return answers, exc.kind
    return answers, ""


@pytest.mark.asyncio
async def test_forty_conversations_at_once_are_all_right(site: str) -> None:
    answers = await asyncio.gather(*(talk(site, 2) for _ in range(VISITORS)))
    assert answers == [(["Hello", "Hello"], "")] * VISITORS


@pytest.mark.asyncio
async def test_a_quota_is_counted_once(site: str) -> None:
    found = await asyncio.gather(*(talk(site, 40) for _ in range(4)))
    answers, kind = found[0]
    assert kind == "refused"
    assert 1 < len(answers) < 40
    assert found == [found[0]] * 4


def ajax(url: str, *, method: str, **fields: str) -> bytes:
    form = urllib.parse.urlencode(fields)
    target, data = (f"{url}?{form}", None) if method == "GET" else (url, form.encode())
    with urllib.request.urlopen(target, data, timeout=300) as response:
        found: bytes = response.read()
        return found


def test_conversations_are_shared_by_all_processes(site: str) -> None:
    found = re.search(r"data-config='([^']*ajaxUrl[^']*)'", get(site + "/chat/"))
    assert found is not None
    config: dict[str, Any] = json.loads(unescape(found[1]))
    url, nonce = str(config["ajaxUrl"]), str(config["nonce"])
    place = {"bot_id": str(config["botId"]), "session_id": "mine", "conversation_uuid": "one", "_ajax_nonce": nonce}
    for word in ("one", "two", "three", "four"):
        kept = json.loads(ajax(url, method="POST", action="aipkit_cache_sse_message", message=word, **place))
        key = kept["data"]["cache_key"]
        stream = ajax(url, method="GET", action="aipkit_frontend_chat_stream", cache_key=key, **place)
        assert b"Hello" in stream
    for _ in range(12):
        history = json.loads(ajax(url, method="POST", action="aipkit_get_conversation_history", **place))
        asked = [entry["content"] for entry in history["data"]["history"] if entry["role"] == "user"]
        assert asked == ["one", "two", "three", "four"]
