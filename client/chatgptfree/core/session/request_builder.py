"""
Build the requests for a question, and the reader of its answer, for every generation.

`PendingQuestion` alone has the arguments of the generations' builders, and `ConversationState` what each needs to
keep a conversation's context: turns in a field, or ids under which the site keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from chatgptfree.core.answer import model_end
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.answer.outcome import End
from chatgptfree.core.generations import aipkit, wpaicg
from chatgptfree.core.page.chat_page import ChatElement
from chatgptfree.core.protocol.http import Request, ResponseHead
from chatgptfree.core.session.question import Question
from chatgptfree.errors import ChatError
from chatgptfree.messages import Limits, Message, Reply


class Identity(Struct, frozen=True, kw_only=True):
    """
    The ids of a client, for the site's quotas and histories; a client keeps them for its lifetime.

    Attributes:
        session_id: AIPKit's `session_id`, a UUID.
        client_id: the `wpaicg_chat_client_id` of plugin 1.x, ten hexadecimal digits.
    """

    session_id: str
    client_id: str

    @classmethod
    def made_of(cls, new_id: Callable[[], str]) -> Identity:
        """Make an identity of two fresh UUIDs; the second is cut to the ten characters that 1.x uses."""
        return cls(session_id=new_id(), client_id=new_id().replace("-", "")[:10])


@dataclass(slots=True, kw_only=True)
class ConversationState:
    """The context of a conversation: its turns, and the ids under which the site keeps them."""

    conversation_id: str
    history: list[Message] = field(default_factory=list)
    response_id: str | None = None
    interaction_id: str | None = None
    thread_id: str | None = None
    remembered_by: tuple[bool, str] | None = None
    """Whether AIPKit has the history, and for which bot; any other chat is sent the history with the next message."""

    def took(self, question: Question, end: End, reply: Reply) -> None:
        """Add an answered *question* with its *reply*, and the ids in *end*."""
        self.history += [*question.earlier, Message(role=question.role, content=question.message)]
        self.history.append(Message(role="assistant", content=reply.text))
        self.response_id = end.response_id
        self.interaction_id = end.interaction_id
        self.thread_id = end.thread_id or self.thread_id
        self.remembered_by = (reply.generation != "wpaicg", reply.bot or "")


class PendingQuestion(Struct, frozen=True, kw_only=True):
    """One question to one chat, with everything that its requests need."""

    chat: ChatElement
    question: Question
    conversation: ConversationState
    identity: Identity
    message_id: str
    buster: str
    """A number unique to the call, which keeps caches from answering it."""
    limits: Limits

    def request(self) -> Request:
        """Build the request of the generations that need only one."""
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
                history=self.question.after(self.conversation.history).earlier,
                client_id=self.identity.client_id,
                thread_id=self.conversation.thread_id
                if self.conversation.remembered_by == (False, chat.bot.id)
                else None,
            )
        return aipkit.ask(
            ajax_url=chat.ajax_url,
            nonce=chat.nonce or "",
            bot_id=chat.bot.id,
            session_id=self.identity.session_id,
            conversation_id=self.conversation.conversation_id,
            message=self._message_with_context(),
            post_id=chat.post_id,
            response_id=self._known("enableOpenAIConversationState", self.conversation.response_id),
        )

    def cache_request(self) -> Request:
        """Build the first of AIPKit's two calls."""
        return aipkit.cache(
            ajax_url=self.chat.ajax_url,
            nonce=self.chat.nonce or "",
            bot_id=self.chat.bot.id,
            message=self._message_with_context(),
            message_id=self.message_id,
        )

    def cache_key(self, head: ResponseHead, body: bytes) -> str:
        """
        Return the cache key in the response to the first call.

        Raises:
            ChatError: it has no key.
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
            conversation_id=self.conversation.conversation_id,
            post_id=self.chat.post_id,
            buster=self.buster,
            response_id=self._known("enableOpenAIConversationState", self.conversation.response_id),
            interaction_id=self._known("enableGoogleConversationState", self.conversation.interaction_id),
        )

    def reader(self, head: ResponseHead) -> AnswerReader:
        """Return a reader for the answer that begins with *head*."""
        return AnswerReader(head, self.limits, model_end.proof(self.chat.bot.provider, self.chat.release))

    def _message_with_context(self) -> str:
        """Return the message, preceded by every turn that AIPKit's server does not have under our ids."""
        if self.conversation.remembered_by == (True, self.chat.bot.id):
            return self.question.as_one_text()
        return self.question.after(self.conversation.history).as_one_text()

    def _known(self, setting: str, last: str | None) -> str | None:
        """Return the id of the *last* answer if the config of the bot enables continuing from it by *setting*."""
        known = self.chat.config.get(setting) is True and self.conversation.remembered_by == (True, self.chat.bot.id)
        return last if known else None
