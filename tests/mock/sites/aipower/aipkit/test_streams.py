"""What AIPKit makes of what the model's API streams, beyond what was recorded."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.support.aipkit_guest import Event, events_of, guest, named

from chatgptfree_mock.errors import SettingsError

DELTAS = ["Hel", "lo ", "👋"]
DONE: Event = ("done", {"finished": True})


def streamed(plugin: str = "2.4.71", provider: str = "OpenAI", **model: Any) -> list[Event]:
    """Ask and return the events without the first, which opens the answer."""
    bot = {"provider": provider, "conversation_state": True}
    events = guest(plugin, bots=[bot], model={"reply": DELTAS, **model}).ask()
    assert events[0][0] == "message_start"
    return events[1:]


def deltas(*texts: str) -> list[Event]:
    return [("", {"delta": text}) for text in texts]


@pytest.mark.parametrize("provider", ["Azure", "Ollama"])
def test_chat_completions_give_deltas_and_nothing_else(provider: str) -> None:
    assert streamed(provider=provider) == [*deltas(*DELTAS), DONE]


EMPTY_FIRST: list[Event] = [*deltas("", *DELTAS), DONE]


@pytest.mark.parametrize(
    ("plugin", "provider", "expected"),
    [
        ("2.3.92", "Azure", EMPTY_FIRST),
        ("2.3.93", "Azure", EMPTY_FIRST[1:]),
        ("2.3", "DeepSeek", EMPTY_FIRST),
        ("2.4.97", "DeepSeek", EMPTY_FIRST),
        ("2.3.70", "OpenRouter", EMPTY_FIRST),
    ],
)
def test_an_empty_delta_comes_first_by_provider_and_release(plugin: str, provider: str, expected: list[Event]) -> None:
    assert streamed(plugin, provider) == expected


@pytest.mark.parametrize(
    ("plugin", "provider", "last"),
    [
        ("2.3.71", "OpenRouter", "response.in_progress"),
        ("2.3.92", "OpenRouter", "response.in_progress"),
        ("2.3.93", "OpenRouter", "response.completed"),
        ("2.4.71", "OpenRouter", "response.completed"),
        ("2.4.16", "xAI", "response.in_progress"),
    ],
)
def test_others_than_openai_speak_the_responses_api_without_an_id(plugin: str, provider: str, last: str) -> None:
    events = streamed(plugin, provider)
    statuses = named(events, "status")
    assert [status["type"] for status in statuses[:2]] == ["response.created", "response.in_progress"]
    assert statuses[-1]["type"] == last
    assert set(statuses[-1]) == {"type", "status", "response_id"}
    assert named(events, "openai_response_id") == []
    assert named(events, "") == [data for _, data in deltas(*DELTAS)]


@pytest.mark.parametrize("provider", ["OpenRouter", "OpenAI"])
def test_statuses_about_items_name_them_where_the_provider_does(provider: str) -> None:
    statuses = named(streamed("2.4.97", provider, item_events=True), "status")
    items = [status for status in statuses if status["type"] == "response.output_item.added"]
    added = {"item_id": "msg_fake0001", "output_index": 0, "item_type": "message", "item_status": "in_progress"}
    assert items == ([{"type": "response.output_item.added", **added}] if provider == "OpenRouter" else [])


def test_openrouter_reports_items_where_its_api_does() -> None:
    kinds = [status["type"] for status in named(streamed("2.4.5", "OpenRouter", item_events=True), "status")]
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.output_item.done",
        "response.completed",
    ]
    lean = [status["type"] for status in named(streamed("2.4.5", item_events=False), "status")]
    assert lean == ["response.created", "response.in_progress"]


def test_a_provider_that_a_release_does_not_know_is_an_error_with_its_place() -> None:
    bots = [{"provider": "OpenAI"}, {"provider": "xAI"}]
    with pytest.raises(
        SettingsError, match=r"2\.4\.13 has no provider xAI, which came with 2\.4\.16 - at `\$\.bots\[1\]"
    ):
        guest("2.4.13", bots=bots)


def test_azure_drops_a_delta_of_0() -> None:
    assert streamed("2.3.93", "Azure", reply=["1", "0", "10"]) == [*deltas("1", "10"), DONE]
    assert streamed("2.3.92", "Azure", reply=["0"]) == [*deltas("", "0"), DONE]


def test_xai_cites_urls_with_a_snippet() -> None:
    found = [{"url": "https://example.org/a?b=1&c=2", "title": 'Example "A"', "snippet": ""}]
    assert named(streamed(provider="xAI", citations=True), "citations") == [found]


def test_what_comes_in_one_read_is_one_delta() -> None:
    assert streamed(provider="Azure", burst=True) == [*deltas("Hello 👋"), DONE]
    assert streamed(provider="Azure", read_bytes=100_000) == [*deltas("Hello 👋"), DONE]


def test_text_survives_reads_of_any_size() -> None:
    for size in (1, 7, 100):
        events = streamed(provider="Azure", read_bytes=size)
        assert events == [*deltas(*DELTAS), DONE]


def test_of_several_states_in_one_read_the_last_is_sent_before_the_text() -> None:
    events = streamed(burst=True)
    assert [name for name, _ in events] == ["openai_response_id", "status", "", "done"]
    assert events[1][1]["type"] == "response.in_progress"


def test_a_web_search_is_reported_step_by_step() -> None:
    kinds = [data["type"] for data in named(streamed(web_search=True), "status")]
    assert kinds[2:] == [f"response.web_search_call.{step}" for step in ("in_progress", "searching", "completed")]


def test_text_in_the_read_of_a_warning_is_part_of_the_warning() -> None:
    events = streamed(burst=True, finish="length")
    assert named(events, "warning") == [{"error": "Hello 👋 (Incomplete: max_output_tokens)"}]
    assert named(events, "") == []
    assert events[-1] == DONE


def test_a_refusal_is_a_warning() -> None:
    assert named(streamed(refusal="I can't."), "warning") == [{"error": " (Refusal: I can't.)"}]


def test_a_filtered_answer_is_a_warning() -> None:
    events = streamed(provider="Azure", finish="content_filter")
    assert events == [*deltas(*DELTAS), ("warning", {"error": " (Warning: Content Filtered)"}), DONE]
    assert named(streamed(finish="content_filter"), "warning") == [{"error": " (Incomplete: content_filter)"}]


def test_a_failed_answer_is_reported_after_a_blank() -> None:
    events = streamed(error_midway={"after": 1, "message": "out of luck", "response_failed": True})
    assert events[-1] == ("error", {"error": " (Error: out of luck)"})


CODED = {"message": "slow down", "code": "rate_limit"}


@pytest.mark.parametrize(
    ("plugin", "provider", "words"),
    [
        ("2.4.67", "OpenAI", "An unknown API error occurred."),
        ("2.4.68", "OpenAI", "slow down"),
        ("2.3.71", "OpenRouter", "slow down"),
        ("2.4.71", "xAI", "slow down"),
        ("2.3.70", "OpenRouter", "slow down (Code: rate_limit)"),
        ("2.4.71", "Azure", "slow down (Code: rate_limit)"),
        ("2.4.66", "Google", "slow down"),
        ("2.4.71", "Claude", "slow down Type: rate_limit"),
        ("2.4.71", "DeepSeek", "slow down (Code: rate_limit) Type: server_error"),
    ],
)
def test_an_error_in_mid_stream_ends_without_done_and_in_the_words_of_its_provider(
    plugin: str, provider: str, words: str
) -> None:
    events = streamed(plugin, provider, error_midway={"after": 2, **CODED})
    assert [data for data in named(events, "") if data["delta"]] == [{"delta": "Hel"}, {"delta": "lo "}]
    assert events[-1] == ("error", {"error": words})


@pytest.mark.parametrize(
    ("plugin", "provider", "words"),
    [
        ("2.4.71", "OpenAI", "slow down (Code: rate_limit)"),
        ("2.4.71", "Azure", "slow down (Code: rate_limit)"),
        ("2.4.71", "Google", "slow down"),
        ("2.4.71", "Claude", "slow down Type: server_error"),
        ("2.4.68", "OpenRouter", "slow down (Code: rate_limit)"),
        ("2.4.69", "OpenRouter", "slow down (Code: rate_limit; Type: server_error)"),
        ("2.4.71", "xAI", "slow down (Code: rate_limit, Type: server_error)"),
    ],
)
def test_an_http_error_ends_with_what_its_provider_has(plugin: str, provider: str, words: str) -> None:
    refused = streamed(plugin, provider, http_error={"status": 429, **CODED})
    assert refused == [("error", {"error": f"API Error: {words}"})]


@pytest.mark.parametrize(
    ("plugin", "provider", "words"),
    [
        ("2.4.71", "OpenAI", " (Error: slow down)"),
        ("2.4.68", "OpenRouter", " (Error: slow down)"),
        ("2.4.69", "OpenRouter", "slow down (Code: rate_limit)"),
        ("2.4.71", "xAI", " (Error: slow down)"),
    ],
)
def test_a_failed_answer_is_worded_by_provider(plugin: str, provider: str, words: str) -> None:
    events = streamed(plugin, provider, error_midway={"after": 1, "response_failed": True, **CODED})
    assert events[-1] == ("error", {"error": words})


def test_google_loses_errors_inside_a_stream_since_its_interactions() -> None:
    lost = {"after": 2, **CODED}
    assert streamed(provider="Google", error_midway=lost)[-3:] == [*deltas("Hel", "lo "), DONE]
    none = streamed(provider="Google", error_midway={"after": 0, **CODED})
    assert none[-1] == ("error", {"error": "Connection error: no data received from AI."})
    together = streamed(provider="Google", error_midway=lost, burst=True)
    assert together[-2:] == [("error", {"error": "Hello "}), DONE]


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "Claude"])
def test_a_broken_connection_is_an_error_after_the_text(provider: str) -> None:
    events = streamed(provider=provider, dies_after=1)
    words = "Connection Error: transfer closed with outstanding read data remaining"
    assert events[-2:] == [*deltas("Hel"), ("error", {"error": words})]


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "Claude"])
def test_a_clean_end_in_the_middle_looks_like_a_good_end(provider: str) -> None:
    assert streamed(provider=provider, ends_after=1)[-2:] == [*deltas("Hel"), DONE]


@pytest.mark.parametrize(
    ("plugin", "provider", "last"),
    [
        pytest.param("2.3.43", "OpenAI", "error", id="before there were states, an answer without text is an error"),
        pytest.param("2.3.69", "OpenAI", "done", id="a state counts as something sent"),
        pytest.param("2.4.71", "Azure", "error", id="chat completions have no states"),
        pytest.param("2.3.92", "Azure", "done", id="an empty delta counts as something sent"),
        pytest.param("2.4.71", "DeepSeek", "done", id="on all releases where there is one"),
        pytest.param("2.3.71", "OpenRouter", "done", id="a state of another provider counts as well"),
        pytest.param("2.4.71", "Google", "error", id="a search of Google's does not count"),
        pytest.param("2.3.92", "Claude", "error", id="Claude had no states"),
        pytest.param("2.3.93", "Claude", "done", id="and has them now"),
    ],
)
def test_an_answer_without_text(plugin: str, provider: str, last: str) -> None:
    assert streamed(plugin, provider, empty=True)[-1][0] == last


def test_garbage_is_not_returned_as_data() -> None:
    assert streamed(garbage=True) == [("error", {"error": "Connection error: no data received from AI."})]


def test_a_long_error_page_is_cut_at_200_bytes() -> None:
    words = streamed(html_error=503, read_bytes=10)[0][1]["error"]
    assert (words[:17], len(words)) == ("API Error: <html>", len("API Error: ") + 171 - 2)
    long_page = streamed(http_error={"status": 500, "message": "x" * 300})[0][1]["error"]
    assert len(long_page) == len("API Error: ") + 300


def test_the_words_of_an_error_may_be_empty() -> None:
    empty = {"status": 401, "message": "", "code": "invalid_api_key"}
    assert streamed("2.4.67", http_error=empty) == [("error", {"error": "API Error: (Code: invalid_api_key)"})]
    assert streamed("2.4.71", http_error=empty) == [("error", {"error": "API Error: An unknown API error occurred."})]


@pytest.mark.parametrize("model", [{"resets_after": 1}, {"resets_after": 1, "dies_after": 2}])
def test_a_connection_that_is_reset_has_an_error_of_its_own(model: dict[str, Any]) -> None:
    error = ("error", {"error": "Connection Error: Recv failure: Connection reset by peer"})
    assert streamed(**model)[-2:] == [*deltas("Hel"), error]
    assert streamed(refused="reset") == [error]
    cut = streamed(dies_after=0, resets_after=1)[-1][1]["error"]
    assert cut == "Connection Error: transfer closed with outstanding read data remaining"


def test_a_wait_that_is_too_long_is_an_error_after_two_minutes() -> None:
    reply = guest(model={"refused": "timeout"}).stream()
    assert reply.response.chunks[-1][0] > 120_000
    assert events_of(reply)[-1][1]["error"].startswith("Connection Error: Operation timed out after 12000")


def test_half_an_emoji_loses_its_event() -> None:
    assert named(streamed(reply=["a", "\ud83d", "b"]), "") == [{"delta": "a"}, {"delta": "b"}]


def test_google_sends_its_sources_and_the_id_to_continue_from() -> None:
    events = streamed(provider="Google", grounding=True)
    entry = {"searchEntryPoint": {"renderedContent": '<div class="container">example</div>'}}
    assert named(events, "grounding_metadata") == [entry]
    assert named(events, "status") == [{"type": "google_search_call"}]
    assert named(events, "google_interaction_id") == [{"id": "int_fake0001"}] * 2
    assert events[-1] == ("done", {"finished": True, "grounding_metadata": entry})


def test_google_kept_no_state_before() -> None:
    events = streamed("2.4.65", "Google", grounding=True)
    assert named(events, "google_interaction_id") == named(events, "status") == []
    assert set(named(events, "grounding_metadata")[0]) == {"searchEntryPoint", "groundingChunks", "webSearchQueries"}


def test_claude_sends_its_state_with_the_name_of_the_model() -> None:
    assert named(streamed("2.3.92", "Claude"), "status") == []
    events = streamed(provider="Claude", citations=True)
    kinds = ["message_start", "message_delta", "message_stop"]
    assert [data["type"] for data in named(events, "status")] == kinds
    assert named(events, "status")[0]["model"] == "claude-3-5-haiku-20241022"
    assert named(events, "citations")[0][0]["cited_text"] == "Hello 👋"


def test_claude_warns_of_the_limit_behind_its_state() -> None:
    *_, status, warning, stop, done = streamed(provider="Claude", finish="length")
    assert (status[1]["type"], stop[1]["type"], done) == ("message_delta", "message_stop", DONE)
    words = "Claude stopped because the maximum output token limit was reached."
    assert warning == ("warning", {"error": words})


def test_slashes_are_escaped_and_letters_are_not() -> None:
    body = guest(model={"reply": ["a/b €\u2028"]}).stream().response.body.decode()
    assert 'data: {"delta":"a\\/b €\\u2028"}\n\n' in body


def test_events_come_when_the_model_sends_text() -> None:
    reply = guest(model={"reply": DELTAS, "first_ms": 50, "delta_ms": 30}).stream()
    times = [ms for ms, _ in reply.response.chunks]
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
