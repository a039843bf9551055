"""The rows J of the catalogue of edge cases: the shapes that answers have had."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.asking import Outcome, ask_site
from tests.support.raw_site import (
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
    stream_head,
)


async def read(*events: str | dict[str, Any]) -> Outcome:
    """Ask a site of WPAICG that streams *events*; an object is made one."""
    body = "".join(event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n" for event in events)
    return await ask_site(stream_head() + chunk(body) + LAST_CHUNK)


@pytest.mark.asyncio
async def test_j01_a_page_with_200_is_not_an_answer() -> None:
    outcome = await ask_site(response(document("<h1>Welcome</h1>", title="Our site")))
    assert (outcome.kind, outcome.text) == ("protocol", "")
    assert outcome.error is not None
    assert "Welcome" in outcome.error.excerpt


@pytest.mark.asyncio
async def test_j03_notices_before_the_json_are_reported() -> None:
    notice = b"<br />\n<b>Notice</b>: Undefined index: {x} in [y] on line <b>1</b><br />\n"
    outcome = await ask_site(response(notice + buffered("Hello").partition(b"\r\n\r\n")[2]))
    assert (outcome.kind, outcome.text) == ("right", "Hello")
    assert outcome.warnings


QUERY = """<p class="wpdberror">Error: <code>INSERT INTO log VALUES ('{"id":7,"who":{"text":"x"}}')</code></p>"""


@pytest.mark.asyncio
async def test_j03_an_object_within_a_notice_is_not_the_one() -> None:
    outcome = await ask_site(response(QUERY.encode() + buffered("Hello").partition(b"\r\n\r\n")[2]))
    assert (outcome.kind, outcome.text, outcome.warnings) == ("right", "Hello", {"junk"})


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "half",
    [
        '{"success":true,"data":{"reply":"Hel","citations":[{"text":"cited"}',
        '{"error":{"message":"Overloaded","code":529}',
    ],
    ids=["an answer", "an error"],
)
async def test_j03_no_part_of_a_cut_object_is_the_one(half: str) -> None:
    outcome = await ask_site(response("<b>Notice</b>: x in y on line 1<br />\n" + half))
    assert (outcome.kind, outcome.text) == ("protocol", "")


@pytest.mark.asyncio
async def test_j03_an_object_within_a_notice_hides_no_refusal_and_no_key() -> None:
    """So the nonce is renewed, the key is found, and the message sent again."""
    refusal = '{"success":false,"data":{"message":"x","code":"nonce_failure_cache_sse"}}'
    cached = '{"success":true,"data":{"cache_key":"aipkit_sse_1"}}'
    outcome = await ask_site(
        response(QUERY + refusal, status="403 Forbidden"),
        response('{"success":true,"data":{"nonce":"fedcba9876"}}'),
        response(QUERY + cached),
        aipkit_events("Hello"),
        pages=[aipkit_page()],
    )
    assert (outcome.kind, outcome.text) == ("right", "Hello")


@pytest.mark.asyncio
async def test_j05_empty_choices_are_passed_over() -> None:
    filtered = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
    outcome = await read(filtered, delta("Hello"), STOP, {"choices": [], "usage": {"total_tokens": 9}}, DONE)
    assert (outcome.kind, outcome.text, outcome.warnings) == ("right", "Hello", set())


@pytest.mark.asyncio
async def test_j06_a_last_chunk_without_a_delta_is_an_end() -> None:
    outcome = await read(delta("Hello"), {"choices": [{"finish_reason": "stop"}]}, DONE)
    assert (outcome.kind, outcome.text) == ("right", "Hello")


@pytest.mark.asyncio
@pytest.mark.parametrize("odd", [{"choices": [{"delta": None}]}, {"choices": None}, {"id": "x"}])
async def test_j07_nothing_where_something_should_be_is_passed_over(odd: dict[str, Any]) -> None:
    assert (await read(delta("Hel"), odd, delta("lo"), STOP, DONE)).text == "Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "choice",
    [{"text": "Hello"}, {"message": {"content": "Hello"}}, {"delta": {"content": [{"type": "text", "text": "Hello"}]}}],
)
async def test_j10_text_has_more_than_one_place(choice: dict[str, Any]) -> None:
    assert (await read({"choices": [choice]}, STOP, DONE)).text == "Hello"


@pytest.mark.asyncio
@pytest.mark.parametrize("error", [{"message": "Overloaded", "code": "server_error"}, "Overloaded"])
async def test_j11_an_error_in_the_stream_comes_after_the_text_before_it(error: object) -> None:
    outcome = await read(delta("Hel"), {"error": error})
    assert (outcome.kind, outcome.text) == ("upstream", "Hel")
    assert "Overloaded" in str(outcome.error)


def word(text: str) -> str:
    """Return a word of an error as 1.x pastes it, unescaped."""
    return f'event: message\ndata: {{"choices":[{{"delta":{{"content":"{text}"}}}}]}}\n\n'


WORD_END = 'data: {"choices":[{"finish_reason":"stop"}]}\n\n'


@pytest.mark.asyncio
async def test_j12_no_word_of_an_error_is_missing() -> None:
    words = word("Rate") + word(" limit") + word(' reached for "gpt-4o".') + WORD_END
    for body in (words, words + words):
        outcome = await read(body)
        assert (outcome.kind, outcome.text) == ("upstream", "")
        assert str(outcome.error).count("Rate limit") == 1
        assert "gpt-4o" in str(outcome.error)


@pytest.mark.asyncio
async def test_j13_an_error_in_ordinary_deltas_is_recognised_by_its_framing() -> None:
    outcome = await read(delta("Hel"), word("Overloaded") + word(" now") + WORD_END)
    assert (outcome.kind, outcome.text) == ("upstream", "Hel")
    assert "Overloaded now" in str(outcome.error)


@pytest.mark.asyncio
async def test_j14_a_broken_line_in_the_middle_is_not_passed_over_in_silence() -> None:
    outcome = await read(delta("Hel"), 'data: {"choices":[{"delta":{"conte\n\n', delta("lo"), STOP, DONE)
    assert outcome.text.startswith("Hel")
    assert outcome.kind != "right" or outcome.warnings


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"reply": "Hello"}, "Hello"),
        ({"response": "Hello"}, "Hello"),
        ({"message": "Hello"}, "Hello"),
        (None, None),
        ("", None),
    ],
    ids=["reply", "response", "message", "null", "empty"],
)
async def test_j17_data_is_not_always_a_string(data: object, text: str | None) -> None:
    outcome = await ask_site(as_json({"status": "success", "msg": "Something went wrong", "data": data, "log": False}))
    if text is None:
        assert outcome.kind in ("protocol", "upstream")
    else:
        assert (outcome.kind, outcome.text) == ("right", text)


@pytest.mark.asyncio
async def test_j21_the_finish_reason_is_reported() -> None:
    cut = await read(delta("Hello"), {"choices": [{"delta": {}, "finish_reason": "length"}]}, DONE)
    assert cut.reply is not None
    assert (cut.reply.text, cut.reply.finish) == ("Hello", "length")
    filtered = await read({"choices": [{"delta": {}, "finish_reason": "content_filter"}]}, DONE)
    assert (filtered.text, filtered.kind == "right") == ("", False)


@pytest.mark.asyncio
async def test_j22_an_event_of_type_error_is_an_error() -> None:
    outcome = await read(delta("Hel"), {"type": "error", "message": "Try again later"})
    assert (outcome.kind != "right", outcome.text) == (True, "Hel")


@pytest.mark.asyncio
async def test_j23_j24_an_end_without_a_line_break_loses_nothing() -> None:
    outcome = await ask_site(stream_head() + chunk(delta("Hel") + delta("lo") + STOP + "data: [DONE]") + LAST_CHUNK)
    assert (outcome.kind, outcome.text) == ("right", "Hello")
    cut = await ask_site(stream_head() + chunk(delta("Hel") + delta("lo").rstrip("\n")) + LAST_CHUNK)
    assert cut.text.startswith("Hel")
    assert cut.kind != "right" or "lo" in cut.text


@pytest.mark.asyncio
async def test_j25_a_quota_notice_is_a_refusal_in_any_language() -> None:
    notice = {"type": "quota_notice", "message": "Ihr Kontingent ist aufgebraucht.", "actions": []}
    error = {"error": "Ihr Kontingent ist aufgebraucht.", "quota_notice": notice}
    stream = f"event: error\nid: err-1\ndata: {json.dumps(error)}\n\nevent: done\ndata: {{}}\n\n"
    outcome = await ask_site(CACHED, stream_head() + chunk(stream) + LAST_CHUNK, pages=[aipkit_page()])
    assert (outcome.kind, outcome.text) == ("refused", "")
    assert "Kontingent" in str(outcome.error)


@pytest.mark.asyncio
async def test_j27_what_grows_is_what_was_sent() -> None:
    """Doubling can't be proven, so nothing is taken away."""
    assert (await read(delta("Ha"), delta("Ha"), delta("HaHa"), STOP, DONE)).text == "HaHaHaHa"
