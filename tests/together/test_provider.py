"""The classic provider API against the imitated site."""

from __future__ import annotations

import asyncio
import inspect

import pytest
from tests.support.raw_site import buffered, document, response, wpaicg_element, wpaicg_page
from tests.support.raw_site import site as site_of

from chatgptfree.errors import ChatError, NoNonceFound, NoPostIdFound, RefusedError, UnknownModelError
from chatgptfree.provider import AsyncGeneratorProvider, ChatgptFree, ProviderModelMixin, format_prompt
from chatgptfree_mock.serving import MockSite

HELLO = [{"role": "user", "content": "Hello"}]
DELTAS = ["Hel", "lo ", "👋"]
QUICK = {"model": {"reply": DELTAS, "first_ms": 0, "delta_ms": 0}, "page_kilobytes": 0}
SEVERAL = {
    **QUICK,
    "bots": [{"id": 11, "name": "GPT-5 nano"}, {"id": 12, "name": "Claude"}, {"id": 13, "name": "Qwen"}],
}


@pytest.mark.asyncio
@pytest.mark.parametrize("release", ["1.8.79", "1.8.93", "2.3", "2.4.71"])
async def test_yields_the_deltas_as_plain_strings(release: str) -> None:
    async with MockSite(plugin=release, settings=QUICK) as site:
        deltas = [delta async for delta in ChatgptFree.create_async_generator("", HELLO, url=site.url)]
    assert "".join(deltas) == "Hello 👋"
    assert all(type(delta) is str for delta in deltas)


@pytest.mark.asyncio
async def test_returns_the_whole_answer() -> None:
    async with MockSite(plugin="1.8.93", settings=QUICK) as site:
        assert await ChatgptFree.create_async("gpt-4o-mini", HELLO, url=site.url) == "Hello 👋"


@pytest.mark.parametrize(("stream", "expected"), [(True, DELTAS), (False, ["Hello 👋"])])
def test_works_without_async(stream: bool, expected: list[str]) -> None:
    with MockSite(plugin="1.8.93", settings=QUICK) as site:
        assert list(ChatgptFree.create_completion("", HELLO, stream, url=site.url)) == expected


@pytest.mark.asyncio
async def test_works_without_async_inside_a_running_loop() -> None:
    async with MockSite(plugin="1.8.93", settings=QUICK) as site:
        deltas = await asyncio.to_thread(lambda: list(ChatgptFree.create_completion("", HELLO, url=site.url)))
    assert deltas == DELTAS


@pytest.mark.asyncio
@pytest.mark.parametrize(("model", "bot"), [("gpt-5-nano", "11"), ("claude", "12"), ("13", "13"), ("", "11")])
async def test_asks_the_bot_of_the_model(model: str, bot: str) -> None:
    async with MockSite(plugin="2.4.71", settings=SEVERAL) as site:
        await ChatgptFree.create_async(model, HELLO, url=site.url)
        asked = [entry.target for entry in site.journal if "aipkit_frontend_chat_stream" in entry.target]
    assert len(asked) == 1
    assert f"bot_id={bot}&" in asked[0]


@pytest.mark.asyncio
async def test_no_timeout_means_no_limit() -> None:
    async with MockSite(plugin="1.8.93", settings=QUICK) as site:
        assert await ChatgptFree.create_async("", HELLO, timeout=None, url=site.url) == "Hello 👋"
        deltas = await asyncio.to_thread(
            lambda: list(ChatgptFree.create_completion("", HELLO, timeout=None, url=site.url))
        )
    assert deltas == DELTAS


@pytest.mark.asyncio
async def test_what_is_not_text_is_not_left_out_silently() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    words = {"type": "text", "text": "What is this?"}
    async with MockSite(plugin="1.8.93", settings=QUICK) as site:
        with pytest.raises(RefusedError, match="part of the type 'image_url'"):
            await ChatgptFree.create_async("", [{"role": "user", "content": [words, picture]}], url=site.url)
        assert await ChatgptFree.create_async("", [{"role": "user", "content": [words]}], url=site.url) == "Hello 👋"
        assert len([exchange for exchange in site.journal if exchange.method == "POST"]) == 1


@pytest.mark.asyncio
async def test_a_model_without_bot_is_an_error_that_lists_the_bots() -> None:
    async with MockSite(plugin="2.4.71", settings=SEVERAL) as site:
        with pytest.raises(UnknownModelError, match=r"12 \(Claude\)"):
            await ChatgptFree.create_async("perplexity", HELLO, url=site.url)


@pytest.mark.asyncio
async def test_a_page_without_nonce_is_a_runtime_error() -> None:
    async with MockSite(plugin="1.8.93", settings={**QUICK, "nonce": "missing"}) as site:
        with pytest.raises(RuntimeError, match="No nonce found") as caught:
            await ChatgptFree.create_async("", HELLO, url=site.url)
    assert isinstance(caught.value, NoNonceFound)


@pytest.mark.asyncio
async def test_a_chat_without_a_place_for_a_post_id_is_a_runtime_error() -> None:
    element = wpaicg_element().replace('data-post-id="4"', "")
    with (
        site_of(buffered("Hi"), pages=[response(document(element))]) as server,
        pytest.raises(RuntimeError, match="No post id found") as caught,
    ):
        await ChatgptFree.create_async("", HELLO, url=server.url)
    assert isinstance(caught.value, NoPostIdFound)


@pytest.mark.asyncio
@pytest.mark.parametrize("post_id", ["", "0", "<42", "abc"])
async def test_any_post_id_works(post_id: str) -> None:
    with site_of(buffered("Hi"), pages=[wpaicg_page(post_id=post_id)]) as server:
        assert await ChatgptFree.create_async("", HELLO, url=server.url) == "Hi"


@pytest.mark.asyncio
async def test_an_error_comes_after_the_text_before_it() -> None:
    settings = {**QUICK, "model": {"reply": DELTAS, "first_ms": 0, "delta_ms": 0, "error_midway": {"after": 2}}}
    deltas: list[str] = []

    async def read() -> None:
        async for delta in ChatgptFree.create_async_generator("", HELLO, url=site.url):
            deltas.append(delta)  # noqa: PERF401 - what came before the error is to be kept

    async with MockSite(plugin="1.8.93", settings=settings) as site:
        with pytest.raises(ChatError) as caught:
            await read()
    assert "".join(deltas) == caught.value.partial == "Hello "


def test_signatures_are_the_classic_ones() -> None:
    names = list(inspect.signature(ChatgptFree.create_async_generator).parameters)
    assert names == ["model", "messages", "proxy", "timeout", "cookies", "kwargs"]
    assert issubclass(ChatgptFree, AsyncGeneratorProvider)
    assert issubclass(ChatgptFree, ProviderModelMixin)
    assert ChatgptFree.working
    assert ChatgptFree.url == "https://chatgptfree.ai"
    assert "proxy: str = None" in ChatgptFree.params()


def test_models_and_aliases() -> None:
    assert ChatgptFree.get_model("") == ChatgptFree.default_model
    assert ChatgptFree.get_model("gpt-4o-mini-2024-07-18") == "gpt-4o-mini"
    assert set(ChatgptFree.model_aliases.values()) <= set(ChatgptFree.get_models())
    with pytest.raises(UnknownModelError, match="gpt-9"):
        ChatgptFree.get_model("gpt-9")


@pytest.mark.parametrize(
    ("messages", "special", "expected"),
    [
        pytest.param(HELLO, False, "Hello", id="one message stays as it is"),
        pytest.param(HELLO, True, "User: Hello\nAssistant:", id="its speaker is named when asked for"),
        pytest.param(
            [{"role": "system", "content": "Be brief"}, *HELLO],
            False,
            "System: Be brief\nUser: Hello\nAssistant:",
            id="several are sent with their speakers",
        ),
        pytest.param(
            [{"role": "user", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}],
            False,
            "Hello",
            id="parts are joined",
        ),
    ],
)
def test_format_prompt(messages: list[dict[str, object]], special: bool, expected: str) -> None:
    assert format_prompt(messages, special) == expected
