"""What looks random, and what only looks odd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.tokens.randomness import LEAST, is_random, is_unspeakable
from chatgptfree_mock.tape.tokens.token_names import NameKind, is_id, kind_of_name


@for_each(
    "value",
    [
        "fc6c7cf580",
        "a1b2c3d4",
        "x7Kp2mQ9",
        "9f8e7d6c",
        "aBcdEfGhQw",
        "8473629104857362",
        "kqzvxwjrtypl",
        "sess_3f2a9c1e",
        "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
        "/9j4AAQSkZJRgABAQ+Dx4A==",
        "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "ann|1795651200|3fa9c1e7d2",
    ],
)
def test_random(value: str) -> None:
    assert is_random(value)


@for_each(
    "value",
    [
        *("gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "deepseek-ai/DeepSeek-R1-0528", "text-embedding-3-small"),
        *(
            "1920x1080",
            "1920x1080x24",
            "rgba-12-34-56-78",
            "192.168.100.200",
            "12345678",
            "2.4.71",
            "x86_64-pc-linux-gnu",
        ),
        *("getElementById", "wpaicgChatShortcodeMessage", "XMLHttpRequest", "WebSocketHTTP2Server", "IPv4Address"),
        *("internationalisation", "lightswitch", "pizzeria", "szczecin", "WP_REST_CONTROLLER", "utf8mb4_general_ci"),
        *("2026-11-25", "2026-11-25T20:00:00Z", "20261125T200000Z", "PT1H30M15S", "Europe/Berlin", "en-US"),
        *("https://chat.invalid/page?x=123456789a", "/chat/2026/11", "app.3f2a9c1e.js", "user1234@example.com"),
        *("application/x-www-form-urlencoded", "top-10-tips-for-2026", "iPhone15ProMax", "covid19test", "h264video"),
        *("a1b2c3d", "", "two words a1b2c3d4e5", "submit-button-2"),
    ],
)
def test_not_random(value: str) -> None:
    assert not is_random(value)


@given(st.text(max_size=LEAST - 1))
def test_a_short_value_cannot_be_distinguished_from_a_word(value: str) -> None:
    assert not is_random(value)


@given(st.lists(st.sampled_from(["chat", "send", "message", "page", "render", "the", "open", "user"]), min_size=1))
def test_words_in_any_spelling_are_not_random(words: list[str]) -> None:
    camel = words[0] + "".join(map(str.capitalize, words[1:]))
    for spelling in ("-".join(words), "_".join(words), ".".join(words), camel, "_".join(words).upper()):
        assert not is_random(spelling)


@pytest.mark.parametrize(("word", "expected"), [("qwrtz", True), ("xkcd", True), ("open", False), ("ohio", False)])
def test_a_word_without_vowels_is_unspeakable(word: str, expected: bool) -> None:
    assert is_unspeakable(word) is expected


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            NameKind.SURE,
            [
                "_wpnonce",
                "_ajax_nonce",
                "csrf_token",
                "csrfmiddlewaretoken",
                "X-CSRFToken",
                "XSRF-TOKEN",
                "__VIEWSTATE",
            ],
        ),
        (NameKind.SESSION, ["PHPSESSID", "ASP.NET_SessionId", "connect.sid", "laravel_session", "mcp-session-id"]),
        (NameKind.TOKEN, ["access_token", "cacheKey", "form_key", "state", "ticket", "authorization"]),
        (NameKind.THING, ["post_id", "postId", "postid", "data-bot-id", "assistant_id"]),
        (NameKind.MEASURE, ["max_tokens", "ticket_price", "page_count", "phone"]),
        (NameKind.TYPED, ["message", "userMessage", "q", "password"]),
        (
            NameKind.OTHER,
            ["", "monkey", "keyword", "statement", "inside", "realestate", "token_type", "parent_message_id"],
        ),
    ],
)
def test_names(kind: NameKind, names: list[str]) -> None:
    assert {name: kind_of_name(name) for name in names} == dict.fromkeys(names, kind)


def test_an_id_is_a_word_of_its_own() -> None:
    assert [name for name in ("chat_id", "chatId", "paid", "valid", "id") if is_id(name)] == ["chat_id", "chatId", "id"]
