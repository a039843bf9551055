"""The rows S of the catalogue of edge cases: how event streams have been framed."""

from __future__ import annotations

import json

import pytest
from tests.support.asking import Outcome, ask_server, ask_site
from tests.support.raw_server import HANG, Answer, RawRequest, RawServer
from tests.support.raw_site import (
    AJAX_PATH,
    CACHED,
    DONE,
    LAST_CHUNK,
    STOP,
    aipkit_page,
    chunk,
    delta,
    stream_head,
)

from chatgptfree import Limits
from chatgptfree.core.session import conversation

FINISHED = 'event: done\ndata: {"finished":true}\n\n'


async def read(body: str | bytes) -> Outcome:
    """Ask a site of WPAICG that streams *body*."""
    return await ask_site(stream_head() + chunk(body) + LAST_CHUNK)


async def read_aipkit(*bodies: str) -> Outcome:
    """Ask a site of AIPKit whose streams are *bodies*, one after the other."""
    left = list(bodies)

    def answer(request: RawRequest) -> Answer:
        if request.path != AJAX_PATH:
            return [aipkit_page()]
        return [CACHED if request.method == "POST" else stream_head() + chunk(left.pop(0)) + LAST_CHUNK]

    with RawServer(answer) as server:
        return await ask_server(server)


@pytest.mark.asyncio
@pytest.mark.parametrize("space", ["", " "])
async def test_s02_one_blank_after_the_colon_is_optional(space: str) -> None:
    body = (delta("Hel") + delta(" lo") + STOP + DONE).replace("data: ", f"data:{space}")
    assert (await read(body)).pieces == ("Hel", " lo")


@pytest.mark.asyncio
async def test_s04_comments_are_ignored() -> None:
    outcome = await read(":" + " " * 4096 + "\n\n: OPENROUTER PROCESSING\n\n" + delta("Hello") + ":\n\n" + STOP + DONE)
    assert (outcome.text, outcome.warnings) == ("Hello", set())


@pytest.mark.asyncio
async def test_s05_other_fields_are_not_text_and_do_not_last() -> None:
    body = "id: 1\nretry: 10\nevent: ping\ndata: {}\n\n" + delta("Hel") + "foo: bar\n" + delta("lo") + STOP + DONE
    assert (await read(body)).text == "Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "end",
    [
        STOP + "data:[DONE]\n\n",
        STOP + "data:  [DONE] \n\n",
        STOP,
        STOP + "event: done\ndata: [DONE]\n\n",
        'data: {"finished":true}\n\n',
        'data: {"type":"end"}\n\n',
        FINISHED,
    ],
)
async def test_s08_an_end_has_many_forms(end: str) -> None:
    outcome = await read(delta("Hello") + end)
    assert (outcome.kind, outcome.text) == ("right", "Hello")


@pytest.mark.asyncio
async def test_s09_limited_is_the_end_of_an_error() -> None:
    words = "".join(
        f'event: message\ndata: {{"choices":[{{"delta":{{"content":"{word}"}}}}]}}\n\n'
        for word in ("Quota", " used up")
    )
    outcome = await read(words + "event: message\ndata: [LIMITED]\n\n")
    assert (outcome.kind, outcome.text) == ("upstream", "")
    assert "Quota used up" in str(outcome.error)
    late = await read(delta("Hel") + "data: [LIMITED]\n\n")
    assert (late.kind, late.text) == ("upstream", "Hel")


@pytest.mark.asyncio
async def test_s10_what_follows_done_is_ignored_and_the_connection_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "AFTER_THE_END", 0.05)
    assert (await read(delta("Hello") + STOP + DONE + delta(" again"))).text == "Hello"
    never_closed = await ask_site([stream_head() + chunk(delta("Hello") + STOP + DONE), HANG])
    assert (never_closed.kind, never_closed.text, never_closed.warnings) == ("right", "Hello", set())


@pytest.mark.asyncio
async def test_s11_a_copy_behind_the_stream_does_not_double_the_answer() -> None:
    copy = {"status": "success", "msg": "Something went wrong", "data": "Hello", "log": False}
    assert (await read(delta("Hello") + STOP + DONE + json.dumps(copy))).text == "Hello"
    failed = await read(delta("Hel") + '{"status":"error","msg":"The server had an error"}')
    assert (failed.kind, failed.text) == ("upstream", "Hel")
    query = """Error: INSERT INTO log VALUES ('{"id":7}')\n"""
    failed = await read(query + delta("Hel") + STOP + DONE + '{"status":"error","msg":"It failed"}\n\n')
    assert (failed.kind, failed.text) == ("upstream", "Hel")


@pytest.mark.asyncio
async def test_s15_notices_of_php_are_passed_over() -> None:
    notice = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/x.php</b> on line <b>9</b><br />\n"
    outcome = await read(notice + delta("Hel") + notice + delta("lo") + STOP + DONE)
    assert (outcome.kind, outcome.text) == ("right", "Hello")
    assert outcome.warnings


@pytest.mark.asyncio
async def test_s16_named_events_count_by_their_names() -> None:
    started = 'event: message_start\ndata: {"message_id":"m1"}\n\nevent: thread_id\ndata: thread_1\n\n'
    status = 'event: status\ndata: {"type":"response.created"}\n\nevent: citations\ndata: [{"url":"u"}]\n\n'
    outcome = await read_aipkit(started + status + 'data: {"delta":"Hello"}\n\n' + "event: done\ndata: \n\n")
    assert (outcome.kind, outcome.text) == ("right", "Hello")
    assert outcome.reply is not None
    assert (outcome.reply.message_id, outcome.reply.citations) == ("m1", ({"url": "u"},))
    stream = 'event: assistant_error\ndata: {"status":"error","msg":"No such assistant"}\n\nevent: done\ndata: \n\n'
    failed = await read(stream)
    assert (failed.kind, failed.text) == ("upstream", "")


@pytest.mark.asyncio
async def test_s17_done_after_an_error_does_not_undo_it() -> None:
    outcome = await read_aipkit('event: error\nid: err-1\ndata: {"error":"Access disabled for guests."}\n\n' + FINISHED)
    assert (outcome.kind, outcome.text) == ("refused", "")


@pytest.mark.asyncio
async def test_s18_text_that_comes_with_the_end_is_text() -> None:
    assert (await read_aipkit('data: {"delta":"Hel"}\n\ndata: {"delta":"lo","finished":true}\n\n')).text == "Hello"
    assert (await read(delta("Hel") + delta("lo", finish_reason="stop") + DONE)).text == "Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize("words", ["Message not found in cache.", "Cached message has expired."])
async def test_s20_a_lost_key_makes_both_calls_again(words: str) -> None:
    lost = f'event: error\nid: err-1\ndata: {{"error":"{words}"}}\n\n{FINISHED}'
    outcome = await read_aipkit(lost, 'data: {"delta":"Hello"}\n\n' + FINISHED)
    assert (outcome.text, outcome.counts) == ("Hello", (3, 2))
    assert (await read_aipkit(lost, lost)).kind == "upstream"


@pytest.mark.asyncio
async def test_s21_a_stream_that_broke_off_is_not_resumed() -> None:
    outcome = await read_aipkit('id: err-1\ndata: {"delta":"Hel"}\n\n')
    assert (outcome.kind, outcome.text, outcome.counts) == ("interrupted", "Hel", (2, 1))
    assert all(request.header("Last-Event-ID") is None for request in outcome.requests)


@pytest.mark.asyncio
async def test_s22_a_stream_without_an_end_of_line_is_left() -> None:
    endless: Answer = [stream_head(), *[chunk("data: " + "x" * 65536)] * 40, HANG]
    outcome = await ask_site(endless, limits=Limits(event=1 << 20))
    assert (outcome.kind, outcome.text) == ("too_large", "")
