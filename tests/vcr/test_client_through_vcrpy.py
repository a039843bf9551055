"""
The client in-process, through vcrpy, on the same recordings that the mock serves over a socket.

The recordings hold single exchanges; a page for the client to read is made of the chat elements of the real page, and
put in front of them in a cassette of our own writing.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import vcr  # type: ignore[import-untyped]  # has no types
from tests.support.pages import recorded_pages
from tests.support.recordings import recording

from chatgptfree import ChatClient, ChatError
from chatgptfree_mock.tape.files import recorded_file
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save

SITE = "https://chatgptfree.ai/"
RECORDED_AT = ["127.0.0.1"]
"""Where recorded pages of AIPKit let their chat be asked."""


def page_of(plugin: str, nonce: str | None = None) -> Interaction:
    facts = next(page for page in recorded_pages() if page["plugin"] == plugin)
    body = f"<!DOCTYPE html><html><head><script>{facts['wpaicgParams'] or ''}</script></head><body>"
    body += "".join(f"{element}</div>" for element in facts["chat_elements"]) + "</body></html>"
    if nonce is not None:
        body = re.sub(r'data-nonce="[0-9a-f]{10}"', f'data-nonce="{nonce}"', body)
    headers = (("Content-Type", "text/html; charset=UTF-8"),)
    return Interaction(request=Request(method="GET", uri=SITE), response=Response(headers=headers, body=body.encode()))


def exchange(plugin: str, case: str) -> Interaction:
    (interaction,) = recording(recorded_file(plugin, case)).interactions
    return interaction


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Callable[..., vcr.cassette.Cassette]]:
    """Give the client a page and the exchanges of some cases, in turn; nothing else can be asked."""
    stack: list[vcr.cassette.CassetteContextDecorator] = []

    def start(plugin: str, *cases: str, later: tuple[Interaction, ...] = ()) -> vcr.cassette.Cassette:
        path = tmp_path / "talk.yaml"
        save(path, Cassette(interactions=(page_of(plugin), *later, *(exchange(plugin, case) for case in cases))))
        stack.append(vcr.VCR(record_mode="none", match_on=("method", "path")).use_cassette(str(path)))
        return stack[0].__enter__()

    yield start
    stack[0].__exit__(None, None, None)


def text_in(body: bytes) -> str:
    """Join the model's words, the simple way: these recordings are whole and cut at events."""
    texts: list[str] = []
    for line in body.decode().split("\n"):
        if line.startswith("data: {"):
            data = json.loads(line[6:])
            texts.append(data.get("delta") or "".join(c["delta"].get("content", "") for c in data.get("choices", [])))
    return "".join(texts)


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.84", "1.8.91", "1.8.93", "1.9.18"])
@pytest.mark.asyncio
async def test_a_streamed_answer_of_generation_1(plugin: str, replay: Callable[..., vcr.cassette.Cassette]) -> None:
    cassette = replay(plugin, "msg_ok_s")
    async with ChatClient(SITE) as chat:
        reply = await chat.ask("Hello, who are you?")
    assert reply.text == text_in(exchange(plugin, "msg_ok_s").response.body)
    assert reply.text
    assert cassette.all_played


@pytest.mark.parametrize("plugin", ["1.8.79", "1.8.84", "1.8.91", "1.8.93", "1.9.18"])
@pytest.mark.asyncio
async def test_a_buffered_answer_of_generation_1(plugin: str, replay: Callable[..., vcr.cassette.Cassette]) -> None:
    replay(plugin, "msg_ok_b")
    async with ChatClient(SITE) as chat:
        reply = await chat.ask("Hello, who are you?")
    assert reply.text == json.loads(exchange(plugin, "msg_ok_b").response.body)["data"]


@pytest.mark.parametrize("plugin", ["2.4.71"])
@pytest.mark.asyncio
async def test_the_two_calls_of_generation_2(plugin: str, replay: Callable[..., vcr.cassette.Cassette]) -> None:
    cassette = replay(plugin, "cache_ok", "stream_ok")
    async with ChatClient(SITE, allow_hosts=RECORDED_AT) as chat:
        reply = await chat.ask("Hello, who are you?")
    assert reply.text == text_in(exchange(plugin, "stream_ok").response.body)
    assert cassette.all_played


@pytest.mark.parametrize(
    ("plugin", "cases", "kind"),
    [
        pytest.param("1.8.93", ["up_429rate_s"], "upstream", id="an error streamed word by word"),
        pytest.param("1.8.93", ["up_half_s"], "interrupted", id="half an answer"),
        pytest.param("1.8.93", ["limit_second_b"], "refused", id="the token limit"),
        pytest.param("2.4.71", ["cache_ok", "stream_up_429"], "upstream", id="an error event"),
    ],
)
@pytest.mark.asyncio
async def test_a_failure_is_the_same_error_as_over_a_socket(
    plugin: str, cases: list[str], kind: str, replay: Callable[..., vcr.cassette.Cassette]
) -> None:
    replay(plugin, *cases)
    async with ChatClient(SITE, allow_hosts=RECORDED_AT) as chat:
        with pytest.raises(ChatError) as caught:
            await chat.ask("Hello, who are you?")
    assert caught.value.kind == kind


@pytest.mark.asyncio
async def test_a_refused_nonce_is_refreshed_once(replay: Callable[..., vcr.cassette.Cassette]) -> None:
    cassette = replay("1.8.93", "nonce_bad_s", "msg_ok_s", later=(page_of("1.8.93", nonce="aaaaaaaaaa"),))
    async with ChatClient(SITE) as chat:
        reply = await chat.ask("Hello, who are you?")
    assert reply.text == text_in(exchange("1.8.93", "msg_ok_s").response.body)
    assert cassette.all_played
