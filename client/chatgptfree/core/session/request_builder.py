"""
From a question and a chat to requests and readers, whatever the generation.

`Asked` is the one place that knows which of the generations' builders takes what, and `Talk` what each needs to
keep a conversation's context: turns in a field, or ids under which the site itself remembers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chatgptfree.core.answer import model_end
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End
from chatgptfree.core.generations import aipkit, wpaicg
from chatgptfree.core.page.chat_page import ChatElement
from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.core.session.question import Question
from chatgptfree.errors import ChatError
from chatgptfree.messages import Limits, Message, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a client is to the site, for as long as it lives: quotas and histories hang on these."""

    session_id: str
    client_id: str

    @classmethod
    def made_of(cls, new_id: Callable[[], str]) -> Identity:
        """Make one of two fresh ids; the second is cut to the ten characters that 1.x uses."""
        return cls(session_id=new_id(), client_id=new_id().replace("-", "")[:10])


@dataclass(slots=True, kw_only=True)
class ConversationState:
    """What keeps the context of a conversation: its turns, and the ids under which the site has them."""

    conversation_id: str
    history: list[Message] = field(default_factory=list)
    response_id: str | None = None
    interaction_id: str | None = None
    thread_id: str | None = None
    told: tuple[bool, str] | None = None
    """Whether AIPKit, and which bot, remembers the history; any other has to be told it."""

    def took(self, question: Question, end: End, reply: Reply) -> None:
        """Remember a turn that was answered."""
        self.history += [*question.earlier, Message(role=question.role, content=question.message)]
        self.history.append(Message(role="assistant", content=reply.text))
        self.response_id = end.response_id
        self.interaction_id = end.interaction_id
        self.thread_id = end.thread_id or self.thread_id
        self.told = (reply.generation != "wpaicg", reply.bot or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingQuestion:
    """One question to one chat."""

    chat: ChatElement
    question: Question
    talk: ConversationState
    identity: Identity
    message_id: str
    buster: str
    """A number that no cache on the way has seen."""
    limits: Limits

    def request(self) -> Request:
        """Build the one request of the generations that have one."""
        chat = self.chat
        if chat.generation == "wpaicg":
            return wpaicg.ask(
                ajax_url=chat.ajax_url,
                nonce=chat.nonce or "",
                post_id=chat.post_id,
                url=chat.page_url,
                bot_id=chat.bot.id,
                message=self.question.message,
                action=wpaicg.ACTIONS["widget" if chat.bot.kind == "widget" else "shortcode"],
                history=self.question.after(self.talk.history).earlier,
                client_id=self.identity.client_id,
                thread_id=self.talk.thread_id if self.talk.told == (False, chat.bot.id) else None,
            )
        return aipkit.ask(
            ajax_url=chat.ajax_url,
            nonce=chat.nonce or "",
            bot_id=chat.bot.id,
            session_id=self.identity.session_id,
            conversation_id=self.talk.conversation_id,
            message=self._untold(),
            post_id=chat.post_id,
            response_id=self._known("enableOpenAIConversationState", self.talk.response_id),
        )

    def cache_request(self) -> Request:
        """Build the first of AIPKit's two calls."""
        return aipkit.cache(
            ajax_url=self.chat.ajax_url,
            nonce=self.chat.nonce or "",
            bot_id=self.chat.bot.id,
            message=self._untold(),
            message_id=self.message_id,
        )

    def cache_key(self, head: ResponseHead, body: bytes) -> str:
        """
        Read the answer to the first call.

        Raises:
            ChatError: it is no key.
        """
        key = aipkit.cache_reply(head, body)
        if isinstance(key, ChatError):
            raise key
        return key

    def stream_request(self, key: str) -> Request:
        """Build the second of AIPKit's two calls."""
        return aipkit.stream(
            ajax_url=self.chat.ajax_url,
            nonce=self.chat.nonce or "",
            bot_id=self.chat.bot.id,
            cache_key=key,
            session_id=self.identity.session_id,
            conversation_id=self.talk.conversation_id,
            post_id=self.chat.post_id,
            buster=self.buster,
            response_id=self._known("enableOpenAIConversationState", self.talk.response_id),
            interaction_id=self._known("enableGoogleConversationState", self.talk.interaction_id),
        )

    def reader(self, head: ResponseHead) -> AnswerReader:
        """Return what reads the answer that begins with *head*."""
        return AnswerReader(head, self.limits, model_end.proof(self.chat.bot.provider, self.chat.release))

    def _untold(self) -> str:
        """Return the message, with every turn in it that AIPKit's server does not have under our ids."""
        if self.talk.told == (True, self.chat.bot.id):
            return self.question.as_one_text()
        return self.question.after(self.talk.history).as_one_text()

    def _known(self, setting: str, last: str | None) -> str | None:
        """Return the id of the *last* answer for a bot that continues from it, which its config says by *setting*."""
        known = self.chat.config.get(setting) is True and self.talk.told == (True, self.chat.bot.id)
        return last if known else None
