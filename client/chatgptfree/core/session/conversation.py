"""
One call from question to answer, for every generation of the site, as a machine.

A `Turn` gives out commands and takes in events; it never waits, reads a clock or opens anything.  Its rules:

- A refused nonce is renewed and the question asked once more, before any text has come out and never after.
- A connection that was closed before anything came is tried once more; after the first byte nothing is.
- A site that no longer knows what it is asked is looked at again, and asked as its page now says.
- AIPKit's two calls belong together: a cache key works once, so both are made again or none.
- What came out is never taken back: whatever goes wrong afterwards carries it as `partial`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeAlias, TypeVar

from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.error_mapping import CacheMissError, NoSuchActionError
from chatgptfree.core.answer.outcome import End, Outcome
from chatgptfree.core.page.chat_page import ChatElement, elsewhere, no_nonce
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
"""What `admin-ajax.php` answers when it has moved, has no such action, or is no longer there."""
_AFTER_THE_END: Final = 1.0
"""Seconds to wait for what may follow the end mark; some servers then never close."""


class ChatCall:
    """
    One question and its answer.

    `start` gives the first command and `next` takes the event that answers it and gives the following one;
    after `Done` or `Fail` nothing follows.
    """

    def __init__(
        self,
        question: Question,
        *,
        memory: SessionState,
        talk: ConversationState,
        identity: Identity,
        bot: str | None,
        new_id: Callable[[], str],
        stamp: int,
    ) -> None:
        self._question = question
        self._memory = memory
        self._talk = talk
        self._identity = identity
        self._bot = bot
        self._new_id = new_id
        self._stamp = stamp
        self._reader: AnswerReader | None = None
        self._warnings: tuple[ReplyWarning, ...] = ()
        """What is odd about where the page and the answer came from."""
        self._version = memory.version
        self._page_is_old = memory.page is not None
        self._script = self._run()

    def start(self) -> Command:
        """Begin, and return the first command."""
        return next(self._script)

    def next(self, event: Event) -> Command:
        """Take in what came of the last command, and return the next one."""
        return self._script.send(event)

    @property
    def _text(self) -> str:
        """Return what has come out, which only the reader keeps."""
        return self._reader.text if self._reader is not None else ""

    def _run(self) -> Generator[Command, Event, None]:
        try:
            reply = yield from self._ask()
        except ChatError as error:
            error.partial = self._text
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
                if self._text or not self._worth_a_look(error, renewed=renewed):
                    raise
                refused = chat.nonce if isinstance(error, NonceError) else None
                yield from self._refresh(refused)
                before, chat = chat, self._chat()
                if refused is None and (before.generation, before.ajax_url) == (chat.generation, chat.ajax_url):
                    raise
                renewed = True

    def _worth_a_look(self, error: ChatError, *, renewed: bool) -> bool:
        """
        Return whether looking at the page again may help, which is tried once a call.

        The site may have changed since; nothing is sent again unless it has.
        """
        if renewed:
            return False
        gone = isinstance(error, NoSuchActionError) or (isinstance(error, ProtocolError) and error.status in _GONE)
        return isinstance(error, NonceError) or (self._page_is_old and gone)

    def _first_chat(self) -> _Steps[ChatElement]:
        if self._memory.page is None:
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
        """Return the chat to ask, as the memory has it now."""
        page = self._memory.page
        if page is None:
            raise RuntimeError("a refresh without a page")
        self._version = self._memory.version
        chat = page.find(self._bot)
        if chat.nonce is None:
            raise no_nonce(page)
        if not self._memory.site.may_ask(chat.ajax_url, came_from=page.url):
            raise elsewhere(chat, page)
        self._warnings = page.warnings
        return chat

    def _exchange(self, chat: ChatElement) -> _Steps[Reply]:
        asked = PendingQuestion(
            chat=chat,
            question=self._question,
            talk=self._talk,
            identity=self._identity,
            message_id=f"aipkit-client-msg-{chat.bot.id}-{self._stamp}-{self._new_id()[:5]}",
            buster=str(self._stamp),
            limits=self._memory.limits,
        )
        end = yield from (self._two_calls(asked) if chat.generation == "aipkit" else self._one_call(asked))
        reply = Reply(
            text=self._text,
            finish=end.finish,
            warnings=(*dict.fromkeys(self._warnings), *end.warnings),
            bot=chat.bot.id,
            generation=chat.generation,
            message_id=end.message_id,
            citations=end.citations,
        )
        self._talk.took(self._question, end, reply)
        return reply

    def _one_call(self, asked: PendingQuestion) -> _Steps[End]:
        request = asked.request()
        event = yield Open(request=request)
        if isinstance(event, Dropped):
            event = yield Open(request=request)
        return (yield from self._answer(event, asked))

    def _two_calls(self, asked: PendingQuestion) -> _Steps[End]:
        """Leave the message with the site and fetch the answer; both once more if the key was lost on the way."""
        for last in (False, True):
            key = asked.cache_key(*(yield from fetch(asked.cache_request(), self._memory.limits.reply)))
            event = yield Open(request=asked.stream_request(key))
            if isinstance(event, Dropped) and not last:
                continue
            try:
                return (yield from self._answer(event, asked))
            except ChatError as error:
                if last or self._text or not isinstance(error, CacheMissError):
                    raise
        raise AssertionError("the second round returns or raises")

    def _answer(self, event: Event, asked: PendingQuestion) -> _Steps[End]:
        """Read an answer to its end, delivering what comes out."""
        if isinstance(event, Dropped | Failed):
            raise event.error
        head = _expect(event, Opened).head
        self._warnings += self._memory.site.warnings(head.url)
        self._reader = reader = asked.reader(head)
        while True:
            event = yield Read(patience=_AFTER_THE_END if reader.complete else None)
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
            # What the reader can prove about the answer stands; else it is our own reason that ended it.
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
