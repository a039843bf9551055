"""What public objects look like in a debugger and in a failure: what they are, short, and without secrets."""

from __future__ import annotations

import re

from chatgptfree import ChatClient, blocking
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.serving import MockServer, MockSite
from chatgptfree_mock.tape.files import named_cassette


def test_a_site_and_its_journal() -> None:
    site = MockSite(plugin="2.4.71", reply="Hello")
    assert repr(site) == "<MockSite not running, aipower 2.4.71, 0 requests>"
    with site, blocking.ChatClient(site.url) as chat:
        chat.page()
        assert repr(site) == f"<MockSite {site.url}, aipower 2.4.71, 1 request>"
        chat.ask("Hi")
        assert repr(site) == f"<MockSite {site.url}, aipower 2.4.71, {len(site.journal)} requests>"
        assert repr(site.journal[0]).startswith("<Exchange #1 GET / -> 200 text/html")
        assert repr(site.journal).startswith(
            f"<Journal of {len(site.journal)} exchanges, the last #{len(site.journal)} "
        )


def test_a_server() -> None:
    with MockServer() as server:
        assert re.fullmatch(rf"<MockServer {server.url}, aipower [\d.]+, 1 site>", repr(server))


def test_recordings_scenarios_and_deliveries() -> None:
    cassette = named_cassette("1.8.93/msg_ok_s")
    assert re.fullmatch(
        r"<Cassette \S+/msg_ok_s.yaml: \d+ interactions, the first [A-Z]+ https?://\S+>", repr(cassette)
    )
    library = shipped()
    entry = library["nonce/expired-403"]
    assert repr(library) == f"<Library of {len(library)} scenarios>"
    assert repr(entry) == f"<ScenarioEntry nonce/expired-403: {entry.scenario.title}>"
    assert repr(entry.scenario) == f"<Scenario {entry.scenario.title!r} for the pack aipower>"
    assert repr(Delivery.parse("utf8", fault="drip=20ms")) == "<Delivery chunks=utf8 fault=drip=20ms>"


def test_clients_show_no_secrets() -> None:
    client = ChatClient("https://me:secret@site.test/chat", bot="gpt", headers={"X-Key": "secret"})
    assert repr(client) == "<ChatClient https://site.test/chat bot='gpt'>"
    assert repr(client.stream("Hi")) == "<ReplyStream of https://site.test/chat, not begun>"
    assert repr(client.conversation(bot="gpt")) == "<Conversation bot='gpt', 0 messages>"
    with blocking.ChatClient("https://me:secret@site.test") as chat:
        assert re.fullmatch(r"<blocking ChatClient https://site.test/?>", repr(chat))
        assert re.fullmatch(r"<ReplyStream of https://site.test/?, not begun>", repr(chat.stream("Hi")))
        assert repr(chat.conversation(bot="gpt")) == "<Conversation bot='gpt', 0 messages>"
