"""The rows X and K of the catalogue of edge cases: texts that stay as they are, and how a library lives and ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import warnings

import pytest
from tests.support.asking import ask_site
from tests.support.raw_site import NONCES, buffered, site, streamed, wpaicg_page

from chatgptfree import ChatClient, ChatError

TEXTS = [
    pytest.param("a<b & c > d <br> &amp; &#039; **bold** `x`", id="x04: HTML and Markdown"),
    pytest.param("\n\nHello\0<|im_end|>\u2028\ufeff", id="x05: NULs, special words, a leading line break"),
    pytest.param("Hello\n\n---\nPowered by Example", id="x07: a footer"),
    pytest.param("User: Hello\nAssistant: Hi!", id="x08: an echo"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize("text", TEXTS)
async def test_x04_x05_x07_x08_the_text_is_what_the_site_sent(text: str) -> None:
    assert (await ask_site(streamed(text[:3], text[3:]))).text == text
    assert (await ask_site(buffered(text))).text == text


@pytest.mark.asyncio
async def test_k01_nothing_is_remembered_outside_a_client() -> None:
    with site(buffered("Hello"), pages=[wpaicg_page(nonce) for nonce in NONCES]) as server:
        for _ in range(2):
            async with ChatClient(server.url) as chat:
                await chat.ask("Hello")
        posted = [request.fields for request in server.requests if request.method == "POST"]
    assert [fields["_wpnonce"] for fields in posted] == [NONCES[0], NONCES[1]]
    assert len({fields["wpaicg_chat_client_id"] for fields in posted}) == 2
    assert not [value for value in vars(ChatClient).values() if isinstance(value, dict | list | set)]


@pytest.mark.asyncio
async def test_k03_no_error_becomes_an_empty_answer() -> None:
    with site(buffered("")) as server:
        async with ChatClient(server.url) as chat:
            with pytest.raises(ChatError):
                await chat.ask("Hello")


@pytest.mark.asyncio
async def test_k05_only_ones_own_tasks_are_touched() -> None:
    mine = asyncio.create_task(asyncio.Event().wait())
    with site(buffered("Hello")) as server:
        async with ChatClient(server.url) as chat:
            await chat.ask("Hello")
    assert not mine.done()
    assert asyncio.all_tasks() == {mine, asyncio.current_task()}
    mine.cancel()


@pytest.mark.asyncio
async def test_k07_no_turn_is_dropped() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "And now?"},
    ]
    fields = (await ask_site(buffered("Now."), message=turns)).requests[1].fields
    for turn in turns:
        assert turn["content"] in fields["wpaicg_chat_history"] + fields["message"]


def test_k08_k09_importing_needs_no_network_and_warns_of_nothing() -> None:
    code = "import socket; socket.socket.connect = None; import chatgptfree.aio, chatgptfree.blocking, chatgptfree.cli"
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ChatClient("http://127.0.0.1:1").url
