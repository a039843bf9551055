"""AIPKit, who is turned away: what a refusal costs, whom a limit counts, and what moderation looks at."""

from __future__ import annotations

import pytest
from tests.support.aipkit_guest import Guest, events_of, guest, named


def errors(site: Guest, message: str = "Hello", **fields: str | None) -> list[str]:
    return [data["error"] for data in named(site.ask(message, **fields), "error")]


def test_a_check_after_the_cache_costs_the_key_and_one_before_it_does_not() -> None:
    site = guest()
    key = site.key()
    assert named(events_of(site.stream(key=key, conversation_uuid=None)), "error")
    assert named(events_of(site.stream(key=key)), "error")[0]["error"] == "Message not found in cache."
    key = site.key()
    assert named(events_of(site.stream(key=key, _ajax_nonce="0000000000")), "error")
    assert named(events_of(site.stream(key=key)), "error") == []


def test_a_quota_belongs_to_the_session() -> None:
    site = guest(limit={"tokens": 1})
    assert errors(site) == []
    assert errors(site) == ["You have reached your quota for this period."]
    site.session = "session-2"
    assert errors(site) == []


@pytest.mark.parametrize(
    ("provider", "expected"),
    [("OpenAI", ["Your message was flagged by the moderation system and could not be sent."]), ("Claude", [])],
)
def test_moderation_is_of_openai(provider: str, expected: list[str]) -> None:
    assert errors(guest(moderation={}, bots=[{"provider": provider}]), "please flag-me") == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            "so BAD, yes",
            ["Sorry, your message could not be sent as it contains prohibited words."],
            id="a word, whatever its case and what follows it",
        ),
        pytest.param("badly", [], id="not a part of one"),
    ],
)
def test_banned_words_are_whole_words(message: str, expected: list[str]) -> None:
    assert errors(guest(banned={"words": ["bad"]}), message) == expected


@pytest.mark.parametrize(("release", "expected"), [("2.4.65", False), ("2.4.67", True)])
def test_google_names_its_interaction_from_its_release_on(release: str, expected: bool) -> None:
    events = guest(release, bots=[{"provider": "Google", "conversation_state": True}]).ask()
    assert bool(named(events, "google_interaction_id")) is expected


def test_a_draft_is_not_found() -> None:
    assert errors(guest(bots=[{"published": False}])) == ["Invalid chatbot specified."]
