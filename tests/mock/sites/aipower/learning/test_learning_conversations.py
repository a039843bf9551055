"""What depends on more than one exchange: conversations that were kept, and the bots that requests name."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import yaml
from msgspec.structs import replace
from tests.support.recorded_session import AJAX, Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract.learned_release import LearnedRelease
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.tape.model import Cassette

MESSAGE_ID = "message_id"


def learn(tape: Cassette, name: str = "2.4.98") -> LearnedRelease:
    judge = partial(differences, marks=PAGE_MARKS)
    return learn_release(built_in(), [tape], name=name, base=BASE_RELEASE, judge=judge)


def asked_once(session: Session) -> dict[str, str]:
    """Read the page and ask a question; return the fields that identify the visitor, and the id of the answer."""
    session.get("/chat/")
    who = session.who()
    left = session.post({**who, "action": "aipkit_cache_sse_message", "message": "Hello"})
    key = json.loads(left)["data"]["cache_key"]
    stream = session.get(AJAX, {**who, "action": "aipkit_frontend_chat_stream", "cache_key": key}).decode()
    return {**who, MESSAGE_ID: stream.partition('"message_id":"')[2].partition('"')[0]}


def test_lists_history_and_feedback_are_answered_as_recorded() -> None:
    session = Session(BASE_RELEASE)
    who = asked_once(session)
    for action in ("get_conversation_history", "get_conversations_list", "store_feedback", "store_feedback"):
        session.post({**who, "action": f"aipkit_{action}", "feedback_type": "up"})
    session.post({**who, "action": "aipkit_delete_single_conversation"})
    session.post({**who, "action": "aipkit_get_conversations_list"})
    learned = learn(session.cassette)
    assert [each.name for each in learned.exchanges if not each.alike] == []
    assert len(learned.exchanges) == 9
    assert yaml.safe_load(learned.text) == {"base": BASE_RELEASE, "source": "recorded"}


def test_a_history_in_another_form_is_still_a_difference() -> None:
    session = Session(BASE_RELEASE)
    session.post({**asked_once(session), "action": "aipkit_get_conversation_history"})
    *before, last = session.interactions
    body = last.response.body.replace(b'"content"', b'"words"')
    tape = Cassette(interactions=(*before, replace(last, response=replace(last.response, body=body, chunks=()))))
    (differing,) = [each for each in learn(tape).exchanges if not each.alike]
    assert differing.name.startswith("4 (POST aipkit_get_conversation_history")


@pytest.mark.parametrize("number", [5, 25865])
def test_a_bot_id_of_other_names_is_still_the_bots(number: int, tmp_path: Path) -> None:
    page = {"renamed": {"data-bot-id": "data-chat-id", "botId": "chatId"}}
    (tmp_path / "92.5.9.yaml").write_text(json.dumps({"base": BASE_RELEASE, "page": page}))
    session = Session("92.5.9", built_in().with_files([tmp_path]), bots=[{"id": number, "place": "inline"}])
    learned = learn(session.ask_twice(), "92.5.9")
    assert yaml.safe_load(learned.text) == {"base": BASE_RELEASE, "source": "recorded", "page": page}
    assert learned.alike == len(learned.exchanges)


def test_a_bot_that_the_page_does_not_name_is_a_question(tmp_path: Path) -> None:
    page = {"dropped": ["data-bot-id", "botId"]}
    (tmp_path / "92.5.9.yaml").write_text(json.dumps({"base": BASE_RELEASE, "page": page}))
    session = Session("92.5.9", built_in().with_files([tmp_path]))
    assert "where does the chat name its bot? Requests name 25865" in learn(session.ask_twice(), "92.5.9").text


def test_exchanges_from_which_nothing_is_learned_are_named() -> None:
    session = Session(BASE_RELEASE)
    asked_once(session)
    session.post({"action": "ratings_vote", "item": "7"})
    session.get("/style.css")
    session.get("/other/")
    learned = learn(session.cassette)
    assert len(learned.exchanges) == 3
    assert learned.unused == ("4 (POST ratings_vote)", "2 files or pages, the first of them 5 (GET /style.css)")
    assert "#   4 (POST ratings_vote)\n" in learned.text
