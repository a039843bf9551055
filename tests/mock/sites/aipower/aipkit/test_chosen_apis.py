"""APIs that a site of AIPKit can choose, what they lack, and settings of a model that its provider has no use for."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.aipkit_guest import Event, guest, named
from tests.support.chat_site import ChatSite
from tests.support.many_cases import for_each

from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.wordpress.release_number import order

CHAT = {"api": "chat-completions"}
DONE: Event = ("done", {"finished": True})


def events(plugin: str, provider: str, **model: Any) -> list[Event]:
    """Ask a bot of that provider and return the events without the first, which opens the answer."""
    bot = {"provider": provider, "conversation_state": True}
    return guest(plugin, bots=[bot], model={"reply": ["Hel", "lo"], **model}).ask()[1:]


def deltas(*texts: str) -> list[Event]:
    return [("", {"delta": text}) for text in texts]


@pytest.mark.parametrize(("plugin", "streams_statuses"), [("2.4.67", True), ("2.4.68", False), ("2.4.97", False)])
def test_openai_can_be_asked_through_chat_completions_since_2_4_68(plugin: str, streams_statuses: bool) -> None:
    found = events(plugin, "OpenAI", **CHAT)
    assert bool(named(found, "status")) is streams_statuses
    assert bool(named(found, "openai_response_id")) is streams_statuses
    assert named(found, "") == [data for _, data in deltas("Hel", "lo")]


def test_through_chat_completions_an_answer_without_text_is_an_error() -> None:
    words = "Connection error: no data received from AI."
    assert events("2.4.97", "OpenAI", empty=True, **CHAT) == [("error", {"error": words})]
    assert events("2.4.97", "OpenAI", empty=True)[-1] == DONE


@pytest.mark.parametrize(("model", "turns"), [({}, 2), (CHAT, 4)])
def test_chat_completions_keep_no_conversation(model: dict[str, Any], turns: int) -> None:
    site = guest("2.4.97", bots=[{"conversation_state": True}], model=model)
    site.ask()
    (call,) = site.stream(previous_openai_response_id="resp_1").upstream
    assert len(call) == turns


@pytest.mark.parametrize(("model", "flagged"), [({}, True), (CHAT, False)])
def test_chat_completions_have_no_moderation(model: dict[str, Any], flagged: bool) -> None:
    reply = guest("2.4.97", moderation={"words": ["Hello"]}, model=model).stream()
    assert (b"flagged by the moderation system" in reply.response.body) is flagged
    assert (reply.upstream == ((),)) is flagged


def test_a_message_of_blanks_is_not_shown_to_words_or_moderation() -> None:
    site = guest("2.4.97", banned={"words": [" "]}, moderation={"words": [" "]})
    reply = site.stream("  \n ")
    assert b"event: error" not in reply.response.body
    assert len(reply.upstream) == 1


@pytest.mark.parametrize(
    ("plugin", "pieces", "expected"),
    [
        ("2.3.70", ["1", "0"], deltas("", "1", "0")),
        ("2.3.92", ["1", "0"], deltas("1", "0")),
        ("2.3.93", ["1", "0"], deltas("1")),
        ("2.4.97", ["0", "00", " 0", "0"], deltas("00", " 0")),
    ],
)
def test_openrouter_drops_a_read_of_0_in_chat_completions(
    plugin: str, pieces: list[str], expected: list[Event]
) -> None:
    assert events(plugin, "OpenRouter", reply=pieces, **CHAT) == [*expected, DONE]


def test_a_0_is_dropped_alone_and_not_in_a_read_with_more() -> None:
    assert events("2.4.97", "OpenRouter", reply=["1", "0"], burst=True, **CHAT) == [*deltas("10"), DONE]
    only = events("2.4.97", "OpenRouter", reply=["0"], **CHAT)
    assert only == [("error", {"error": "Connection error: no data received from AI."})]


@pytest.mark.parametrize("provider", ["OpenRouter", "OpenAI", "xAI", "DeepSeek", "Claude"])
def test_others_pass_a_0_on(provider: str) -> None:
    texts = [data["delta"] for data in named(events("2.4.97", provider, reply=["1", "0"]), "")]
    assert "".join(texts) == "10"


def test_openrouter_words_errors_in_its_own_way_in_either_api() -> None:
    failed = {"error_midway": {"after": 0, "code": "busy", "message": "Too busy."}}
    words = "Too busy. (Code: busy; Type: server_error)"
    assert events("2.4.97", "OpenRouter", **failed, **CHAT)[-1] == ("error", {"error": words})


@pytest.mark.parametrize(
    ("plugin", "error", "expected"),
    [
        ("2.3.93", "max_uses_exceeded", "Claude web search failed: max_uses_exceeded."),
        ("2.4.97", "unavailable", "Claude web search failed: unavailable."),
        ("2.3.92", "unavailable", None),
    ],
)
def test_a_failed_search_of_claude_is_an_error(plugin: str, error: str, expected: str | None) -> None:
    found = events(plugin, "Claude", web_search_error=error)
    assert [data["error"] for data in named(found, "error")] == ([expected] if expected else [])
    assert (found[-1] == DONE) is (expected is None)
    assert bool(named(found, "")) is (expected is None)


def test_a_failed_search_of_claude_is_an_error_of_a_whole_answer_as_well() -> None:
    site = guest("2.3.94", bots=[{"provider": "Claude"}], model={"web_search_error": "unavailable"})
    reply = site.post("aipkit_frontend_chat_message", message="Hi")
    assert reply.response.status == 400
    assert b"Claude web search failed: unavailable." in reply.response.body


def test_a_search_of_claude_is_reported_in_statuses() -> None:
    found = events("2.4.97", "Claude", web_search=True)
    blocks = [status for status in named(found, "status") if status["type"] == "content_block_start"]
    assert blocks == [
        {"type": "content_block_start", "index": 0, "content_block_type": "server_tool_use", "name": "web_search"},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block_type": "web_search_tool_result",
            "tool_use_id": "srvtoolu_fake0001",
        },
    ]
    assert found[-1] == DONE
    assert named(found, "") == [data for _, data in deltas("Hel", "lo")]


FULL: dict[str, Any] = {"message": "No.", "code": "c", "param": "model", "inner_code": "i"}


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("OpenAI", "No. (Code: c)"),
        ("Azure", "No. (Code: c) InnerCode: i"),
        ("DeepSeek", "No. (Code: c) Type: server_error"),
        ("xAI", "No. (Code: c, Type: server_error, Param: model)"),
        ("OpenRouter", "No. (Code: c; Type: server_error)"),
        ("Claude", "No. Type: server_error"),
        ("Google", "No."),
    ],
)
def test_an_http_error_ends_with_what_the_provider_sends(provider: str, words: str) -> None:
    assert events("2.4.97", provider, http_error=FULL) == [("error", {"error": f"API Error: {words}"})]


@pytest.mark.parametrize("provider", ["OpenAI", "Azure"])
@pytest.mark.parametrize("error", ["http_error", "error_midway"])
def test_details_of_the_cloud_change_nothing_of_others(provider: str, error: str) -> None:
    known = {**FULL, "cloud": {"status": 402, "credits_refresh": "1 March"}}
    assert events("2.4.97", provider, **{error: known}) == events("2.4.97", provider, **{error: FULL})
    assert ask_wpaicg(provider, {error: known}) == ask_wpaicg(provider, {error: FULL})


def ask_wpaicg(provider: str, model: dict[str, Any]) -> bytes:
    return ChatSite("1.9.18", bots=[{"provider": provider}], model=model).post().response.body


@pytest.mark.parametrize(
    ("provider", "milliseconds"), [("OpenAI", 120_001), ("Claude", 120_001), ("AIPufferCloud", 290_001)]
)
def test_a_silent_model_is_given_up_after_some_time(provider: str, milliseconds: int) -> None:
    reply = guest("2.4.97", bots=[{"provider": provider}], model={"refused": "timeout", "first_ms": 0}).stream()
    words = f"Connection Error: Operation timed out after {milliseconds} milliseconds with 0 bytes received"
    assert words.encode() in reply.response.body
    assert reply.response.chunks[-1][0] == milliseconds


def test_a_connection_that_nobody_accepts_is_given_up_after_15_seconds() -> None:
    reply = guest("2.4.97", model={"refused": "connect-timeout", "first_ms": 0}).stream()
    assert b"Connection Error: Connection timed out after 15001 milliseconds" in reply.response.body
    assert reply.response.chunks[-1][0] == 15_001


@for_each(
    ("plugin", "settings", "warning"),
    [
        ("2.4.67", {"model": CHAT}, "`model.api` has no effect on 2.4.67: OpenAI can only be asked through responses"),
        ("2.4.68", {"model": CHAT}, None),
        ("2.4.97", {"bots": [{"provider": "Azure"}], "model": CHAT}, None),
        (
            "2.4.97",
            {"bots": [{"provider": "Claude", "model": CHAT}]},
            "`bots[0].model.api` has no effect on 2.4.97: Claude can only be asked through claude",
        ),
        ("2.4.97", {"bots": [{"provider": "Claude"}, {}], "model": CHAT}, None),
        (
            "2.4.97",
            {"bots": [{"provider": "Azure"}], "model": {"web_search": True}},
            "`model.web_search` has no effect on 2.4.97: Azure cannot search the web",
        ),
        (
            "2.4.97",
            {"model": {"web_search": True, **CHAT}},
            "`model.web_search` has no effect on 2.4.97: OpenAI cannot search the web",
        ),
        ("2.4.97", {"model": {"web_search": True}}, None),
        (
            "2.3.92",
            {"bots": [{"provider": "Claude"}], "model": {"web_search_error": "x"}},
            "`model.web_search_error` has no effect on 2.3.92: failed searches are reported for Claude since 2.3.93",
        ),
        (
            "1.8.93",
            {"model": {"web_search_error": "x"}},
            "`model.web_search_error` has no effect on 1.8.93: it applies",
        ),
        ("1.8.93", {"model": CHAT}, None),
        (
            "2.4.97",
            {"model": {"error_midway": {"cloud": {}}}},
            "`model.error_midway.cloud` has no effect on 2.4.97: only AIPufferCloud reports it",
        ),
        ("1.8.93", {"model": {"http_error": {"cloud": {}}}}, "`model.http_error.cloud` has no effect on 1.8.93: it"),
        (
            "2.4.97",
            {"moderation": {}, "model": CHAT},
            "`moderation` has no effect on 2.4.97: no bot is asked through OpenAI's Responses API",
        ),
        ("2.4.97", {"moderation": {}, "bots": [{"provider": "Azure"}]}, "`moderation` has no effect on 2.4.97: no bot"),
        ("2.4.97", {"moderation": {}, "bots": [{"provider": "Azure"}, {}]}, None),
        ("2.4.67", {"moderation": {}, "bots": [{}]}, None),
    ],
)
def test_a_setting_of_a_model_that_cannot_act_is_a_warning(
    plugin: str, settings: dict[str, Any], warning: str | None
) -> None:
    warnings = guest(plugin, None, **settings).site.warnings()
    if warning is None:
        assert warnings == ()
    else:
        assert len(warnings) == 1
        assert warnings[0].startswith(warning)


@for_each("name", [name for name in built_in().names if order(name) >= order("2.3")])
def test_an_api_is_chosen_or_has_a_warning_on_every_release(name: str) -> None:
    for provider in built_in().find(name).providers:
        site = guest(name, None, bots=[{"provider": provider}], model={"reply": ["Hi"], **CHAT})
        (asked_as,) = {bool(site.site.warnings())}
        chat = built_in().find(name).providers[provider]
        assert asked_as is (chat.api != "chat-completions" and "chat-completions" not in chat.other_apis)
