"""Whatever the model's API does, WPAICG makes an answer of it that holds together."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.chat_site import ChatSite, kind, text_of

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
COUNTS = st.integers(0, 6)
ERRORS = st.fixed_dictionaries({"status": st.sampled_from([400, 401, 429, 500]), "message": TEXTS})
MODELS = st.fixed_dictionaries(
    {},
    optional={
        "reply": TEXTS | st.lists(TEXTS, max_size=5),
        "api": st.sampled_from(["chat-completions", "completions", "assistant", "responses"]),
        "http_error": ERRORS,
        "html_error": st.sampled_from([502, 504]),
        "garbage": st.booleans(),
        "refused": st.sampled_from([True, False, "empty-reply", "no-connection", "timeout"]),
        "empty": st.booleans(),
        "dies_after": COUNTS,
        "half_event": st.booleans(),
        "ends_after": COUNTS,
        "no_end_mark": st.booleans(),
        "no_finish": st.booleans(),
        "error_midway": st.fixed_dictionaries({"after": COUNTS, "message": TEXTS, "plain_json": st.booleans()}),
        "refusal": TEXTS,
        "finish": st.sampled_from(["stop", "length", "content_filter"]),
        "comments": st.booleans(),
        "burst": st.booleans(),
        "read_bytes": st.integers(1, 90),
        "split": st.lists(COUNTS, max_size=3),
        "usage_chunk": st.booleans(),
        "ascii": st.booleans(),
    },
)
PROVIDERS = st.sampled_from(["OpenAI", "Azure", "OpenRouter", "Google", "Claude"])
RELEASES = st.sampled_from(["1.8.79", "1.8.85", "1.8.88", "1.8.95", "1.9.18"])


@settings(deadline=None, max_examples=200)
@given(release=RELEASES, provider=PROVIDERS, streams=st.booleans(), model=MODELS)
def test_the_answer_holds_together(release: str, provider: str, streams: bool, model: dict[str, Any]) -> None:
    chat = ChatSite(release, bots=[{"provider": provider, "stream": streams}], model=model)
    reply = chat.post(wpaicg_chat_client_id="me")
    response = reply.response
    assert response.status == 200
    assert sum(size for _, size in response.chunks) == len(response.body)
    assert all(size for _, size in response.chunks), "an empty chunk would end the answer"
    times = [ms for ms, _ in response.chunks]
    assert times == sorted(times)
    assert 1 <= len(reply.upstream) <= 2
    if kind(reply).startswith("application/json"):
        assert json.loads(text_of(reply))["status"] in ("success", "error")


@settings(deadline=None, max_examples=60)
@given(reply=st.lists(TEXTS.filter(bool), min_size=1, max_size=5), cut=st.integers(1, 400))
def test_how_the_api_is_read_never_changes_what_is_passed_on(reply: list[str], cut: int) -> None:
    whole = ChatSite("1.9.18", model={"reply": reply}).post()
    recut = ChatSite("1.9.18", model={"reply": reply, "read_bytes": cut}).post()
    assert recut.response.body == whole.response.body
