"""Conversations of all generations, as scripts: what happens on the left, what the machine does next on the right."""

from __future__ import annotations

import json

import pytest
from tests.support.playbook import (
    START,
    URL,
    Answers,
    Fails,
    Script,
    Sends,
    Stage,
    data,
    delivers,
    learns,
    opened,
    received,
)
from tests.support.raw_site import (
    CACHED,
    DONE,
    EXPIRED_200,
    EXPIRED_403,
    NONCES,
    STOP,
    aipkit_page,
    as_json,
    delta,
    response,
    wpaicg_page,
)

from chatgptfree.core.session.commands import Broken, Delivered, Dropped, Ended, Event, Failed, Read, Refresh
from chatgptfree.errors import ChatConnectionError, ChatTimeoutError, ProtocolError, RefusedError
from chatgptfree.messages import Message

AJAX = f"{URL}wp-admin/admin-ajax.php"
FIRST, SECOND, THIRD, _ = NONCES
NO_SUCH_ACTION = response("0", status="400 Bad Request")
AIPKIT_REFUSES_KEY = as_json(
    {"success": False, "data": {"message": "Your session has expired …", "code": "nonce_failure_cache_sse"}},
    status="403 Forbidden",
)
AIPKIT_REFUSES = as_json(
    {"success": False, "data": {"message": "Security check failed. Please refresh the page and try again."}},
    status="403 Forbidden",
)
REFUSED_IN_STREAM = (
    'event: error\nid: err-1\ndata: {"error":"Security check failed. Please refresh the page and try again."}\n\n'
    'event: done\ndata: {"finished":true}\n\n'
)
KEY_LOST = 'event: error\nid: err-1\ndata: {"error":"Message not found in cache."}\n\n'
_EXPIRED = "Cached message has expired."
DROPPED = Dropped(ChatConnectionError("closed"))
FINISHED = 'event: done\ndata: {"finished":true}\n\n'


def posts(nonce: str = FIRST, message: str = "Hello", **fields: str) -> Sends:
    return Sends("POST", AJAX, _wpnonce=nonce, message=message, action="wpaicg_chat_shortcode_message", **fields)


def caches(nonce: str = FIRST, message: str = "Hello") -> Sends:
    return Sends("POST", AJAX, action="aipkit_cache_sse_message", _ajax_nonce=nonce, message=message)


def streams(nonce: str = FIRST) -> Sends:
    return Sends("GET", AJAX, action="aipkit_frontend_chat_stream", _ajax_nonce=nonce, session_id="session-1")


def answers(text: str) -> Script:
    """Return how a streamed answer of WPAICG goes on from its head."""
    return [
        (opened(), Read()),
        (data(delta(text)), delivers(text)),
        (Delivered(), Read()),
        (data(STOP + DONE), Read(patience=1.0)),
        (Ended(), Answers(text)),
    ]


def knowing(page: bytes) -> Stage:
    """Return a stage whose memory has read *page* in an earlier call."""
    stage = Stage()
    learns(page)(stage.memory)
    return stage


def test_a_streamed_answer() -> None:
    Stage().play(
        "Hello",
        [
            (START, Refresh(seen=0)),
            (learns(wpaicg_page(FIRST)), posts(FIRST, post_id="4", bot_id="0", wpaicg_chat_client_id="client1234")),
            (opened(), Read()),
            (data(delta("Hel") + delta("lo")), delivers("Hel")),
            (Delivered(), delivers("lo")),
            (Delivered(), Read()),
            (data(STOP + DONE), Read(patience=1.0)),
            (Ended(), Answers("Hello")),
        ],
    )


def test_a_buffered_answer_on_a_page_that_is_known() -> None:
    whole = as_json({"status": "success", "msg": "Something went wrong", "data": "Hi!", "log": False})
    knowing(wpaicg_page(FIRST)).play(
        "Hello",
        [
            (START, posts(FIRST)),
            (opened(whole), Read()),
            (data(whole), Read()),
            (Ended(), delivers("Hi!")),
            (Delivered(), Answers("Hi!")),
        ],
    )


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(EXPIRED_200, id="200 JSON, up to 1.8.90"),
        pytest.param(EXPIRED_403, id="403 text, from 1.8.91"),
        pytest.param(response("-1", status="403 Forbidden"), id="-1"),
        pytest.param(response("token `_wpnonce` refused: it has expired", status="403 Forbidden"), id="a replay"),
        pytest.param(response("<h1>419</h1><p>Page Expired</p>", status="419 unknown status"), id="Laravel"),
        pytest.param(as_json({"message": "CSRF token mismatch."}, status="419 unknown status"), id="Laravel's JSON"),
        pytest.param(response("<h1>CSRF verification failed.</h1>", status="403 Forbidden"), id="Django"),
        pytest.param(response("Invalid anti-forgery token", status="401 Unauthorized"), id="ASP.NET"),
        pytest.param(response("Your session has expired.", status="440 Login Time-out"), id="IIS"),
    ],
)
def test_a_refused_nonce_is_renewed_and_the_question_asked_again(refusal: bytes) -> None:
    knowing(wpaicg_page(FIRST)).play(
        "Hello",
        [
            (START, posts(FIRST)),
            (opened(refusal), Read()),
            (data(refusal), Read()),
            (Ended(), Refresh(seen=1, refused=FIRST)),
            (learns(wpaicg_page(SECOND)), posts(SECOND)),
            *answers("Hi!"),
        ],
    )


def test_a_nonce_is_renewed_once_a_call() -> None:
    Stage().play(
        "Hello",
        [
            (START, Refresh(seen=0)),
            (learns(wpaicg_page(FIRST)), posts(FIRST)),
            (opened(EXPIRED_403), Read()),
            (data(EXPIRED_403), Read()),
            (Ended(), Refresh(seen=1, refused=FIRST)),
            (learns(wpaicg_page(SECOND)), posts(SECOND)),
            (opened(EXPIRED_403), Read()),
            (data(EXPIRED_403), Read()),
            (Ended(), Fails("nonce")),
        ],
    )


@pytest.mark.parametrize(
    "blocked",
    [
        response("<html><h1>403 Forbidden</h1></html>", status="403 Forbidden"),
        response("", status="403 Forbidden"),
        response("Your address is blocked.", status="401 Unauthorized"),
        response("Rule 12 matched. " * 20 + "The nonce expired.", status="403 Forbidden"),
        response("Why does a nonce matter?", status="403 Forbidden"),
        as_json({"success": False, "data": {"message": "Why is my nonce invalid?"}}, status="403 Forbidden"),
    ],
)
def test_another_403_is_not_taken_for_a_refused_nonce(blocked: bytes) -> None:
    knowing(wpaicg_page()).play(
        "Hello",
        [
            (START, posts()),
            (opened(blocked), Read()),
            (data(blocked), Read()),
            (Ended(), Fails("refused")),
        ],
    )


def test_nothing_is_asked_again_once_text_has_come_out() -> None:
    copy = '{"status":"error","msg":"Nonce verification failed"}'
    knowing(wpaicg_page()).play(
        "Hello",
        [
            (START, posts()),
            (opened(), Read()),
            (data(delta("Hel")), delivers("Hel")),
            (Delivered(), Read()),
            (data(copy), Read()),
            (Ended(), Fails("nonce", partial="Hel")),
        ],
    )


def test_a_refresh_that_fails_ends_the_call() -> None:
    Stage().play(
        "Hello",
        [(START, Refresh(seen=0)), (Failed(ChatConnectionError("no connection")), Fails("connection"))],
    )


def test_a_connection_that_broke_unused_is_tried_once_more() -> None:
    knowing(wpaicg_page()).play("Hello", [(START, posts()), (DROPPED, posts()), *answers("Hi!")])
    knowing(wpaicg_page()).play("Hello", [(START, posts()), (DROPPED, posts()), (DROPPED, Fails("connection"))])


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (Broken("reset by peer"), "interrupted"),
        (Failed(ChatTimeoutError("silence", phase="idle")), "timeout"),
        (Ended(), "interrupted"),
    ],
    ids=["broken", "timed out", "ended without an end"],
)
def test_an_answer_that_stops_half_way_keeps_its_text(end: Event, kind: str) -> None:
    knowing(wpaicg_page()).play(
        "Hello",
        [
            (START, posts()),
            (opened(), Read()),
            (data(delta("Hel")), delivers("Hel")),
            (Delivered(), Read()),
            (end, Fails(kind, partial="Hel")),
        ],
    )


def test_aipkit_takes_two_calls() -> None:
    Stage().play(
        "Hello",
        [
            (START, Refresh(seen=0)),
            (learns(aipkit_page(FIRST)), caches(FIRST)),
            (received(CACHED), streams(FIRST)),
            (opened(), Read()),
            (data('data: {"delta":"Hi!"}\n\n'), delivers("Hi!")),
            (Delivered(), Read()),
            (data(FINISHED), Read(patience=1.0)),
            (Ended(), Answers("Hi!")),
        ],
    )


def test_aipkit_in_one_piece() -> None:
    whole = as_json({"success": True, "data": {"reply": "Hi!", "message_id": "aipkit-msg-1"}})
    knowing(aipkit_page(streamEnabled=False)).play(
        "Hello",
        [
            (START, Sends("POST", AJAX, action="aipkit_frontend_chat_message", conversation_uuid="conversation-1")),
            (opened(whole), Read()),
            (data(whole), Read()),
            (Ended(), delivers("Hi!")),
            (Delivered(), Answers("Hi!")),
        ],
    )


@pytest.mark.parametrize("refusal", [AIPKIT_REFUSES_KEY, AIPKIT_REFUSES], ids=["with a code", "without"])
def test_a_nonce_that_the_first_call_refuses(refusal: bytes) -> None:
    knowing(aipkit_page(FIRST)).play(
        "Hello",
        [
            (START, caches(FIRST)),
            (received(refusal), Refresh(seen=1, refused=FIRST)),
            (learns(aipkit_page(SECOND)), caches(SECOND)),
            (received(CACHED), streams(SECOND)),
        ],
    )


def test_a_nonce_that_the_second_call_refuses_sends_both_again() -> None:
    knowing(aipkit_page(FIRST)).play(
        "Hello",
        [
            (START, caches(FIRST)),
            (received(CACHED), streams(FIRST)),
            (opened(), Read()),
            (data(REFUSED_IN_STREAM), Refresh(seen=1, refused=FIRST)),
            (learns(aipkit_page(SECOND)), caches(SECOND)),
            (received(CACHED), streams(SECOND)),
        ],
    )


@pytest.mark.parametrize("lost", [KEY_LOST, KEY_LOST.replace("Message not found in cache.", _EXPIRED)])
def test_a_lost_cache_key_sends_both_again_once(lost: str) -> None:
    knowing(aipkit_page()).play(
        "Hello",
        [
            (START, caches()),
            (received(CACHED), streams()),
            (opened(), Read()),
            (data(lost), caches()),
            (received(CACHED), streams()),
            (opened(), Read()),
            (data(lost), Fails("upstream")),
        ],
    )


@pytest.mark.parametrize("lost", [KEY_LOST, KEY_LOST.replace("Message not found in cache.", _EXPIRED)])
def test_a_lost_cache_key_sends_nothing_again_once_text_has_come_out(lost: str) -> None:
    knowing(aipkit_page()).play(
        "Hello",
        [
            (START, caches()),
            (received(CACHED), streams()),
            (opened(), Read()),
            (data('data: {"delta":"Hel"}\n\n'), delivers("Hel")),
            (Delivered(), Read()),
            (data(lost), Fails("upstream", partial="Hel")),
        ],
    )


def test_a_stream_whose_connection_broke_unused_sends_both_again() -> None:
    """The key works once, and nobody knows whether it was used."""
    knowing(aipkit_page()).play(
        "Hello",
        [
            (START, caches()),
            (received(CACHED), streams()),
            (DROPPED, caches()),
            (received(CACHED), streams()),
            (DROPPED, Fails("connection")),
        ],
    )


@pytest.mark.parametrize(
    ("before", "asked", "refusal"),
    [
        pytest.param(wpaicg_page(), posts(), NO_SUCH_ACTION, id="from 1.x to the newest"),
        pytest.param(
            aipkit_page(streamEnabled=False),
            Sends("POST", AJAX, action="aipkit_frontend_chat_message"),
            NO_SUCH_ACTION,
            id="from one call to two",
        ),
        pytest.param(
            wpaicg_page(), posts(), response("<h1>Not found</h1>", status="404 Not Found"), id="from a renamed address"
        ),
        pytest.param(wpaicg_page(), posts(), response("0"), id="where WordPress' 0 comes with status 200"),
    ],
)
def test_a_site_that_changed_since_the_last_call_is_followed(before: bytes, asked: Sends, refusal: bytes) -> None:
    knowing(before).play(
        "Hello",
        [
            (START, asked),
            (opened(refusal), Read()),
            (data(refusal), Read()),
            (Ended(), Refresh(seen=1)),
            (learns(aipkit_page(SECOND)), caches(SECOND)),
            (received(CACHED), streams(SECOND)),
        ],
    )


def test_a_site_that_moved_since_the_last_call_is_followed() -> None:
    moved = ProtocolError("the site redirects the message", status=301)
    there = Sends("POST", "https://new.test/wp-admin/admin-ajax.php", _ajax_nonce=SECOND)
    knowing(wpaicg_page()).play(
        "Hello",
        [
            (START, posts()),
            (Failed(moved), Refresh(seen=1)),
            (learns(aipkit_page(SECOND), url="https://new.test/chat/"), there),
        ],
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (as_json({"success": False, "data": {"message": "Blocked words"}}, status="400 Bad Request"), "refused"),
        (response(""), "protocol"),
    ],
    ids=["a refusal", "nothing"],
)
def test_failures_after_which_the_page_is_not_fetched_again(answer: bytes, kind: str) -> None:
    knowing(aipkit_page()).play("Hello", [(START, caches()), (received(answer), Fails(kind))])


def test_a_site_that_did_not_change_is_not_asked_again() -> None:
    knowing(wpaicg_page()).play(
        "Hello",
        [
            (START, posts()),
            (opened(NO_SUCH_ACTION), Read()),
            (data(NO_SUCH_ACTION), Read()),
            (Ended(), Refresh(seen=1)),
            (learns(wpaicg_page(SECOND)), Fails("protocol")),
        ],
    )


def test_a_page_that_was_just_fetched_is_not_fetched_again() -> None:
    Stage().play(
        "Hello",
        [
            (START, Refresh(seen=0)),
            (learns(wpaicg_page()), posts()),
            (opened(NO_SUCH_ACTION), Read()),
            (data(NO_SUCH_ACTION), Read()),
            (Ended(), Fails("protocol")),
        ],
    )


def test_a_bot_that_is_not_on_the_page_is_looked_for_once() -> None:
    knowing(aipkit_page(bot_id=5)).play(
        "Hello",
        [(START, Refresh(seen=1, bot="6")), (learns(aipkit_page(bot_id=5)), Fails("model"))],
        bot="6",
    )
    knowing(aipkit_page(bot_id=5)).play(
        "Hello",
        [(START, Refresh(seen=1, bot="6")), (learns(aipkit_page(bot_id=6)), caches())],
        bot="6",
    )


def test_generation_1_is_sent_the_earlier_turns() -> None:
    stage = knowing(wpaicg_page())
    stage.play("Hello", [(START, posts()), *answers("Hi!")])
    history = json.dumps([{"id": "", "text": "Human: Hello"}, {"id": "", "text": "AI: Hi!"}], separators=(",", ":"))
    stage.play("And now?", [(START, posts(message="And now?", wpaicg_chat_history=history))])


def test_an_assistants_thread_is_gone_on_with() -> None:
    stage = knowing(wpaicg_page())
    stage.play(
        "Hello",
        [
            (START, posts()),
            (opened(), Read()),
            (data("event: thread_id\ndata: thread_1\n\n" + delta("Hi!")), delivers("Hi!")),
            (Delivered(), Read()),
            (data(STOP + DONE), Read(patience=1.0)),
            (Ended(), Answers("Hi!")),
        ],
    )
    stage.play("And now?", [(START, posts(message="And now?", thread_id="thread_1"))])


def test_aipkit_remembers_by_itself() -> None:
    stage = knowing(aipkit_page(enableOpenAIConversationState=True))
    stage.play(
        "Hello",
        [
            (START, caches()),
            (received(CACHED), Sends("GET", AJAX, conversation_uuid="conversation-1")),
            (opened(), Read()),
            (data('data: {"delta":"Hi!"}\n\n'), delivers("Hi!")),
            (Delivered(), Read()),
            (data('event: openai_response_id\ndata: {"id":"resp_1"}\n\n' + FINISHED), Read(patience=1.0)),
            (Ended(), Answers("Hi!")),
        ],
    )
    stage.play(
        "And now?",
        [
            (START, caches(message="And now?")),
            (
                received(CACHED),
                Sends("GET", AJAX, conversation_uuid="conversation-1", previous_openai_response_id="resp_1"),
            ),
        ],
    )
    assert stage.talk.history == [Message(role="user", content="Hello"), Message(role="assistant", content="Hi!")]


def test_google_continues_from_its_own_answer() -> None:
    stage = knowing(aipkit_page(enableGoogleConversationState=True))
    stage.play(
        "Hello",
        [
            (START, caches()),
            (received(CACHED), Sends("GET", AJAX)),
            (opened(), Read()),
            (data('data: {"delta":"Hi!"}\n\n'), delivers("Hi!")),
            (Delivered(), Read()),
            (data('event: google_interaction_id\ndata: {"id":"v1_1"}\n\n' + FINISHED), Read(patience=1.0)),
            (Ended(), Answers("Hi!")),
        ],
    )
    stage.play(
        "And now?",
        [
            (START, caches(message="And now?")),
            (received(CACHED), Sends("GET", AJAX, previous_google_interaction_id="v1_1")),
        ],
    )


def test_turns_that_aipkit_does_not_have_are_sent_in_the_message() -> None:
    stage = knowing(wpaicg_page())
    stage.play("Hello", [(START, posts()), *answers("Hi!")])
    learns(aipkit_page())(stage.memory)
    stage.play("And now?", [(START, caches(message="User: Hello\nAssistant: Hi!\nUser: And now?\nAssistant:"))])


def test_turns_that_are_passed_in_are_not_dropped() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "And now?"},
    ]
    history = "System: Be brief.\nUser: Hello\nAssistant: Hi!\nUser: And now?\nAssistant:"
    knowing(aipkit_page()).play(turns, [(START, caches(message=history))])


def test_a_turn_keeps_its_speaker_in_the_last_place_too() -> None:
    turns = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Once upon"}]
    history = "User: Hello\nAssistant: Once upon\nAssistant:"
    knowing(aipkit_page()).play(turns, [(START, caches(message=history))])


def test_a_turn_that_failed_is_not_remembered() -> None:
    stage = knowing(wpaicg_page())
    stage.play("Hello", [(START, posts()), (opened(), Read()), (Broken("reset"), Fails("interrupted"))])
    assert stage.talk.history == []


@pytest.mark.parametrize("nothing", ["", "  \n", "\0", [], [{"role": "user", "content": " "}]])
def test_nothing_is_not_asked(nothing: str) -> None:
    with pytest.raises(RefusedError, match="the message is empty; nothing was sent"):
        Stage().play(nothing, [])
