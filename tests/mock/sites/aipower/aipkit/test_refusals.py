"""Who and what AIPKit keeps from the model: foreign pages, nonces, quotas, bans, moderation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.aipkit_guest import NOW, Guest, data_of, events_of, guest
from tests.support.situations_2x import AJAX, BASE_URL

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.aipkit.moderation import MOST_BUCKETS, Quotas
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import site_from


def refusal(visitor: Guest, message: str = "Hello", **fields: Any) -> dict[str, Any] | None:
    """Ask and return the data of the error, or None if there is an answer."""
    events = events_of(visitor.stream(message, **fields))
    if events[0][0] == "message_start":
        return None
    assert [name for name, _ in events] == ["error", "done"]
    found: dict[str, Any] = events[0][1]
    return found


def test_checks_come_in_the_order_of_the_plugin() -> None:
    visitor = guest("2.4.71", bots=[{"id": 7, "published": False}, {"id": 8}], banned={"words": ["hello"]})
    everything_wrong: dict[str, Any] = {
        "bot_id": "7",
        "conversation_uuid": "",
        "session_id": "",
        "cache_key": "",
        "_ajax_nonce": "",
    }
    repairs: list[tuple[str, dict[str, Any]]] = [
        ("Security check failed. Please refresh the page and try again.", {"_ajax_nonce": visitor.nonce}),
        ("Message cache key is missing.", {"cache_key": "none"}),
        ("Message not found in cache.", {"cache_key": None}),
        ("Invalid chatbot specified.", {"bot_id": "8"}),
        ("Conversation ID is missing.", {"conversation_uuid": "c"}),
        ("Session ID is missing for guest.", {"session_id": "s"}),
        ("Sorry, your message could not be sent as it contains prohibited words.", {}),
    ]
    for words, repair in repairs:
        fields = dict(everything_wrong)
        if fields["cache_key"] is None:
            fields["cache_key"] = visitor.key("Hello")
        assert refusal(visitor, **fields) == {"error": words}
        everything_wrong.update(repair)


def test_a_quota_is_used_up_by_answers() -> None:
    visitor = guest(limit={"tokens": 31})
    assert [refusal(visitor) is None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("plugin", "expected"),
    [
        pytest.param("2.3.93", {"error": "You have reached your token limit for this period."}, id="tokens at first"),
        pytest.param("2.4.1", {"error": "You have reached your quota for this period."}, id="then a quota"),
        pytest.param(
            "2.4.5",
            {
                "error": "You have reached your quota for this period.",
                "quota_notice": {
                    "type": "quota_notice",
                    "message": "You have reached your quota for this period.",
                    "actions": [{"label": "Buy", "url": "https://x/", "variant": "primary"}],
                },
            },
            id="then a notice with buttons",
        ),
    ],
)
def test_how_a_used_up_quota_is_reported(plugin: str, expected: dict[str, Any]) -> None:
    buttons = [{"label": "Buy", "url": "https://x/", "variant": "primary"}]
    visitor = guest(plugin, limit={"tokens": 5, "quota_buttons": buttons})
    visitor.ask()
    assert refusal(visitor) == expected


def test_a_new_session_has_a_new_quota() -> None:
    visitor = guest(limit={"tokens": 5})
    visitor.ask()
    assert refusal(visitor) is not None
    visitor.session = "another"
    assert refusal(visitor) is None


def test_the_first_64_letters_of_a_session_count() -> None:
    visitor = guest(limit={"tokens": 5})
    visitor.session = "s" * 64 + "1"
    visitor.ask()
    visitor.session = "s" * 64 + "2"
    assert refusal(visitor) is not None


def test_answers_that_fail_cost_nothing() -> None:
    visitor = guest(limit={"tokens": 5}, model={"http_error": {}})
    visitor.ask()
    assert refusal(visitor) is None


def test_a_limit_of_nothing_keeps_guests_out() -> None:
    assert refusal(guest(limit={"tokens": 0})) == {"error": "Access disabled for guests."}


def test_the_site_may_have_words_of_its_own() -> None:
    visitor = guest("2.4.1", limit={"tokens": 1, "message": "Enough!"}, moderation={"message": "Shame!"})
    assert refusal(visitor, "flag-me") == {"error": "Shame!"}
    visitor.ask()
    assert refusal(visitor) == {"error": "Enough!"}


@pytest.mark.parametrize(
    ("message", "banned"),
    [("some BADWORD, really", True), ("badword!", True), ("badwords", False), ("a bad word", False)],
)
def test_banned_words_are_whole_words(message: str, banned: bool) -> None:
    assert (refusal(guest(banned={"words": ["badword"]}), message) is not None) is banned


def test_moderation_is_asked_for_openai_only() -> None:
    visitor = guest(moderation={})
    assert [len(visitor.stream(words).upstream) for words in ("flag-me", "fine")] == [1, 2]
    assert refusal(visitor, "FLAG-ME please") is not None
    assert refusal(guest(moderation={}, bots=[{"provider": "Claude"}]), "flag-me") is None


def test_ollama_needs_no_key() -> None:
    assert refusal(guest(api_key=False, bots=[{"provider": "Ollama"}])) is None
    assert refusal(guest(api_key=False, bots=[{"provider": "Claude"}])) == {"error": "API key missing for Claude."}


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        pytest.param(BASE_URL, False, id="the site itself"),
        pytest.param("http://127.0.0.1:9", False, id="another port"),
        pytest.param("https://127.0.0.1:18507", True, id="another scheme"),
        pytest.param("http://www.127.0.0.1", True, id="www before the host"),
        pytest.param("null", True, id="a page without an origin"),
        pytest.param("http://[broken", True, id="nonsense"),
        pytest.param("", False, id="empty"),
    ],
)
def test_origins(origin: str, foreign: bool) -> None:
    query = "action=aipkit_get_frontend_chat_nonce&bot_id=5"
    request = SiteRequest(method="GET", path=AJAX, query=query, headers=(("Origin", origin),), base_url=BASE_URL)
    reply = guest().site.answer(request)
    assert reply.response.status == (403 if foreign else 200)


@pytest.mark.parametrize(
    ("plugin", "status", "code"),
    [
        ("2.3.30", 404, "rest_no_route"),
        ("2.3.31", 403, "rest_aipkit_embed_requires_pro"),
        ("1.9.18", 404, "rest_no_route"),
    ],
)
def test_embedding_wants_the_pro_edition(plugin: str, status: int, code: str) -> None:
    path = "/wp-json/aipkit/v1/chatbots/5/embed-config"
    reply = guest(plugin).site.answer(SiteRequest(method="GET", path=path, base_url=BASE_URL))
    assert (reply.response.status, json.loads(reply.response.body)["code"]) == (status, code)


def test_users_have_conversations_and_limits_of_their_own() -> None:
    visitor = guest(logged_in=True, limit={"tokens": 0}, decoys=False)
    page = visitor.site.answer(SiteRequest(method="GET", path="/chat/", base_url=BASE_URL))
    cookie = page.response.header("Set-Cookie").partition(";")[0]
    found = re.search(rb"&quot;nonce&quot;:&quot;([0-9a-f]{10})&quot;,&quot;postId", page.response.body)
    assert found
    assert found[1].decode() != visitor.nonce
    query = f"action=aipkit_get_conversations_list&_ajax_nonce={found[1].decode()}"
    body = b"bot_id=25865"
    headers = (("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded"))
    request = SiteRequest(method="POST", path=AJAX, query=query, headers=headers, body=body, base_url=BASE_URL)
    assert data_of(visitor.site.answer(request)) == {"conversations": []}
    stranger = replace(request, headers=headers[1:])
    assert visitor.site.answer(stranger).response.status == 403
    key = visitor.key()
    query = f"action=aipkit_frontend_chat_stream&cache_key={key}&_ajax_nonce={found[1].decode()}"
    query += "&bot_id=25865&conversation_uuid=c"
    preflight = SiteRequest(method="GET", path=AJAX, query=query, headers=headers[:1], base_url=BASE_URL)
    assert events_of(visitor.site.answer(preflight))[0][1] == {"error": "Access disabled for your account/role."}


def test_a_fresh_nonce_is_good_for_both_calls() -> None:
    visitor = guest()
    nonce = data_of(visitor.post("aipkit_get_frontend_chat_nonce", _ajax_nonce=None))["nonce"]
    assert nonce == visitor.nonce == visitor.site.nonce()
    visitor.now[0] = NOW + 11 * 3600
    assert refusal(visitor, _ajax_nonce=nonce) is None
    visitor.now[0] = NOW + 25 * 3600
    assert refusal(visitor, _ajax_nonce=nonce) is not None


def test_the_stream_takes_the_nonce_under_wordpress_own_name_too() -> None:
    visitor = guest()
    assert refusal(visitor, _ajax_nonce=None, _wpnonce=visitor.nonce) is None


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        pytest.param({"conversation_uuid": "%"}, 400, "Conversation ID is required.", id="no letters in the id"),
        pytest.param({"image_inputs": "anything", "message": ""}, 200, "", id="anything counts as an image"),
        pytest.param({"bot_id": "-25865"}, 200, "", id="a sign is dropped"),
        pytest.param({"bot_id": "25865abc"}, 200, "", id="so is what follows the number"),
        pytest.param({"_ajax_nonce": None}, 403, "Security check failed. Please refresh the page and try again."),
    ],
)
def test_the_message_action(fields: dict[str, Any], status: int, words: str) -> None:
    reply = guest("2.4.0").post("aipkit_frontend_chat_message", **{"message": "Hello", **fields})
    assert reply.response.status == status
    assert data_of(reply).get("message", "") == words


def test_a_draft_is_not_found_by_the_message_action() -> None:
    reply = guest("2.4.0", bots=[{"published": False}]).post("aipkit_frontend_chat_message", message="Hello")
    assert data_of(reply) == {"message": "Invalid chatbot specified."}


@pytest.mark.parametrize(
    ("model", "provider", "words"),
    [
        pytest.param({"refusal": "no", "empty": True}, "OpenAI", "Unexpected response structure from OpenAI Respons"),
        pytest.param({"empty": True, "finish": "content_filter"}, "Azure", "Response blocked due to content filterin"),
        pytest.param({"http_error": {"status": 429, "message": "slow"}}, "Google", "Google API Error (HTTP 429): slow"),
    ],
)
def test_answers_that_the_message_action_can_not_use(model: dict[str, Any], provider: str, words: str) -> None:
    site = {"bots": [{"provider": provider}], "model": model}
    reply = guest("2.4.0", **site).post("aipkit_frontend_chat_message", message="Hello")
    assert data_of(reply)["message"].startswith(words)
    dead = guest("2.3.14", **site).post("aipkit_frontend_chat_message", message="Hello")
    assert (dead.response.status, dead.response.header("Content-Type")) == (500, "text/html; charset=UTF-8")


def test_a_cut_answer_is_marked_in_its_text() -> None:
    visitor = guest("2.4.0", model={"reply": "Half of", "finish": "length"})
    reply = visitor.post("aipkit_frontend_chat_message", message="Hello")
    assert data_of(reply)["reply"] == "Half of (Incomplete: max_output_tokens)"


def test_the_answer_takes_as_long_as_the_model() -> None:
    visitor = guest("2.4.0", model={"reply": ["a", "b"], "first_ms": 40, "delta_ms": 30})
    assert visitor.post("aipkit_frontend_chat_message", message="Hello").response.chunks[0][0] == 100


@pytest.mark.parametrize("provider", ["OpenAI", "Azure", "Google", "OpenRouter", "Claude", "DeepSeek", "Ollama"])
def test_the_message_action_reads_every_provider(provider: str) -> None:
    model = {"reply": " Hello ", "citations": True, "grounding": True}
    visitor = guest("2.4.0", bots=[{"provider": provider}], model=model)
    reply = data_of(visitor.post("aipkit_frontend_chat_message", message="Hello"))
    assert reply["reply"].strip() == "Hello"
    assert ("openai_response_id" in reply) is (provider == "OpenAI")
    assert ("grounding_metadata" in reply) is (provider == "Google")
    assert ("citations" in reply) is (provider in ("OpenAI", "OpenRouter", "Claude"))


def test_used_up_quotas_are_forgotten_when_there_are_too_many() -> None:
    quotas = Quotas(MemoryStore(), site_from({"limit": {"tokens": 5}}), AipkitTraits())
    for number in range(MOST_BUCKETS + 1):
        quotas.use(f"guest {number}", 1, 9)
    assert quotas.refuse("guest 0", 1, guest=True) is None
    assert quotas.refuse("guest 1", 1, guest=True) is not None
