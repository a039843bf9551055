"""
Play a conversation as a script: what happens, and what the machine asks for next.

A script is a list of pairs, an event on the left and the expected command on the right; the first event is `START`.
`Sends` matches a command that sends a request, by the facts that matter to the test.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from chatgptfree.core.page.page_reader import read_page
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.core.protocol.site import Site
from chatgptfree.core.session.commands import (
    Command,
    Data,
    Deliver,
    Done,
    Event,
    Fail,
    Fetch,
    Open,
    Opened,
    Received,
    Refresh,
)
from chatgptfree.core.session.commands import Refreshed as _Refreshed
from chatgptfree.core.session.conversation import ChatCall
from chatgptfree.core.session.nonce_refresh import SessionState, refresh
from chatgptfree.core.session.question import Ask, Question
from chatgptfree.core.session.request_builder import ConversationState, Identity
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Limits

URL: Final = "https://site.test/"
START: Final = None

Learn: TypeAlias = Callable[[SessionState], Event]
Script: TypeAlias = Sequence[tuple[Event | Learn | None, object]]


class Sends:
    """Equals a `Fetch` or an `Open` of the same method whose query and body hold *fields*."""

    def __init__(self, method: str, url: str = "", *, headers: Sequence[str] = (), **fields: str) -> None:
        self._wanted = (method, url, tuple(headers), fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fetch | Open):
            return NotImplemented
        method, url, headers, fields = self._wanted
        request = other.request
        sent = dict(parse_qsl(urlsplit(request.url).query) + parse_qsl((request.body or b"").decode()))
        names = {name.lower() for name, _ in request.headers}
        return (
            request.method == method
            and request.url.startswith(url)
            and all(sent.get(name) == value for name, value in fields.items())
            and all(name.lower() in names for name in headers)
        )

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        method, url, headers, fields = self._wanted
        return f"Sends({method!r}, {url!r}, headers={headers}, {fields})"


class Fails:
    """Equals a `Fail` of the kind, with the partial text."""

    def __init__(self, kind: str, *, partial: str = "") -> None:
        self._wanted = (kind, partial)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fail):
            return NotImplemented
        return (other.error.kind, other.error.partial) == self._wanted

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"Fails{self._wanted}"


class Answers:
    """Equals a `Done` whose reply has the text, and the codes of its warnings if they are given."""

    def __init__(self, text: str, warnings: set[str] | None = None) -> None:
        self._text = text
        self._warnings = warnings

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Done):
            return NotImplemented
        codes = {warning.code for warning in other.reply.warnings}
        return other.reply.text == self._text and self._warnings in (None, codes)

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"Answers({self._text!r}, {self._warnings!r})"


def delivers(text: str) -> Deliver:
    """Return the command that hands *text* to the user."""
    return Deliver(Delta(text))


def learns(page: bytes, url: str = URL) -> Learn:
    """Return what answers a `Refresh`: the memory has now read *page*, a raw response of *url*."""

    def learn(memory: SessionState) -> Event:
        head, body = _split(page, url)
        memory.learn(read_page(head, body))
        return _Refreshed()

    return learn


def received(response: bytes, url: str = URL) -> Received:
    """Return the event of a whole raw *response*."""
    head, body = _split(response, url)
    return Received(head=head, body=body)


def opened(response: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n") -> Opened:
    """Return the event of the head of a raw *response*."""
    return Opened(_split(response, URL)[0])


def data(text: str | bytes) -> Data:
    """Return the event of a piece of the body; of a raw response, its body."""
    if isinstance(text, bytes) and text.startswith(b"HTTP/"):
        return Data(_split(text, URL)[1])
    return Data(text.encode() if isinstance(text, str) else text)


@dataclass(kw_only=True)
class Stage:
    """A client without a network: a memory and a conversation that turns are played with."""

    memory: SessionState = field(default_factory=lambda: SessionState(Site.of(URL), Limits()))
    talk: ConversationState = field(default_factory=lambda: ConversationState(conversation_id="conversation-1"))

    def play(self, ask: Ask, script: Script, *, bot: str | None = None) -> None:
        """Play one turn and compare each command with the script."""
        turn = ChatCall(
            Question.of(ask),
            session_state=self.memory,
            conversation=self.talk,
            identity=Identity(session_id="session-1", client_id="client1234"),
            bot=bot,
            new_id=_ids(),
            stamp=1795393000000,
        )
        got: list[tuple[object, Command]] = []
        for event, _ in script:
            happened = event(self.memory) if callable(event) else event
            got.append((event, turn.start() if happened is None else turn.next(happened)))
        assert [command for _, command in got] == [expected for _, expected in script]

    def renew(self, command: Refresh, script: Script) -> ChatError | None:
        """Play one refresh; the script's last event has nothing on its right.  Return the error it ended with."""
        steps = refresh(self.memory, command, _ids())
        for event, expected in script:
            assert not callable(event)
            try:
                got = next(steps) if event is None else steps.send(event)
            except StopIteration:
                assert expected is None
                return None
            except ChatError as error:
                assert expected is None
                return error
            assert got == expected
        raise AssertionError("the refresh goes on after the script")


def _ids() -> Callable[[], str]:
    counter = itertools.count(1)
    return lambda: f"id-{next(counter)}"


def _split(response: bytes, url: str) -> tuple[ResponseHead, bytes]:
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    return ResponseHead(status=int(first.split(" ")[1]), url=url, headers=headers), body
