"""Providers, failures of the model's API, assistants, limits and logs: what WPAICG answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.support.chat_site import ChatSite, json_of, kind, text_of
from tests.support.many_cases import for_each

ERROR = {"http_error": {"status": 429, "message": 'Slow "down"', "code": None}}
TAIL = '{"status":"success","msg":"Something went wrong"'


def buffered(plugin: str = "1.9.18", *, bot: dict[str, Any] | None = None, **settings: Any) -> ChatSite:
    return ChatSite(plugin, bots=[{"stream": False, **(bot or {})}], **settings)


@pytest.mark.parametrize(
    ("model", "status", "message", "data"),
    [
        pytest.param({}, "success", "Something went wrong", "Hello there! How can I help you today?", id="an answer"),
        pytest.param({"empty": True}, "success", "Something went wrong", "", id="an empty answer"),
        pytest.param({"garbage": True}, "success", "Something went wrong", "", id="garbage"),
        pytest.param({"html_error": 502}, "success", "Something went wrong", "", id="an HTML page"),
        pytest.param(ERROR, "error", "Slow &quot;down&quot;", None, id="an error, escaped"),
        pytest.param(
            {"http_error": {"status": 401, "message": "", "code": "invalid_api_key"}},
            "error",
            "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
            None,
            id="an error without words",
        ),
        pytest.param({"refused": True}, "error", "cURL error 52: Empty reply from server", None, id="no answer"),
        pytest.param(
            {"refused": "timeout"},
            "error",
            "cURL error 28: Operation timed out after 200001 milliseconds with 0 bytes received",
            None,
            id="silence",
        ),
        pytest.param(
            {"api": "completions", "reply": "Hi"}, "success", "Something went wrong", "Hi", id="a legacy model"
        ),
    ],
)
def test_an_answer_in_one_piece(model: dict[str, Any], status: str, message: str, data: str | None) -> None:
    found = json_of(buffered(model=model).post())
    assert (found["status"], found["msg"], found.get("data"), found["log"]) == (status, message, data, False)
    assert list(found) == [key for key in ("status", "msg", "greeting_message", "data", "log") if key in found]
    assert ("data" in found) is (status == "success")


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        pytest.param({"model": {"reply": "Hi"}}, "Hi", id="an answer"),
        pytest.param({"model": ERROR}, 'Response from Google: Slow "down"', id="an error looks like an answer"),
        pytest.param({"api_key": False}, "", id="no key is no error"),
    ],
)
def test_google_never_streams(settings: dict[str, Any], data: str) -> None:
    reply = ChatSite("1.9.18", bots=[{"provider": "Google", "stream": True}], **settings).post()
    assert kind(reply) == "application/json; charset=UTF-8"
    assert (json_of(reply)["status"], json_of(reply)["data"]) == ("success", data)


def test_azure_streams_its_verdicts_first() -> None:
    body = text_of(ChatSite("1.9.18", bots=[{"provider": "Azure"}]).post())
    assert '"choices":[]' in body.split("\n\n")[0]
    assert "prompt_filter_results" in body.split("\n\n")[0]


def test_other_providers_are_taken_for_openai() -> None:
    assert text_of(ChatSite(bots=[{"provider": "Claude"}]).post()) == text_of(
        ChatSite(bots=[{"provider": "OpenAI"}]).post()
    )


@for_each("release", ["1.8.79", "1.8.84", "1.8.85", "1.9.18"])
@for_each(
    "model",
    [
        pytest.param({}, id="a whole answer"),
        pytest.param(ERROR, id="error words"),
        pytest.param({"dies_after": 2, "half_event": True}, id="half an event"),
        pytest.param({"html_error": 502}, id="an HTML page"),
        pytest.param({"refused": True}, id="nothing"),
        pytest.param({"error_midway": {"after": 1, "plain_json": True}}, id="an error in the middle, twice"),
    ],
)
def test_the_json_at_the_end_of_streams_was_removed_in_1_8_85(release: str, model: dict[str, Any]) -> None:
    reply = ChatSite(release, model=model).post()
    has_tail = release in ("1.8.79", "1.8.84")
    assert (TAIL in text_of(reply)) is has_tail
    bare = has_tail and not text_of(reply).partition(TAIL)[0]
    assert kind(reply) == ("application/json; charset=UTF-8" if bare else "text/event-stream;charset=UTF-8")
    assert reply.response.header("Cache-Control") == "no-cache"


def test_an_error_is_sent_word_by_word_and_twice() -> None:
    reply = ChatSite("1.9.18", model=ERROR).post()
    once = (
        'event: message\ndata: {"choices":[{"delta":{"content":"Slow"}}]}\n\n'
        'event: message\ndata: {"choices":[{"delta":{"content":" "down""}}]}\n\n'
        'data: {"choices":[{"finish_reason":"stop"}]}\n\n'
    )
    assert text_of(reply) == once * 2
    assert len(reply.upstream) == 2


def test_the_second_telling_comes_after_the_second_call() -> None:
    model = {**ERROR, "first_ms": 70}
    assert sorted({ms for ms, _ in ChatSite("1.9.18", model=model).post().response.chunks}) == [70, 140]


def test_each_word_of_an_error_leaves_in_two_writes() -> None:
    model = {"http_error": {"status": 429, "message": "Slow down"}}
    response = ChatSite("1.8.93", model=model).post().response
    writes, place = [], 0
    for _, size in response.chunks:
        writes.append(response.body[place : place + size])
        place += size
    once = [
        b"event: message\n",
        b'data: {"choices":[{"delta":{"content":"Slow"}}]}\n\n',
        b"event: message\n",
        b'data: {"choices":[{"delta":{"content":" down"}}]}\n\n',
        b'data: {"choices":[{"finish_reason":"stop"}]}\n\n',
    ]
    assert writes == once * 2


def test_what_looks_like_a_tag_is_gone_from_the_words_of_an_error() -> None:
    model = {"http_error": {"status": 429, "message": "Wait & see <soon> 3 < 4."}}
    body = text_of(ChatSite("1.8.93", model=model).post())
    assert re.findall(r'"content":"([^"]*)"', body)[:7] == ["Wait", " &", " see", " ", " 3", " <", " 4."]


def test_errors_of_curl_are_escaped_where_the_answer_comes_in_one_piece() -> None:
    reply = ChatSite("1.8.93", bots=[{"stream": False}], model={"refused": "no-connection"}).post()
    assert json_of(reply)["msg"].endswith("after 2 ms: Couldn&#039;t connect to server")


def test_an_error_in_several_reads_is_passed_on_and_then_sent_once() -> None:
    reply = ChatSite("1.9.18", model={**ERROR, "read_bytes": 40}).post()
    raw, _, message = text_of(reply).partition("event: message\n")
    assert '"message": "Slow \\"down\\""' in raw
    assert message == (
        'data: {"choices":[{"delta":{"content":"Slow "down""}}]}\n\ndata: {"choices":[{"finish_reason":"stop"}]}\n\n'
    )
    assert len(reply.upstream) == 1


def test_openrouter_hides_its_errors_since_1_8_88() -> None:
    router = {"bots": [{"provider": "OpenRouter"}], "model": ERROR}
    assert text_of(ChatSite("1.8.87", **router).post()).count("finish_reason") == 2
    reply = ChatSite("1.8.88", **router).post()
    assert (text_of(reply), kind(reply)) == ("", "text/event-stream;charset=UTF-8")


def test_a_read_that_cuts_a_line_of_openrouters_loses_the_rest() -> None:
    settings = {
        "bots": [{"provider": "OpenRouter"}],
        "model": {"reply": ["a" * 300, "b"], "burst": True, "read_bytes": 500},
    }
    body = text_of(ChatSite("1.9.18", **settings).post())
    lines = [line for line in body.split("\n\n") if line]
    assert all(line.startswith("data:") for line in lines)
    assert sum(not line.endswith(("}", "[DONE]")) for line in lines) >= 1


@pytest.mark.parametrize("release", ["1.8.94", "1.8.95"])
def test_assistants_speak_in_named_events_since_1_8_95(release: str) -> None:
    reply = ChatSite(release, model={"api": "assistant", "reply": ["Hel", "lo"]}).post()
    has_assistants = release == "1.8.95"
    assert text_of(reply).startswith("event: thread_id\ndata: thread_") is has_assistants
    if has_assistants:
        names = [line for line in text_of(reply).splitlines() if line.startswith("event: ")]
        assert names == ["event: thread_id", *["event: thread.message.delta"] * 2, "event: done"]


def test_a_known_thread_is_not_announced_again() -> None:
    reply = ChatSite("1.9.18", model={"api": "assistant"}).post(thread_id="thread_mine")
    assert "thread_id" not in text_of(reply).split("\n")[0]
    found = json_of(buffered(model={"api": "assistant", "reply": "Hi"}).post(thread_id="thread_mine"))
    assert (found["data"], found["thread_id"]) == ("Hi", "thread_mine")


def test_a_failing_assistant_sends_an_event() -> None:
    reply = ChatSite("1.9.18", model={"api": "assistant", **ERROR}).post()
    error = '{"status":"error","msg":"Slow \\"down\\""}'
    assert text_of(reply) == f"event: assistant_error\ndata: {error}\n\nevent: done\ndata: \n\n"
    assert json_of(buffered(model={"api": "assistant", **ERROR}).post())["status"] == "error"


def test_a_run_that_fails_is_swallowed() -> None:
    reply = ChatSite("1.9.18", model={"api": "assistant", "error_midway": {"after": 0}}).post()
    assert "thread.message.delta" not in text_of(reply)


@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "buffered"])
def test_moderation_flags_a_message(streams: bool) -> None:
    chat = ChatSite("1.9.18", bots=[{"stream": streams}], moderation={"words": ["harm"], "message": "No."})
    reply = chat.post(message="do harm")
    assert text_of(reply) == ('data: {"msg":"No.","modflag":true}\n\n' if streams else '{"status":"error","msg":"No."}')
    assert not reply.upstream
    assert chat.post(message="do good").upstream


@pytest.mark.parametrize(
    ("release", "embeddings", "streams", "body"),
    [
        ("1.9.18", {"error": "a<b"}, True, 'data: {"msg":"a&lt;b","pineconeError":true}\n\n'),
        ("1.9.14", {"error": "a<b"}, True, 'data: {"msg":"a<b","pineconeError":true}\n\n'),
        ("1.9.18", {"error": "x", "http": False}, True, '{"status":"error","msg":"x"}'),
        ("1.9.18", {"error": "x"}, False, '{"status":"error","msg":"x"}'),
        ("1.9.18", {"only": "found"}, True, '{"status":"success","msg":"found","data":"found"}'),
    ],
    ids=["escaped", "not escaped", "before the call", "buffered", "the database alone"],
)
def test_a_vector_database(release: str, embeddings: dict[str, Any], streams: bool, body: str) -> None:
    reply = ChatSite(release, bots=[{"stream": streams}], embeddings=embeddings).post()
    assert text_of(reply) == body


@pytest.mark.parametrize("release", ["1.8.84", "1.8.85", "1.8.86", "1.9.18"])
def test_a_limit_never_bites_a_stream_of_1_8_85(release: str) -> None:
    chat = ChatSite(release, limit={"tokens": 5, "message": "Enough."})
    assert "Enough." not in text_of(chat.post(wpaicg_chat_client_id="me"))
    limited = text_of(chat.post(wpaicg_chat_client_id="me"))
    assert (limited == 'data: {"msg":"Enough.","tokenLimitReached":true}\n\n') is (release != "1.8.85")
    assert "Enough." not in text_of(chat.post(wpaicg_chat_client_id="you"))
    assert "Enough." not in text_of(chat.post()), "who has no id is never limited"


def test_a_limit_in_one_piece_has_no_status() -> None:
    chat = buffered(limit={"tokens": 5})
    chat.post(wpaicg_chat_client_id="me")
    assert (
        text_of(chat.post(wpaicg_chat_client_id="me"))
        == '{"msg":"You have reached your token limit.","tokenLimitReached":true}'
    )


@pytest.mark.parametrize(("tokens", "limited"), [(20, True), (21, False)])
def test_a_limit_is_reached_when_more_than_that_was_used(tokens: int, limited: bool) -> None:
    chat = buffered(limit={"tokens": tokens}, model={"reply": "four"})
    chat.post(wpaicg_chat_client_id="me")
    assert ("tokenLimitReached" in json_of(chat.post(wpaicg_chat_client_id="me"))) is limited


def test_bots_and_elements_are_counted_apart() -> None:
    chat = ChatSite("1.9.18", bots=[{"stream": False}, {"id": 5, "stream": False}], limit={"tokens": 5})
    chat.post(wpaicg_chat_client_id="me")
    assert "data" in json_of(chat.post(wpaicg_chat_client_id="me", bot_id="5"))
    assert "data" in json_of(chat.post(wpaicg_chat_client_id="me", action="wpaicg_chatbox_message"))
    assert "tokenLimitReached" in json_of(chat.post(wpaicg_chat_client_id="me"))


def test_the_log_distinguishes_new_conversations_from_known_ones() -> None:
    chat = ChatSite("1.9.18", bots=[{"id": 5, "stream": False}, {"id": 6, "stream": False, "logs": False}])
    rows = [json_of(chat.post(bot_id="5", wpaicg_chat_client_id=name))["log"] for name in ("a", "a", "b", "b", "a")]
    assert rows == [1, "1", 2, "2", "1"]
    assert json_of(chat.post(bot_id="6"))["log"] is False


def test_the_bot_decides_whether_it_streams() -> None:
    bots = [{"stream": False}, {"id": 5, "stream": True}, {"id": 7, "stream": True, "published": False}]
    chat = ChatSite("1.9.18", bots=bots)
    assert kind(chat.post(bot_id="5")).startswith("text/event-stream")
    for other in ("0", "7", "99", "NaN", None):
        assert kind(chat.post(("Accept", "text/event-stream"), bot_id=other)).startswith("application/json")


@pytest.mark.parametrize("page", ["6", "261"])
def test_a_page_asked_for_as_a_bot_answers_in_one_piece(page: str) -> None:
    reply = ChatSite("1.8.93", bots=[{"stream": True}], front_page_id=6).post(bot_id=page)
    assert (json_of(reply)["status"], json_of(reply)["log"]) == ("success", False)


def test_shortcode_and_widget_have_settings_of_their_own() -> None:
    chat = ChatSite("1.9.18", bots=[{"place": "shortcode", "stream": False}, {"place": "widget", "stream": True}])
    assert kind(chat.post()).startswith("application/json")
    assert kind(chat.post(action="wpaicg_chatbox_message")).startswith("text/event-stream")


def test_a_prompt_of_its_own_is_leaked() -> None:
    chat = buffered(bot={"system_prompt": "You are a pirate."})
    assert json_of(chat.post())["greeting_message"] == "You are a pirate."


@pytest.mark.parametrize(("release", "known"), [("1.8.86", False), ("1.8.87", True)])
def test_leads_are_taken_since_1_8_87(release: str, known: bool) -> None:
    reply = ChatSite(release).post(action="wpaicg_submit_lead", chatId="7", lead_name="Me")
    assert (reply.response.status, text_of(reply) == "0") == ((200, False) if known else (400, True))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"action": "wpaicg_submit_feedback"}, "Invalid input.", id="feedback of nothing"),
        pytest.param(
            {"action": "wpaicg_submit_feedback", "chatId": "7", "feedbackType": "up"},
            "Chat log entry not found.",
            id="feedback on an answer that nobody wrote down",
        ),
        pytest.param(
            {"action": "wpaicg_submit_feedback", "chatId": "42", "feedbackType": "up"},
            "Feedback submitted successfully.",
            id="feedback",
        ),
        pytest.param({"action": "wpaicg_submit_lead", "chatId": "42"}, "No lead data provided.", id="nobody"),
        pytest.param({"action": "wpaicg_submit_lead", "lead_name": "Me"}, "Chat ID is missing.", id="nowhere"),
        pytest.param(
            {"action": "wpaicg_submit_lead", "lead_email": "a@b.c", "chatId": "wpaicg-chat-message-42"},
            "Lead data submitted successfully.",
            id="a lead",
        ),
    ],
)
def test_feedback_and_leads_belong_to_an_answer_in_the_log(fields: dict[str, str], expected: str) -> None:
    chat = ChatSite("1.9.18", bots=[{"id": 5, "stream": True}])
    chat.post(bot_id="5", chat_id="chat-42")
    assert json_of(chat.post(**fields)) == {"success": expected.endswith("successfully."), "data": expected}


@pytest.mark.parametrize("action", ["wpaicg_submit_feedback", "wpaicg_submit_lead"])
def test_forms_refuse_a_nonce_as_their_release_does(action: str) -> None:
    old = ChatSite("1.8.90").post(action=action, _wpnonce="x")
    assert (old.response.status, json_of(old)) == (200, {"msg": "Nonce verification failed"})
    new = ChatSite("1.8.91").post(action=action, _wpnonce="x")
    assert (new.response.status, text_of(new)) == (403, "The link you followed has expired.")


@pytest.mark.parametrize("action", ["wpaicg_google_speech", "wpaicg_text_to_speech", "wpaicg_search_data"])
def test_speech_and_search_check_the_chats_nonce(action: str) -> None:
    chat = ChatSite("1.9.18")
    good = chat.post(action=action, nonce=chat.site.nonce())
    refused = chat.post(action=action, nonce="x", _wpnonce="x")
    assert json_of(good) == {"status": "error", "msg": "Something went wrong"}
    assert json_of(refused) == {"status": "error", "msg": "Nonce verification failed"}


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ({}, "the model's API: HTTP 200"),
        (ERROR, "the model's API: HTTP 429"),
        ({"refused": True}, "the model's API: cURL error 52: Empty reply from server"),
        (
            {"dies_after": 1},
            "the model's API: HTTP 200, then cURL error 18: transfer closed with outstanding read data remaining",
        ),
    ],
    ids=["an answer", "an error", "none", "half an answer"],
)
def test_the_reasons_name_the_behaviour_of_the_api(model: dict[str, Any], why: str) -> None:
    assert why in ChatSite("1.9.18", model=model).post().why
