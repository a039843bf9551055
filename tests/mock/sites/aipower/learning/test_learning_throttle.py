"""A tape of a site whose throttle refuses the third question: its sentence, its limit, and the key of its words."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.support.recorded_session import AJAX, Session
from tests.support.releases import BASE_RELEASE

from chatgptfree_mock.cli import run
from chatgptfree_mock.cli.learn import differences
from chatgptfree_mock.contract.learned_release import LearnedRelease
from chatgptfree_mock.sites.aipower.learning.learner import learn_release
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.saving import save

NAME = "92.5.9"
TOO_OFTEN = "Too many requests. Please wait a minute and try again."
KEY = {"events": {"keys": {"error": {"error": "reason"}}}}
WORDS = {"wording": {TOO_OFTEN: "Slow down."}}


def recorded(folder: Path, differing: dict[str, Any]) -> Cassette:
    """Return a tape of the release that has a limit of two requests, and what is *differing* beside that."""
    file = folder / f"{NAME}.yaml"
    file.write_text(json.dumps({"base": BASE_RELEASE, "traits": {"throttle": 2}, **differing}))
    session = Session(NAME, built_in().with_files([file]))
    session.get("/chat/")
    for number in range(3):
        who = session.who()
        left = session.post({**who, "action": "aipkit_cache_sse_message", "message": f"Question {number}"})
        key = json.loads(left)["data"]["cache_key"]
        session.get(AJAX, {**who, "action": "aipkit_frontend_chat_stream", "cache_key": key})
    return session.cassette


def learn(folder: Path, differing: dict[str, Any]) -> LearnedRelease:
    """Learn from such a tape."""
    judge = partial(differences, marks=PAGE_MARKS)
    return learn_release(built_in(), [recorded(folder, differing)], name=NAME, base=None, judge=judge)


@pytest.mark.parametrize("key", [{}, KEY], ids=["usual key", "renamed key"])
def test_new_words_of_the_throttle_are_a_question_with_all_sentences_in_full(
    key: dict[str, Any], tmp_path: Path
) -> None:
    learned = learn(tmp_path, {**key, **WORDS})
    assert (learned.alike, len(learned.exchanges)) == (6, 7)
    assert '? 7 (GET aipkit_frontend_chat_stream): which sentence reads "Slow down." now? It may be\n' in learned.text
    assert f'#       "{TOO_OFTEN}", if the address has asked as often as it may in a minute\n' in learned.text
    assert "…" not in learned.text
    assert "Assumed" not in learned.text
    assert ("error: reason" in learned.text) is bool(key)


@pytest.mark.parametrize("key", [{}, KEY], ids=["usual key", "renamed key"])
def test_a_throttle_is_recognised_and_its_owner_is_a_question(key: dict[str, Any], tmp_path: Path) -> None:
    learned = learn(tmp_path, key)
    assert learned.alike == len(learned.exchanges) == 7
    assert learned.exchanges[-1].situation == "the address has asked as often as it may in a minute"
    assert (
        "? 7 (GET aipkit_frontend_chat_stream): the requests of a minute were used up, after 2 recorded" in learned.text
    )


@pytest.mark.parametrize("key", [{}, KEY], ids=["usual key", "renamed key"])
def test_words_that_are_not_learned_are_shown_as_a_diff(
    key: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "tape.yaml", recorded(tmp_path, {**key, **WORDS}))
    (tmp_path / "out").mkdir()
    arguments = ["learn", str(tmp_path / "tape.yaml"), "--name", NAME, "--out", str(tmp_path / "out")]
    assert run(arguments) == 1
    _, *shown, alike, _ = capsys.readouterr().out.splitlines()
    assert alike == "6 of 7 exchanges alike"
    assert any("Slow down." in line for line in shown)
    assert any(line.startswith("7 (GET aipkit_frontend_chat_stream)") for line in shown), shown
