"""What is no argument of a public class is refused with the nearest that is one, or the place where it is set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.support.releases import NEWEST

from chatgptfree_mock.errors import InterceptError, MockError, SettingsError
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mock_site import MockSite
from chatgptfree_mock.server.server_config import ServerConfig


@pytest.mark.parametrize(
    ("make", "given", "message"),
    [
        pytest.param(MockSite, {"plugins": NEWEST}, "no argument `plugins`; did you mean `plugin`?", id="a near one"),
        pytest.param(MockSite, {"xyz": 1}, "no argument `xyz`; there are: pack, plugin, ", id="none is near"),
        pytest.param(MockSite, {"chunks": "utf8"}, 'delivery="chunks=utf8"', id="part of the delivery"),
        pytest.param(MockSite, {"nonce": "expired"}, 'settings={"nonce": …}', id="a setting"),
        pytest.param(MockSite, {"scenario": "nonce/x"}, "chat_site(scenario=…)", id="a scenario"),
        pytest.param(MockServer, {"prot": 1}, "MockServer has no argument `prot`; did you mean `port`?", id="a server"),
    ],
)
def test_an_unknown_argument_names_what_was_meant(
    make: Callable[..., object], given: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        make(**given)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(MockSite, "MockSite: give '1.8.93' by the name of its argument, such as `plugin=…`", id="a site"),
        pytest.param(
            lambda value: MockServer(None, value),  # type: ignore[call-arg]
            "MockServer: give '1.8.93' by the name of its argument, such as `host=…`",
            id="behind what needs no name",
        ),
    ],
)
def test_a_value_without_its_name_is_asked_for_it(make: Callable[[str], object], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        make("1.8.93")
    assert str(caught.value) == message


def test_deliver_names_the_word_that_was_meant() -> None:
    deliver: Any = MockSite().deliver
    with pytest.raises(TypeError, match=r"MockSite.deliver has no argument `chunk`; did you mean `chunks`\?"):
        deliver(chunk="utf8")
    with pytest.raises(TypeError, match=r"MockSite.deliver: give 'utf8' by the name of its argument, .* `chunks=…`"):
        deliver("utf8")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"port": "x"}, "port 'x' is not a number from 0 (any free port) to 65535", id="a port"),
        pytest.param({"port": 70000}, "port 70000 is not a number from 0", id="a port too large"),
        pytest.param({"reply": 3}, "reply: give a text or a list of texts, not 3", id="a reply"),
        pytest.param({"reply": ["a", 3]}, "reply: give a text or a list of texts, not ['a', 3]", id="a piece of it"),
        pytest.param(
            {"settings": "site.yaml"}, "settings: give a mapping or a struct of the pack, not 'site.yaml'", id="a file"
        ),
        pytest.param(
            {"settings": {"bots": "x"}}, "expected a list, got a text - at `$.bots`", id="another kind of value"
        ),
        pytest.param({"plugin": 2.4}, "plugin: give a text, not 2.4", id="a number for a release"),
        pytest.param({"pack": ""}, "pack: give a text, not ''", id="an empty text"),
        pytest.param({"cassette": []}, "cassette: give a path, a short name, or a list of these, not []", id="no tape"),
        pytest.param({"cassette": 3}, "cassette: give a path, a short name, or a list of these, not 3", id="a tape"),
        pytest.param({"cassette": "1.8.93/msg_ok_s", "strict": "no"}, "strict: give True or False, not 'no'", id="no"),
        pytest.param({"cassette": "1.8.93/msg_ok_s", "match_on": 3}, "match_on: give a text or a list", id="a word"),
        pytest.param({"seed": True}, "seed: give a whole number, not True", id="a seed"),
        pytest.param({"delivery": {"chunks": ["utf8"]}}, "chunks: give a text, not ['utf8']", id="a list for a word"),
        pytest.param({"delivery": {"chunks": ""}}, "chunks: no such word: ``", id="an empty word"),
        pytest.param({"delivery": {"fault": 3}}, "fault: give a text such as `reset@50%`, or a list", id="a fault"),
        pytest.param({"delivery": {"fault": ","}}, "or a list of texts, not ','", id="no fault at all"),
        pytest.param({"delivery": {"seed": "3"}}, "seed: give a whole number, not '3'", id="a seed of faults"),
        pytest.param({"settings": {"nonce": "nope"}}, "unknown value 'nope' - at `$.nonce`", id="an unknown word"),
    ],
)
def test_an_unusable_value_is_named_in_words(given: Mapping[str, Any], message: str) -> None:
    with pytest.raises(MockError) as caught, MockSite(**given):
        pass
    assert message in str(caught.value)


def test_what_a_server_cannot_use_is_named_in_words() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"delivery": "chunks=utf8"}, "delivery: give a Delivery, not 'chunks=utf8'"),
        ({"replay": {"match_on": ["path"]}}, "replay: give a ReplayOptions, not {"),
        ({"memory": float("nan")}, "memory: give a whole number from 0 on, not nan"),
        ({"journal_exchanges": -1}, "journal_exchanges: give a whole number from 0 on, not -1"),
        ({"body_seconds": 0}, "body_seconds: give a number of seconds above 0, not 0"),
    ]
    for given, message in cases:
        with pytest.raises(SettingsError) as caught:
            ServerConfig(**given)
        assert str(caught.value).startswith(message)
    with pytest.raises(InterceptError, match="a port of the proxy needs clients that are intercepted"):
        MockServer(proxy_port=8081)


@pytest.mark.parametrize("word", ["chunks", "pace", "fault", "delivery"])
def test_configure_names_the_method_for_the_delivery(word: str) -> None:
    with MockSite() as site, pytest.raises(SettingsError, match=rf"`{word}` is not a setting; .* deliver\("):
        site.configure(**{word: "utf8"})


def test_the_reply_is_configured_as_a_setting_of_the_model() -> None:
    site = MockSite(reply="Hello")
    with pytest.raises(SettingsError, match=r"configure\(model=\{'reply': 'Hi'\}\)"):
        site.configure(reply="Hi")
    site.configure(model={"reply": "Hi"})
