"""The requests of both generations, byte by byte, and a history that survives what the server does to it."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree.core.generations import aipkit, wpaicg
from chatgptfree.core.protocol.http import Request
from chatgptfree.messages import Message

AJAX = "http://site/wp-admin/admin-ajax.php"


def asked(*history: Message, message: str = "Hello & <you>\n") -> Request:
    return wpaicg.ask(
        ajax_url=AJAX,
        nonce="0123456789",
        post_id="4",
        url="http://site/chat",
        bot_id="0",
        message=message,
        history=history,
        client_id="abc",
    )


def test_the_six_fields_of_generation_1_in_their_order() -> None:
    request = asked()
    assert (request.method, request.url) == ("POST", AJAX)
    assert request.body == (
        b"_wpnonce=0123456789&post_id=4&url=http%3A%2F%2Fsite%2Fchat&action=wpaicg_chat_shortcode_message"
        b"&message=Hello+%26+%3Cyou%3E%0A&bot_id=0&wpaicg_chat_client_id=abc"
    )
    assert ("Content-Type", "application/x-www-form-urlencoded") in request.headers


def as_the_server_reads_it(history: str) -> list[dict[str, str]]:
    """Do what the plugin does: clean as `sanitize_text_field` does, take all backslashes away, read JSON."""
    cleaned = re.sub(r"<[^>]*>?", "", history)
    cleaned = re.sub(r"[\r\n\t ]+", " ", cleaned)
    while (fewer := re.sub(r"%[a-fA-F0-9]{2}", "", cleaned)) != cleaned:
        cleaned = fewer
    turns: list[dict[str, str]] = json.loads(cleaned.strip().replace("\\", ""))
    return turns


@given(st.text(max_size=40) | st.sampled_from(['say "hi"', "a\\n\n\tb", "<b>50%41</b>", "%%4141", "\x00\x1f"]))
def test_a_history_survives_the_server(text: str) -> None:
    body = asked(Message(role="user", content=text), Message(role="assistant", content=text)).body or b""
    history = dict(parse_qsl(body.decode(), errors="surrogateescape"))["wpaicg_chat_history"]
    turns = as_the_server_reads_it(history)
    assert [turn["text"].partition(": ")[0] for turn in turns] == ["Human", "AI"]
    sent = html.unescape(turns[0]["text"].partition(": ")[2])
    printable = "".join(c for c in re.sub("\r\n?", "\n", text) if c >= " " or c in "\n\t")
    assert re.sub(" +", " ", sent).strip() == re.sub(" +", " ", html.unescape(html.escape(printable))).strip()


def test_the_two_calls_of_generation_2() -> None:
    cached = aipkit.cache(ajax_url=AJAX, nonce="0123456789", bot_id="5", message="Hi", message_id="m-1")
    assert cached.body == (
        b"action=aipkit_cache_sse_message&message=Hi&_ajax_nonce=0123456789&bot_id=5&user_client_message_id=m-1"
    )
    streamed = aipkit.stream(
        ajax_url=AJAX + "?lang=de#top",
        nonce="0123456789",
        bot_id="5",
        cache_key="aipkit_sse_x",
        session_id="s",
        conversation_id="c",
        post_id="0",
        buster="1",
        response_id="resp_1",
    )
    assert (streamed.method, streamed.body) == ("GET", None)
    assert parse_qsl(urlsplit(streamed.url).query) == [
        ("lang", "de"),
        ("action", "aipkit_frontend_chat_stream"),
        ("cache_key", "aipkit_sse_x"),
        ("bot_id", "5"),
        ("session_id", "s"),
        ("conversation_uuid", "c"),
        ("_ts", "1"),
        ("previous_openai_response_id", "resp_1"),
        ("_ajax_nonce", "0123456789"),
    ]


def test_the_one_call_of_generation_2() -> None:
    request = aipkit.ask(
        ajax_url=AJAX,
        nonce="0123456789",
        bot_id="5",
        session_id="s",
        conversation_id="c",
        message="Hi",
        post_id="9",
    )
    assert request.body == (
        b"action=aipkit_frontend_chat_message&_ajax_nonce=0123456789&bot_id=5&session_id=s&conversation_uuid=c"
        b"&post_id=9&message=Hi"
    )


def test_a_fresh_nonce_needs_only_the_bot() -> None:
    request = aipkit.ask_nonce(ajax_url=AJAX, bot_id="5")
    assert request.body == b"action=aipkit_get_frontend_chat_nonce&bot_id=5"


@pytest.mark.parametrize("message", ["\ud83d", "a\ud83d\udc4b"])
def test_half_a_character_can_be_sent(message: str) -> None:
    assert b"%3F" in (asked(message=message).body or b"")
