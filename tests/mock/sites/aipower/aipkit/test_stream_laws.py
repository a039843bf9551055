"""Laws of AIPKit's streams, whatever the model's API does and however its bytes are read."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.aipkit_guest import Event, guest

from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.model_api.settings import Provider

RELEASES = ["2.3", "2.3.26", "2.3.69", "2.3.71", "2.3.93", "2.4.36", "2.4.71", "2.4.97"]
ASKED = st.sampled_from(
    [(release, provider) for release in RELEASES for provider in built_in().find(release).providers]
)
"""Every release with every provider that it knows."""
DELTAS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), min_size=1, max_size=5)
SHAPES: dict[str, st.SearchStrategy[Any]] = {
    "api": st.just("chat-completions"),
    "finish": st.sampled_from(["stop", "length", "content_filter"]),
    "citations": st.booleans(),
    "grounding": st.booleans(),
    "web_search": st.booleans(),
    "comments": st.booleans(),
    "usage_chunk": st.booleans(),
    "ascii": st.booleans(),
    "burst": st.booleans(),
    "read_bytes": st.none() | st.integers(1, 400),
    "split": st.lists(st.integers(0, 5), max_size=2),
    "no_end_mark": st.booleans(),
    "no_finish": st.booleans(),
}
ENDS: dict[str, st.SearchStrategy[Any]] = {
    "dies_after": st.integers(0, 4),
    "resets_after": st.integers(0, 4),
    "ends_after": st.integers(0, 4),
    "half_event": st.booleans(),
    "empty": st.booleans(),
    "refusal": st.just("I can't."),
    "error_midway": st.fixed_dictionaries({"after": st.integers(0, 4), "plain_json": st.booleans()}),
}
FAILURES: dict[str, st.SearchStrategy[Any]] = {
    "http_error": st.fixed_dictionaries({"status": st.sampled_from([400, 401, 429, 500])}),
    "html_error": st.sampled_from([500, 502, 503]),
    "garbage": st.booleans(),
    "refused": st.sampled_from([True, "no-connection", "connect-timeout", "reset", "timeout"]),
    "web_search_error": st.just("unavailable"),
}


def ask(release: str, provider: str, model: dict[str, Any], **site: Any) -> list[Event]:
    """Ask a bot; the Cloud's refuses a message while web search is on, which is not what these laws are about."""
    assume(not (provider == "AIPufferCloud" and model.get("web_search")))
    bot = {"provider": provider, "conversation_state": True}
    return guest(release, bots=[bot], model=model, **site).ask()


@settings(deadline=None, max_examples=200)
@given(
    asked=ASKED,
    model=st.fixed_dictionaries({"reply": DELTAS}, optional={**SHAPES, **ENDS, **FAILURES}),
)
def test_every_answer_begins_once_and_ends_once(asked: tuple[str, Provider], model: dict[str, Any]) -> None:
    release, provider = asked
    names = [name for name, _ in ask(release, provider, model)]
    assert names[0] == "message_start"
    assert names[-1] in ("done", "error")
    between = {
        "",
        "status",
        "warning",
        "citations",
        "grounding_metadata",
        "openai_response_id",
        "google_interaction_id",
    }
    if provider == "Google":
        between.add("error")  # the text of a read with an error in it, which is not sent itself
    assert set(names[1:-1]) <= between


@settings(deadline=None, max_examples=200)
@given(
    asked=ASKED,
    model=st.fixed_dictionaries({"reply": DELTAS}, optional=SHAPES),
)
def test_no_text_is_lost_however_it_is_read(asked: tuple[str, Provider], model: dict[str, Any]) -> None:
    release, provider = asked
    # A delta of "0" is dropped.
    assume(not (provider in ("Azure", "OpenRouter") and any("0" in delta for delta in model["reply"])))
    events = ask(release, provider, model)
    texts = [data.get("delta", data.get("error")) for name, data in events if name in ("", "warning")]
    assert "".join(texts).startswith("".join(model["reply"]))
    # Of all providers only the Cloud's parser takes an answer without an end mark for a broken one.
    broken = provider == "AIPufferCloud" and model.get("no_end_mark", False)
    assert events[-1][0] == ("error" if broken else "done")


@settings(deadline=None, max_examples=100)
@given(
    asked=ASKED.filter(lambda asked: asked[0] == "2.4.97"),
    model=st.fixed_dictionaries({"reply": DELTAS}, optional={**SHAPES, "empty": st.booleans()}),
)
def test_without_curl_an_answer_is_the_same_as_in_one_read(asked: tuple[str, Provider], model: dict[str, Any]) -> None:
    in_one_read = {**model, "burst": True, "read_bytes": None, "split": []}
    assert ask(*asked, model, php_curl=False) == ask(*asked, in_one_read)
