"""
`aipkit_frontend_chat_message`: one call, answered in one piece with real statuses; gone since 2.4.1.

The bot's settings are loaded before anything is checked, by a function that fails with a PHP fatal if there is no such
bot.  The question is logged before the model is asked and then sent along with the history, so the model sees it twice.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import Messages, SiteReply
from chatgptfree_mock.sites.aipower.aipkit.access import NO_EMBEDDING, AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.answers import http_error_words, whole_answer
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest, Turns, owner_of
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput
from chatgptfree_mock.sites.aipower.aipkit.moderation import Refusal
from chatgptfree_mock.sites.aipower.aipkit.wording import refuse_nonce
from chatgptfree_mock.sites.aipower.releases.aipkit import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.model_api import ModelResponse
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.sites.wordpress.core import Core
from chatgptfree_mock.tape.model import Response

CRITICAL: Final = (
    "<p>There has been a critical error on this website.</p><p><a href="
    '"https://wordpress.org/documentation/article/faq-troubleshooting/">Learn more about troubleshooting WordPress.'
    "</a></p>"
)
_STALE: Final = "Security check failed. Please refresh the page and try again."


class MessageAction:
    """The message action of one site."""

    def __init__(self, gate: AccessCheck, turns: Turns, traits: AipkitTraits) -> None:
        self._gate = gate
        self._turns = turns
        self._traits = traits

    def answer(self, call: AjaxCall) -> SiteReply:
        """Answer *call* in one piece."""
        bot_id = bot_id_in(call.fields.post)
        if self._gate.foreign(call, bot_id):
            return _refuse(call, Refusal(words=NO_EMBEDDING, status=403))
        if self._traits.message_nonce and not self._gate.nonce_fits(call):
            return refuse_nonce(call, _STALE, code="")
        bot = self._turns.bot(bot_id)
        if bot is None:
            return _fatal(call, f"there is no bot {bot_id}, and its settings are read all the same")
        turn = self._turn(call, bot)
        if isinstance(turn, Refusal):
            return _refuse(call, turn)
        refusal, asked = self._turns.refuse(turn)
        if refusal is not None:
            return _refuse(call, dataclasses.replace(refusal, more=None), asked)
        return self._ask(call, turn, asked)

    def _turn(self, call: AjaxCall, bot: Bot) -> AipkitChatRequest | Refusal:
        post = call.fields.post
        conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
        if not conversation:
            return Refusal(words="Conversation ID is required.")
        session = php.sanitize_text_field(forms.scalar(post, "session_id") or "")
        if not call.user.id and not session:
            return Refusal(words="Session ID is missing for guest.")
        # Whatever stands in this field counts as an image until the model is asked.
        sent = forms.scalar(post, "image_inputs") or ""
        turn = AipkitChatRequest(
            place=ConversationKey(owner=owner_of(call, session), bot_id=bot.id, conversation=conversation),
            bot=bot,
            text=self._text(forms.scalar(post, "message") or ""),
            guest=not call.user.id,
            remote=call.visit.remote,
            now=call.now,
            images=({"json": sent},) if not php.empty(sent) else (),
            client_id=php.sanitize_key(forms.scalar(post, "user_client_message_id") or ""),
            previous_id=forms.scalar(post, "previous_openai_response_id") or "",
        )
        if turn.empty:
            return Refusal(words="Message or image cannot be empty.")
        return turn if bot.published else Refusal(words="Invalid chatbot specified.")

    def _text(self, text: str) -> str:
        if self._traits.posted_message == "stripped":
            return php.strip_all_tags(text)
        return php.trim(text.replace("\0", "")) if php.is_utf8(text) else ""

    def _ask(self, call: AjaxCall, turn: AipkitChatRequest, asked: tuple[Messages, ...]) -> SiteReply:
        self._turns.note_question(turn)
        if not self._turns.has_key(turn):
            return self._failed(call, Refusal(words=f"API key is missing for {turn.bot.provider}."), asked)
        messages = self._turns.messages(turn, self._turns.log.entries(turn.place))
        upstream = self._turns.ask(turn, stream=False)
        told = self._told(turn, upstream)
        if isinstance(told, Refusal):
            self._turns.note_failure(turn, told.words, self._turns.message_id(turn.now).replace(".", ""))
            answered = self._failed(call, told, (*asked, messages))
        else:
            ident = self._turns.message_id(turn.now).replace(".", "")
            self._turns.note_answer(turn, told, ident)
            response = call.core.success(self._reply(told, ident))
            answered = SiteReply(response=response, why=("the model answered",), upstream=(*asked, messages))
        return replace(answered, response=_after(answered.response, upstream.ended_ms))

    def _told(self, turn: AipkitChatRequest, upstream: ModelResponse) -> ModelOutput | Refusal:
        if upstream.failure is not None:
            return Refusal(words=f"HTTP request failed: {upstream.failure}", status=503)
        provider = self._turns.provider(turn.bot)
        if upstream.status >= 400:
            words = http_error_words(upstream, provider)
            head = f"{turn.bot.provider} API Error (HTTP {upstream.status})"
            return Refusal(words=f"{head}: {words}", status=upstream.status)
        told = whole_answer(upstream.body, provider)
        if told is None:
            return Refusal(words="Failed to parse JSON from API response.", status=500)
        return told if told.error is None else Refusal(words=told.error)

    def _reply(self, told: ModelOutput, ident: str) -> dict[str, Any]:
        reply: dict[str, Any] = {"reply": told.text or "", "message_id": ident}
        if told.response_id is not None:
            reply["openai_response_id"] = told.response_id
        if told.grounding is not None:
            reply["grounding_metadata"] = told.grounding
        if told.citations and self._traits.citations:
            reply["citations"] = told.citations
        return reply

    def _failed(self, call: AjaxCall, refusal: Refusal, upstream: tuple[Messages, ...]) -> SiteReply:
        """Tell that the model could not be asked, unless the release dies of the attempt."""
        if self._traits.failures == "fatal":
            return replace(_fatal(call, f"the plugin dies of: {refusal.words}"), upstream=upstream)
        return _refuse(call, refusal, upstream)


def _refuse(call: AjaxCall, refusal: Refusal, upstream: tuple[Messages, ...] = ()) -> SiteReply:
    response = call.core.error({"message": refusal.words}, status=refusal.status)
    return SiteReply(response=response, why=(refusal.why or refusal.words,), upstream=upstream)


def _fatal(call: AjaxCall, why: str) -> SiteReply:
    return SiteReply(response=_critical(call.core), why=(why,))


def _critical(core: Core) -> Response:
    return core.respond(CRITICAL, status=500)


def _after(response: Response, ms: int) -> Response:
    return replace(response, chunks=((ms, len(response.body)),)) if response.body else response
