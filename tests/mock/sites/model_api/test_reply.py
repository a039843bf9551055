"""What a model answers: an echo, a small conversation, or what the settings give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.model_api.reply import GREETING, reply_to
from chatgptfree_mock.sites.model_api.settings import Model

TEXT = st.text().filter(lambda text: "{message}" not in text)


def conversation(*messages: str) -> Messages:
    turns = [
        ({"role": "user", "content": text}, {"role": "assistant", "content": "My name is Bot."}) for text in messages
    ]
    return ({"role": "system", "content": "My name is Rule."}, *[message for turn in turns for message in turn][:-1])


@given(text=TEXT, asked=TEXT)
def test_a_reply_without_the_place_is_given_as_it_is(text: str, asked: str) -> None:
    assert reply_to(Model(reply=text), conversation(asked)) == text
    assert reply_to(Model(reply=[text]), conversation(asked)) == [text]


@given(before=TEXT, asked=st.text(), after=TEXT)
def test_the_place_is_filled_with_the_latest_message(before: str, asked: str, after: str) -> None:
    pieces = [before, "{message}", after]
    assert reply_to(Model(reply="".join(pieces)), conversation("earlier", asked)) == before + asked + after
    assert reply_to(Model(reply=pieces), conversation("earlier", asked)) == [before, asked, after]


@pytest.mark.parametrize(
    ("turns", "answer"),
    [
        pytest.param(["Hello"], GREETING, id="a greeting"),
        pytest.param(["My name is Ada."], "Nice to meet you, Ada!", id="a name is given"),
        pytest.param(["My name is Ada.", "What is my name?"], "Your name is Ada.", id="the name is asked for"),
        pytest.param(["my name is Zoë-Ann", "What's my name"], "Your name is Zoë-Ann.", id="spelling does not matter"),
        pytest.param(
            ["My name is Ada", "My name is Eve", "What is my name?"], "Your name is Eve.", id="the latest one"
        ),
        pytest.param(["What is my name?"], "You have not told me your name.", id="no name was given"),
    ],
)
def test_the_default_model_remembers_names(turns: list[str], answer: str) -> None:
    assert reply_to(Model(), conversation(*turns)) == answer


def test_no_message_is_a_greeting() -> None:
    assert reply_to(Model(), ()) == GREETING
    assert reply_to(Model(reply="You said {message}"), ()) == "You said "
