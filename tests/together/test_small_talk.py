"""The default model and an echo, asked by the reference client in each way that the plugin has of asking."""

from __future__ import annotations

from typing import Any

import pytest

from chatgptfree.blocking import ChatClient
from chatgptfree_mock.serving import MockSite

SITES = [
    pytest.param("1.8.93", {}, id="a stream of AI Power"),
    pytest.param("1.8.93", {"bots": [{"stream": False}]}, id="one piece of AI Power"),
    pytest.param("2.3.31", {"bots": [{"stream": False}]}, id="one piece of AIPKit"),
    pytest.param("2.4.71", {}, id="a stream of AIPKit"),
    pytest.param("2.4.71", {"bots": [{"conversation_state": True}]}, id="the API keeps the conversation"),
    pytest.param("2.4.71", {"bots": [{"provider": "Google"}]}, id="another provider"),
]


@pytest.mark.parametrize(("plugin", "settings"), SITES)
def test_the_default_model_remembers_the_name_that_it_was_given(plugin: str, settings: dict[str, Any]) -> None:
    with (
        MockSite(settings={"plugin": plugin, **settings}, delivery="pace=instant") as site,
        ChatClient(site.url) as chat,
    ):
        talk = chat.conversation()
        assert talk.ask("My name is Ada.").text == "Nice to meet you, Ada!"
        assert talk.ask("What is my name?").text == "Your name is Ada."
        assert chat.ask("What is my name?").text == "You have not told me your name."


@pytest.mark.parametrize(("plugin", "settings"), SITES)
def test_an_echo_is_of_the_message_at_hand(plugin: str, settings: dict[str, Any]) -> None:
    whole = {"plugin": plugin, **settings, "model": {"reply": "You said: {message}"}}
    with MockSite(settings=whole, delivery="pace=instant") as site, ChatClient(site.url) as chat:
        assert [chat.ask(text).text for text in ("One", "Grüße 👋", "One")] == [
            "You said: One",
            "You said: Grüße 👋",
            "You said: One",
        ]
