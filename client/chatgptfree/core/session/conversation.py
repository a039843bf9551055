"""
One call from question to answer, for every generation of the site, as a state machine.

A `ChatCall` returns commands and takes in events; it never waits, reads a clock or opens anything.  Its rules:

- A refused nonce is renewed and the question asked once more, but only before any text was delivered.
- A request whose connection was closed before the first byte of a response is sent once more, never after that byte.
- If the site no longer has the action, the page is fetched again, and the request follows the new page.
- AIPKit's two calls are repeated together or not at all: a cache key works only once.
- Delivered text is never taken back: a later error has it as `partial`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeAlias, TypeVar

from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.error_mapping import CacheMissError, NoSuchActionError
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.page.chat_page import ChatElement, elsewhere, no_bot_id, no_nonce
from chatgptfree.core.session.commands import (
    Broken,
    Command,
    Data,
    Deliver,
    Done,
    Dropped,
    Ended,
    Event,
    Fail,
    Failed,
    Open,
    Opened,
    Read,
    Refresh,
    Refreshed,
)
from chatgptfree.core.session.nonce_refresh import SessionState, fetch
from chatgptfree.core.session.question import Question
from chatgptfree.core.session.request_builder import ConversationState, Identity, PendingQuestion
from chatgptfree.errors import ChatError, InterruptedStreamError, NonceError, ProtocolError, UnknownModelError
from chatgptfree.messages import Reply, ReplyWarning

_T = TypeVar("_T")
_Steps: TypeAlias = Generator[Command, Event, _T]

_GONE: Final = frozenset({301, 302, 303, 400, 404, 405, 410})
"""Statuses of `admin-ajax.php` when it has moved, has no such action, or no longer exists."""
AFTER_THE_END: Final = 1.0
"""Seconds to wait for data after the end mark; some servers never close the connection."""


class ChatCall:
    """
    One question and its answer.

    `start` returns the first command; `next` takes the event that answers it, and returns the following command.
    `Done` and `Fail` are the last.

    Args:
        question: the message and the turns before it.
        session_state: what the client has found out about the site; shared with its other calls.
        conversation: the context, extended once the question is answered.
        identity: the ids by which the site identifies the client.
        bot: id or name of the bot; None for the first one on the page.
        new_id: returns a new UUID at each call.
        stamp: milliseconds since the epoch.
    """

    def __init__(
        self,
        question: Question,
        *,
        session_state: SessionState,
        conversation: ConversationState,
        identity: Identity,
        bot: str | None,
        new_id: Callable[[], str],
        stamp: int,
    ) -> None:
        self._question = question
        self._session_state = session_state
        self._conversation = conversation
        self._identity = identity
        self._bot = bot
        self._new_id = new_id
        self._stamp = stamp
        self._reader: AnswerReader | None = None
        self._warnings: tuple[ReplyWarning, ...] = ()
        """Warnings about the origins of the page and the answer."""
        self._version = session_state.version
        self._page_is_old = session_state.page is not None
        self._script = self._run()

    def start(self) -> Command:
        """Return the first command."""
        return next(self._script)

    def next(self, event: Event) -> Command:
        """Take in the event that answers the last command, and return the next command."""
        return self._script.send(event)

    @property
    def _delivered(self) -> str:
        """Return the text delivered so far."""
        return self._reader.text if self._reader is not None else ""

    def _run(self) -> Generator[Command, Event, None]:
        try:
            reply = yield from self._ask()
        except ChatError as error:
            error.partial = self._delivered
            error.warnings = tuple(dict.fromkeys((*self._warnings, *error.warnings)))
            yield Fail(error)
        else:
            yield Done(reply)

    def _ask(self) -> _Steps[Reply]:
        chat = yield from self._first_chat()
        renewed = False
        while True:
            try:
                return (yield from self._exchange(chat))
            except ChatError as error:
                if self._delivered or not self._worth_a_look(error, renewed=renewed):
                    raise
                refused = chat.nonce if isinstance(error, NonceError) else None
                yield from self._refresh(refused)
                before, chat = chat, self._chat()
                if refused is None and (before.generation, before.ajax_url) == (chat.generation, chat.ajax_url):
                    raise
                renewed = True

    def _worth_a_look(self, error: ChatError, *, renewed: bool) -> bool:
        """
        Return whether fetching the page again may help, which is tried once a call.

        The site may have changed meanwhile; the question is sent again only if it has.
        """
        if renewed:
            return False
        gone = isinstance(error, NoSuchActionError) or (isinstance(error, ProtocolError) and error.status in _GONE)
        return isinstance(error, NonceError) or (self._page_is_old and gone)

    def _first_chat(self) -> _Steps[ChatElement]:
        if self._session_state.page is None:
            yield from self._refresh(None)
        try:
            return self._chat()
        except UnknownModelError:
            if not self._page_is_old:
                raise
        yield from self._refresh(None)
        return self._chat()

    def _refresh(self, refused: str | None) -> _Steps[None]:
        event = yield Refresh(seen=self._version, refused=refused, bot=self._bot)
        if isinstance(event, Failed):
            raise event.error
        _expect(event, Refreshed)
        self._page_is_old = False

    def _chat(self) -> ChatElement:
        """Return the chat to ask, from the page as it is known now."""
        page = self._session_state.page
        if page is None:
            raise RuntimeError("a refresh without a page")
        self._version = self._session_state.version
        self._warnings = page.warnings
        chat = page.find(self._bot)
        if chat.nonce is None:
            raise no_nonce(page)
        if not chat.bot.id:
            raise no_bot_id(page)
        if not self._session_state.site.may_ask(chat.ajax_url, came_from=page.url):
            raise elsewhere(chat, page)
        return chat

    def _exchange(self, chat: ChatElement) -> _Steps[Reply]:
        pending = PendingQuestion(
            chat=chat,
            question=self._question,
            conversation=self._conversation,
            identity=self._identity,
            message_id=f"aipkit-client-msg-{chat.bot.id}-{self._stamp}-{self._new_id()[:5]}",
            buster=str(self._stamp),
            limits=self._session_state.limits,
        )
        end = yield from (self._two_calls(pending) if chat.generation == "aipkit" else self._one_call(pending))
        reply = Reply(
            text=self._delivered,
            finish=end.finish,
            warnings=(*dict.fromkeys(self._warnings), *end.warnings),
            bot=chat.bot.id,
            generation=chat.generation,
            message_id=end.message_id,
            citations=end.citations,
        )
        self._conversation.took(self._question, end, reply)
        return reply

    def _one_call(self, pending: PendingQuestion) -> _Steps[End]:
        request = pending.request()
        event = yield Open(request=request)
        if isinstance(event, Dropped):
            event = yield Open(request=request)
        return (yield from self._answer(event, pending))

    def _two_calls(self, pending: PendingQuestion) -> _Steps[End]:
        """Cache the message, then request the answer; repeat both once if the site has lost the key."""
        for last in (False, True):
            key = pending.cache_key(*(yield from fetch(pending.cache_request(), self._session_state.limits.reply)))
            event = yield Open(request=pending.stream_request(key))
            if isinstance(event, Dropped) and not last:
                continue
            try:
                return (yield from self._answer(event, pending))
            except ChatError as error:
                if last or self._delivered or not isinstance(error, CacheMissError):
                    raise
        raise AssertionError("the second round returns or raises")

    def _answer(self, event: Event, pending: PendingQuestion) -> _Steps[End]:
        """Read an answer to its end, and deliver its text."""
        if isinstance(event, Dropped | Failed):
            raise event.error
        head = _expect(event, Opened).head
        self._warnings += self._session_state.site.warnings(head.url)
        self._reader = reader = pending.reader(head)
        while True:
            event = yield Read(patience=AFTER_THE_END if reader.complete else None)
            for outcome in _outcomes(reader, event):
                if isinstance(outcome, ChatError):
                    raise outcome
                if isinstance(outcome, End):
                    return outcome
                yield Deliver(outcome)


def _outcomes(reader: AnswerReader, event: Event) -> list[Outcome]:
    match event:
        case Data(data):
            return reader.feed(data)
        case Ended():
            return reader.finish()
        case Broken(cause):
            return reader.broken(cause)
        case Failed(error):
            # An error that the reader can prove has precedence; otherwise the cause is the failure on our side.
            return [
                error if isinstance(outcome, InterruptedStreamError) else outcome
                for outcome in reader.broken(str(error))
            ]
        case _:
            raise TypeError(f"{event!r} does not answer a Read")


_E = TypeVar("_E")


def _expect(event: Event, kind: type[_E]) -> _E:
    if not isinstance(event, kind):
        raise TypeError(f"{event!r} where {kind.__name__} was expected")
    return event
