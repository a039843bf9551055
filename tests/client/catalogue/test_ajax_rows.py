"""The rows A of the catalogue of edge cases: what goes to admin-ajax.php, and what comes back instead of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.support.asking import ask_server, ask_site
from tests.support.raw_server import Answer, RawRequest, RawServer
from tests.support.raw_site import (
    AJAX_PATH,
    CACHED,
    DONE,
    LAST_CHUNK,
    STOP,
    aipkit_events,
    aipkit_page,
    as_json,
    buffered,
    chunk,
    delta,
    document,
    response,
    site,
    stream_head,
    streamed,
    wpaicg_element,
)

from chatgptfree import ChatClient, RateLimitedError

GOOD = streamed("Hello")


@pytest.mark.asyncio
async def test_a01_a02_a03_a04_the_message_is_a_posted_form() -> None:
    long = "x" * 20000
    outcome = await ask_site(GOOD, message=long)
    request = outcome.requests[1]
    assert (request.method, request.target) == ("POST", AJAX_PATH)
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"
    assert request.header("Content-Length") == str(len(request.body))
    assert request.fields["message"] == long
    assert {"_wpnonce", "post_id", "url", "action", "message", "bot_id"} <= request.fields.keys()


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["429 Too Many Requests", "402 Payment Required"])
async def test_a06_a_rate_limit_keeps_its_words_and_its_time(status: str) -> None:
    outcome = await ask_site(response("<p>Slow down</p>", status=status, headers=[("Retry-After", "17")]))
    assert isinstance(outcome.error, RateLimitedError)
    assert (outcome.error.retry_after, outcome.error.retryable) == (17, True)
    assert "Slow down" in outcome.error.excerpt
    assert outcome.counts == (1, 1)


@pytest.mark.asyncio
async def test_a06_a_date_counts_from_the_sites_own_clock() -> None:
    headers = [("Date", "Mon, 23 Nov 2026 03:00:00 GMT"), ("Retry-After", "Mon, 23 Nov 2026 03:01:30 GMT")]
    outcome = await ask_site(response("", status="429 Too Many Requests", headers=headers))
    assert isinstance(outcome.error, RateLimitedError)
    assert outcome.error.retry_after == 90


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("date", "fits"),
    [("Fri, 31 Dec 9999 23:59:59 GMT", lambda wait: wait > 1e11), ("Thu, 01 Jan 1970 00:00:00 GMT", (0.0).__eq__)],
    ids=["to come", "past"],
)
async def test_a06_a_date_without_the_servers_clock_counts_from_ours(date: str, fits: Callable[[float], bool]) -> None:
    outcome = await ask_site(response("slow", status="429 Too Many Requests", headers=[("Retry-After", date)]))
    assert isinstance(outcome.error, RateLimitedError)
    assert outcome.error.retry_after is not None
    assert fits(outcome.error.retry_after)


@pytest.mark.asyncio
async def test_a07_ordinary_words_about_a_limit_are_an_answer() -> None:
    words = "You have reached your token limit? Here is how limits work."
    assert (await ask_site(buffered(words))).text == words
    assert (await ask_site(streamed(words))).text == words


@pytest.mark.asyncio
@pytest.mark.parametrize("flag", ["tokenLimitReached", "ipBanned", "messageFlagged", "modflag", "pineconeError"])
@pytest.mark.parametrize("streaming", [True, False], ids=["streamed", "buffered"])
async def test_a08_a_flag_is_an_error_with_its_message(flag: str, *, streaming: bool) -> None:
    body = {"msg": "You can't do that.", flag: True}
    answer = stream_head() + chunk(f"data: {json.dumps(body)}\n\n") + LAST_CHUNK if streaming else as_json(body)
    outcome = await ask_site(answer)
    assert outcome.kind == ("upstream" if flag == "pineconeError" else "refused")
    assert outcome.text == ""
    assert "You can't do that." in str(outcome.error)


@pytest.mark.asyncio
async def test_a09_an_answer_after_a_ban_is_not_taken_for_one() -> None:
    body = 'data: {"msg":"No access.","ipBanned":true}\n\n' + delta("Hello") + STOP + DONE
    outcome = await ask_site(stream_head() + chunk(body) + LAST_CHUNK)
    assert (outcome.kind, outcome.text) == ("refused", "")


@pytest.mark.asyncio
async def test_a10_status_error_with_200_is_an_error() -> None:
    outcome = await ask_site(as_json({"status": "error", "msg": "The server had an error", "log": False}))
    assert (outcome.kind, outcome.text) == ("upstream", "")
    assert "The server had an error" in str(outcome.error)


@pytest.mark.asyncio
async def test_a12_nothing_asked_is_refused_here_and_never_repeated() -> None:
    here = await ask_site_refusing("")
    assert here == 0
    there = await ask_site(as_json({"status": "error", "msg": "It appears that nothing was inputted."}), message="0")
    assert (there.kind, there.counts) == ("refused", (1, 1))
    empty = as_json(
        {"success": False, "data": {"message": "Data to cache …", "code": "empty_data_to_cache"}},
        status="400 Bad Request",
    )
    assert (await ask_site(empty, pages=[aipkit_page()])).kind == "refused"


async def ask_site_refusing(message: str) -> int:
    """Return how many requests a message costs that is refused on this side."""
    with site(GOOD) as server:
        async with ChatClient(server.url) as chat:
            with pytest.raises(Exception, match="the message is empty; nothing was sent"):
                await chat.ask(message)
        return len(server.requests)


@pytest.mark.asyncio
async def test_a13_earlier_turns_go_into_their_field() -> None:
    turns = [
        {"role": "user", "content": 'Say "hi"\nplease'},
        {"role": "assistant", "content": "hi \\o/"},
        {"role": "user", "content": "And now?"},
    ]
    fields = (await ask_site(GOOD, message=turns)).requests[1].fields
    assert fields["message"] == "And now?"
    history = json.loads(fields["wpaicg_chat_history"])
    assert [entry["text"].partition(":")[0] for entry in history] == ["Human", "AI"]
    assert not set('\\"\n') & set("".join(entry["text"] for entry in history))


@pytest.mark.asyncio
async def test_a14_a_client_id_is_sent() -> None:
    client_id = (await ask_site(GOOD)).requests[1].fields["wpaicg_chat_client_id"]
    assert client_id.isalnum()
    assert len(client_id) == 10


@pytest.mark.asyncio
async def test_a15_the_address_is_the_pages_own() -> None:
    script = '<script>var wpaicgParams = {"ajax_url":"\\/hidden\\/ask.php"};</script>'

    def answer(request: RawRequest) -> Answer:
        return [GOOD if request.path == "/hidden/ask.php" else response(document(wpaicg_element(), script))]

    with RawServer(answer) as server:
        assert (await ask_server(server)).text == "Hello"
    blocked = await ask_site(response("<h1>Blocked by security</h1>", status="404 Not Found"))
    assert (blocked.kind, blocked.counts) == ("protocol", (1, 1))


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 522, 524])
async def test_a16_a_page_of_a_failed_server_is_a_short_error(status: int) -> None:
    body = document("<p>There has been a critical error on this website.</p>" + "<b>x</b>" * 5000, title="Error")
    outcome = await ask_site(response(body, status=f"{status} Failed"))
    assert (outcome.kind, outcome.text) == ("upstream", "")
    assert outcome.error is not None
    assert outcome.error.retryable
    assert "critical error" in outcome.error.excerpt
    assert "<" not in outcome.error.excerpt
    assert len(str(outcome.error)) < 1200


@pytest.mark.asyncio
async def test_a19_the_reply_names_the_bot_that_answered() -> None:
    outcome = await ask_site(GOOD, bot="0")
    assert outcome.reply is not None
    assert (outcome.reply.bot, outcome.reply.generation) == ("0", "wpaicg")
    assert (await ask_site(GOOD, bot="99")).kind == "model"


@pytest.mark.asyncio
async def test_a20_a_context_belongs_to_one_conversation() -> None:
    def answer(request: RawRequest) -> Answer:
        if request.path != AJAX_PATH:
            return [aipkit_page()]
        return [CACHED if request.method == "POST" else aipkit_events("Hello")]

    with RawServer(answer) as server:
        async with ChatClient(server.url) as chat:
            one, other = chat.conversation(), chat.conversation()
            for talk in (one, other, one):
                await talk.ask("Hello")
        ids = [r.fields["conversation_uuid"] for r in server.requests if "conversation_uuid" in r.fields]
    assert ids[0] == ids[2] != ids[1]
