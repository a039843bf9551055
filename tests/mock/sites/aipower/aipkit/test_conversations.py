"""What AIPKit remembers of conversations, and what it lets the page ask about them."""

from __future__ import annotations

import pytest
from tests.support.aipkit_guest import Guest, data_of, guest

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.sites.aipower.aipkit.log import (
    CONVERSATIONS,
    ENTRIES,
    ConversationKey,
    Log,
    LogEntry,
    allowed_html,
)

ANSWER = "Sure, <b>of course</b> & more."


def talker(plugin: str = "2.4.71", **bot: object) -> Guest:
    return guest(plugin, bots=[bot], model={"reply": ANSWER})


def questions_of(visitor: Guest, message: str) -> list[str]:
    """Ask and return the words that reached the model behind its role."""
    (messages,) = visitor.stream(message).upstream
    return [message["content"] for message in messages[1:]]


def test_the_model_is_sent_earlier_messages_as_logged() -> None:
    visitor = talker()
    assert questions_of(visitor, "a <i>b</i> <script>x</script> & 3<4") == ["a <i>b</i> <script>x</script> & 3<4"]
    again = questions_of(visitor, "And again?")
    assert again == ["a <i>b</i> x &amp; 3&lt;4", ANSWER.replace("&", "&amp;"), "And again?"]


def test_roles_are_those_of_the_api() -> None:
    visitor = talker()
    visitor.ask("One")
    (messages,) = visitor.stream("Two").upstream
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]


@pytest.mark.parametrize("other", ["session", "conversation", "bot"])
def test_conversations_are_kept_apart(other: str) -> None:
    visitor = guest(bots=[{"id": 7}, {"id": 8}])
    visitor.bot = 7
    questions_of(visitor, "One")
    setattr(visitor, other, 8 if other == "bot" else "another")
    assert questions_of(visitor, "Two") == ["Two"]


def test_two_sites_remember_nothing_of_each_other() -> None:
    questions_of(talker(), "One")
    assert questions_of(talker(), "Two") == ["Two"]


def test_memory_is_limited() -> None:
    visitor = talker(memory=2)
    for message in ("One", "Two", "Three"):
        visitor.ask(message)
    assert questions_of(visitor, "Four") == ["Three", ANSWER.replace("&", "&amp;"), "Four"]


@pytest.mark.parametrize("memory", [0, 1, 2, 5, 15])
def test_the_model_is_sent_the_latest_messages_within_its_memory(memory: int) -> None:
    visitor = guest(bots=[{"memory": memory}], model={"reply": "A"})
    turns: list[str] = []
    for number in range(10):
        question = f"Q{number}"
        assert questions_of(visitor, question) == [*turns[max(len(turns) - memory, 0) :], question]
        turns += [question, "A"]


def test_a_state_kept_by_the_api_replaces_the_history() -> None:
    visitor = talker(conversation_state=True)
    visitor.ask("One")
    assert questions_of(visitor, "Two") == ["Two"]
    assert questions_of(talker(conversation_state=True), "Two") == ["Two"]


def test_blanks_reach_the_stream_but_not_the_model() -> None:
    assert questions_of(guest(), "  ") == []


def test_failures_are_remembered_as_words_of_the_model() -> None:
    visitor = guest(model={"dies_after": 1, "reply": ["Hel", "lo"]})
    visitor.ask("One")
    words = "Error: Connection Error: transfer closed with outstanding read data remaining"
    assert questions_of(visitor, "Two") == ["One", "Hel", words, "Two"]


def test_the_page_can_list_and_read_conversations() -> None:
    visitor = talker()
    visitor.ask("Tell me all about the weather in Prague")
    visitor.now[0] += 100
    visitor.conversation = "conversation-2"
    visitor.ask("Hi")
    listed = data_of(visitor.post("aipkit_get_conversations_list"))["conversations"]
    assert [entry["title"] for entry in listed] == ["Hi", "Tell me all about the..."]
    assert [entry["id"] for entry in listed] == ["conversation-2", "conversation-1"]
    history = data_of(visitor.post("aipkit_get_conversation_history"))["history"]
    assert [(entry["role"], entry["content"]) for entry in history] == [
        ("user", "Hi"),
        ("bot", ANSWER.replace("&", "&amp;")),
    ]
    assert list(history[1])[:4] == ["message_id", "role", "content", "timestamp"]
    assert history[1]["openai_response_id"] == "resp_fake0002"


def test_the_page_names_the_message_of_a_visitor() -> None:
    visitor = talker()
    key = data_of(visitor.post("aipkit_cache_sse_message", message="Hi", user_client_message_id="Mine-1"))["cache_key"]
    visitor.stream(key=key)
    history = data_of(visitor.post("aipkit_get_conversation_history"))["history"]
    assert history[0]["message_id"] == "mine-1"


def test_an_answer_can_be_rated() -> None:
    visitor = talker()
    message_id = visitor.ask()[0][1]["message_id"]
    saved = visitor.post("aipkit_store_feedback", message_id=message_id, feedback_type="up")
    assert data_of(saved) == {"message": "Feedback saved.", "feedback": "up"}
    assert data_of(visitor.post("aipkit_get_conversation_history"))["history"][1]["feedback"] == "up"
    visitor.post("aipkit_store_feedback", message_id=message_id, feedback_type="none")
    assert "feedback" not in data_of(visitor.post("aipkit_get_conversation_history"))["history"][1]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"feedback_type": "so-so"}, 400, "invalid_feedback_data", id="neither up nor down"),
        pytest.param({"message_id": "other"}, 404, "message_not_found", id="no such message"),
        pytest.param({"conversation_uuid": "other"}, 404, "conversation_not_found", id="no such conversation"),
        pytest.param({"session_id": ""}, 400, "missing_identifier", id="nobody"),
        pytest.param({"_ajax_nonce": "0123456789"}, 403, "nonce_failure", id="a bad nonce"),
    ],
)
def test_ratings_that_are_refused(fields: dict[str, str], status: int, code: str) -> None:
    visitor = talker()
    visitor.ask()
    reply = visitor.post("aipkit_store_feedback", **{"message_id": "x", "feedback_type": "up", **fields})
    assert (reply.response.status, data_of(reply)["code"]) == (status, code)


def test_a_conversation_can_be_deleted() -> None:
    visitor = talker()
    visitor.ask("One")
    assert data_of(visitor.post("aipkit_delete_single_conversation")) == {"message": "Conversation deleted."}
    assert visitor.post("aipkit_delete_single_conversation").response.status == 404
    assert questions_of(visitor, "Two") == ["Two"]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("aipkit_get_conversations_list", "Bot ID is required."),
        ("aipkit_get_conversation_history", "Bot ID and Conversation ID are required."),
        ("aipkit_delete_single_conversation", "Bot ID and Conversation ID are required."),
    ],
)
def test_actions_that_need_a_bot(action: str, words: str) -> None:
    reply = guest().post(action, bot_id="0")
    assert (reply.response.status, data_of(reply)) == (400, {"message": words})


def test_the_log_forgets_what_was_not_used_for_long() -> None:
    log = Log(MemoryStore())
    places = [ConversationKey(owner="guest", bot_id=1, conversation=str(number)) for number in range(CONVERSATIONS + 1)]
    for place in places[:-1]:
        log.add(place, LogEntry(role="user", content="x", timestamp=0, message_id="m"))
    log.add(places[0], LogEntry(role="user", content="y", timestamp=1, message_id="n"))
    log.add(places[-1], LogEntry(role="user", content="z", timestamp=2, message_id="o"))
    assert [len(log.entries(place)) for place in (places[0], places[1], places[-1])] == [2, 0, 1]
    for _ in range(ENTRIES):
        log.add(places[0], LogEntry(role="user", content="x", timestamp=3, message_id="p"))
    assert len(log.entries(places[0])) == ENTRIES


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 > 2"),
        ("&amp; &copy; &nonsense;", "&amp; &copy; &amp;nonsense;"),
        ('<a href="/x">y</a><script>z</script>', '<a href="/x">y</a>z'),
        ("<B>x</B><iframe>", "<B>x</B>"),
    ],
)
def test_the_log_keeps_the_html_of_posts(sent: str, kept: str) -> None:
    assert allowed_html(sent) == kept
