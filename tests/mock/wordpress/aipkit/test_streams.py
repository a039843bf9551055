"""What generation 2 makes of what the model's API streams, beyond what was recorded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.support.aipkit_guest import Event, events_of, guest, named

PIECES = ["Hel", "lo ", "👋"]
DONE: Event = ("done", {"finished": True})


def told(plugin: str = "2.4.71", provider: str = "OpenAI", **model: Any) -> list[Event]:
    """Ask and return the events without the first, which opens the answer."""
    bot = {"provider": provider, "conversation_state": True}
    events = guest(plugin, bots=[bot], model={"reply": PIECES, **model}).ask()
    assert events[0][0] == "message_start"
    return events[1:]


def deltas(*texts: str) -> list[Event]:
    return [("", {"delta": text}) for text in texts]


@pytest.mark.parametrize("provider", ["Azure", "OpenRouter", "DeepSeek", "Ollama", "xAI"])
def test_chat_completions_give_deltas_and_nothing_else(provider: str) -> None:
    assert told(provider=provider) == [*deltas(*PIECES), DONE]


def test_older_releases_begin_chat_completions_with_an_empty_delta() -> None:
    assert told("2.4.0", "OpenRouter") == [*deltas("", *PIECES), DONE]


def test_what_comes_in_one_read_is_one_delta() -> None:
    assert told(provider="Azure", burst=True) == [*deltas("Hello 👋"), DONE]
    assert told(provider="Azure", read_bytes=100_000) == [*deltas("Hello 👋"), DONE]


def test_text_survives_reads_of_any_size() -> None:
    for size in (1, 7, 100):
        events = told(provider="Azure", read_bytes=size)
        assert events == [*deltas(*PIECES), DONE]


def test_of_several_states_in_one_read_the_last_is_told_before_the_text() -> None:
    events = told(burst=True)
    assert [name for name, _ in events] == ["openai_response_id", "status", "", "done"]
    assert events[1][1]["type"] == "response.in_progress"


def test_a_web_search_is_told_step_by_step() -> None:
    kinds = [data["type"] for data in named(told(web_search=True), "status")]
    assert kinds[2:] == [f"response.web_search_call.{step}" for step in ("in_progress", "searching", "completed")]


def test_text_in_the_read_of_a_warning_is_part_of_the_warning() -> None:
    events = told(burst=True, finish="length")
    assert named(events, "warning") == [{"error": "Hello 👋 (Incomplete: max_output_tokens)"}]
    assert named(events, "") == []
    assert events[-1] == DONE


def test_a_refusal_is_a_warning() -> None:
    assert named(told(refusal="I can't."), "warning") == [{"error": " (Refusal: I can't.)"}]


def test_a_filtered_answer_is_a_warning() -> None:
    events = told(provider="Azure", finish="content_filter")
    assert events == [*deltas(*PIECES), ("warning", {"error": " (Warning: Content Filtered)"}), DONE]
    assert named(told(finish="content_filter"), "warning") == [{"error": " (Incomplete: content_filter)"}]


def test_a_failed_answer_is_told_with_a_blank_before_it() -> None:
    events = told(error_midway={"after": 1, "message": "out of luck", "response_failed": True})
    assert events[-1] == ("error", {"error": " (Error: out of luck)"})


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "Claude"])
def test_an_error_in_mid_stream_ends_without_done(provider: str) -> None:
    events = told(provider=provider, error_midway={"after": 2, "message": "out of luck"})
    assert named(events, "") == [{"delta": "Hel"}, {"delta": "lo "}]
    assert events[-1] == ("error", {"error": "out of luck"})


def test_the_code_of_an_error_is_told_where_the_plugin_reads_it() -> None:
    coded = {"message": "slow down", "code": "rate_limit"}
    for provider, words in {"Azure": "slow down (Code: rate_limit)", "Google": "slow down"}.items():
        assert told(provider=provider, error_midway={"after": 1, **coded})[-1] == ("error", {"error": words})
        refused = told(provider=provider, http_error={"status": 429, **coded})
        assert refused == [("error", {"error": f"API Error: {words}"})]


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "Claude"])
def test_a_broken_connection_is_an_error_after_the_text(provider: str) -> None:
    events = told(provider=provider, dies_after=1)
    words = "Connection Error: transfer closed with outstanding read data remaining"
    assert events[-2:] == [*deltas("Hel"), ("error", {"error": words})]


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "Claude"])
def test_a_clean_end_in_the_middle_looks_like_a_good_end(provider: str) -> None:
    assert told(provider=provider, ends_after=1)[-2:] == [*deltas("Hel"), DONE]


@pytest.mark.parametrize(
    ("plugin", "provider", "last"),
    [
        pytest.param("2.3.43", "OpenAI", "error", id="before there were states, an answer without text is an error"),
        pytest.param("2.3.69", "OpenAI", "done", id="a state counts as something sent"),
        pytest.param("2.4.71", "Azure", "error", id="chat completions have no states"),
    ],
)
def test_an_answer_without_text(plugin: str, provider: str, last: str) -> None:
    assert told(plugin, provider, empty=True)[-1][0] == last


def test_garbage_is_no_data() -> None:
    assert told(garbage=True) == [("error", {"error": "Connection error: no data received from AI."})]


def test_a_long_error_page_is_cut_at_200_bytes() -> None:
    words = told(html_error=503, read_bytes=10)[0][1]["error"]
    assert (words[:17], len(words)) == ("API Error: <html>", len("API Error: ") + 171 - 2)
    long_page = told(http_error={"status": 500, "message": "x" * 300})[0][1]["error"]
    assert len(long_page) == len("API Error: ") + 300


def test_the_words_of_an_error_may_be_empty() -> None:
    empty = {"status": 401, "message": "", "code": "invalid_api_key"}
    assert told("2.4.0", http_error=empty) == [("error", {"error": "API Error: (Code: invalid_api_key)"})]


def test_a_wait_that_is_too_long_is_an_error_after_two_minutes() -> None:
    answered = guest(model={"refused": "timeout"}).stream()
    assert answered.response.chunks[-1][0] > 120_000
    assert events_of(answered)[-1][1]["error"].startswith("Connection Error: Operation timed out after 12000")


def test_half_an_emoji_loses_its_event() -> None:
    assert named(told(reply=["a", "\ud83d", "b"]), "") == [{"delta": "a"}, {"delta": "b"}]


def test_google_tells_its_sources_and_how_to_go_on() -> None:
    events = told(provider="Google", grounding=True)
    entry = {"searchEntryPoint": {"renderedContent": '<div class="container">example</div>'}}
    assert named(events, "grounding_metadata") == [entry]
    assert named(events, "status") == [{"type": "google_search_call"}]
    assert named(events, "google_interaction_id") == [{"id": "int_fake0001"}]
    assert events[-1] == ("done", {"finished": True, "grounding_metadata": entry})


def test_google_kept_no_state_before() -> None:
    events = told("2.4.65", "Google", grounding=True)
    assert named(events, "google_interaction_id") == named(events, "status") == []
    assert set(named(events, "grounding_metadata")[0]) == {"searchEntryPoint", "groundingChunks", "webSearchQueries"}


def test_claude_tells_its_state_with_the_name_of_the_model() -> None:
    events = told(provider="Claude", citations=True)
    kinds = ["message_start", "content_block_start", "message_delta", "message_stop"]
    assert [data["type"] for data in named(events, "status")] == kinds
    assert named(events, "status")[0]["model"] == "claude-3-5-haiku-20241022"
    assert named(events, "citations")[0][0]["cited_text"] == "Hello 👋"


def test_slashes_are_escaped_and_letters_are_not() -> None:
    body = guest(model={"reply": ["a/b €\u2028"]}).stream().response.body.decode()
    assert 'data: {"delta":"a\\/b €\\u2028"}\n\n' in body


def test_events_come_when_the_model_says_something() -> None:
    answered = guest(model={"reply": PIECES, "first_ms": 50, "piece_ms": 30}).stream()
    times = [ms for ms, _ in answered.response.chunks]
    assert times[0] == times[1] == 0
    assert times[-1] == 50 + 3 * 30
    assert all(before <= after for before, after in pairwise(times))


def test_the_preamble_is_a_comment_of_4_kib() -> None:
    body = guest().stream().response.body
    assert body.startswith(b":" + b" " * 4096 + b"\n\nevent: message_start\n")
    assert not guest("2.3.92").stream().response.body.startswith(b":")


def test_ids_of_errors_are_seconds() -> None:
    assert b"event: error\nid: err-1795396913\n" in guest().stream(key="none").response.body


def test_ids_of_messages_are_made_of_time_and_chance() -> None:
    ask = guest().ask
    first, second = (ask()[0][1]["message_id"] for _ in range(2))
    assert first != second
    assert first.startswith("aipkit-msg-6b0395313d090")
