"""
`aipkit_frontend_chat_message`: one call, answered in one piece and with HTTP error statuses; removed in 2.4.1.

The bot's settings are loaded before anything is checked; for an unknown bot that is a PHP fatal error.  The question is
logged before the model is called and then sent as part of the history too, so the model gets it twice.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import Messages, SiteReply
from chatgptfree_mock.sites.aipower.aipkit.access import AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.action_answers import refuse_nonce
from chatgptfree_mock.sites.aipower.aipkit.answers import http_error_words, whole_answer
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest, owner_of
from chatgptfree_mock.sites.aipower.aipkit.chat_service import ChatService
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput
from chatgptfree_mock.sites.aipower.aipkit.moderation import Refusal
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.sites.wordpress.core import Core
from chatgptfree_mock.tape.model import Response

CRITICAL: Final = (
    "<p>There has been a critical error on this website.</p><p><a href="
    '"https://wordpress.org/documentation/article/faq-troubleshooting/">Learn more about troubleshooting WordPress.'
    "</a></p>"
)


class MessageAction:
    """The message action of one site."""

    def __init__(self, access: AccessCheck, service: ChatService, traits: AipkitTraits) -> None:
        self._access = access
        self._service = service
        self._traits = traits

    def answer(self, call: AjaxCall) -> SiteReply:
        """Answer *call* in one piece."""
        if self._service.lacks_classes:
            return _refuse(call, Refusal(words=sentences.NO_MESSAGE_CLASSES, status=503))
        bot_id = bot_id_in(call.fields.post)
        if self._access.foreign(call, bot_id):
            return _refuse(call, Refusal(words=sentences.NO_EMBEDDING, status=403))
        if self._traits.message_nonce and not self._access.nonce_fits(call):
            return refuse_nonce(call, sentences.STALE_PAGE, code="")
        bot = self._service.bot(bot_id)
        if bot is None:
            return _fatal(call, f"there is no bot {bot_id}, and its settings are read all the same")
        request = self._chat_request(call, bot)
        if isinstance(request, Refusal):
            return _refuse(call, request)
        refusal, calls = self._service.refuse(request)
        if refusal is not None:
            return _refuse(call, replace(refusal, more=None), calls)
        return self._ask(call, request, calls)

    def _chat_request(self, call: AjaxCall, bot: Bot) -> AipkitChatRequest | Refusal:
        post = call.fields.post
        conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
        if not conversation:
            return Refusal(words=sentences.NO_CONVERSATION)
        session = php.sanitize_text_field(forms.scalar(post, "session_id") or "")
        if not call.user.id and not session:
            return Refusal(words=sentences.NO_GUEST_SESSION)
        # Any value of this field counts as an image until the model is called.
        sent = forms.scalar(post, "image_inputs") or ""
        request = AipkitChatRequest(
            place=ConversationKey(owner=owner_of(call, session), bot_id=bot.id, conversation=conversation),
            bot=bot,
            text=self._posted_text(forms.scalar(post, "message") or ""),
            guest=not call.user.id,
            administrator=call.user.administrator,
            remote=call.request.remote,
            now=call.now,
            images=({"json": sent},) if not php.empty(sent) else (),
            client_id=php.sanitize_key(forms.scalar(post, "user_client_message_id") or ""),
            previous_id=forms.scalar(post, "previous_openai_response_id") or "",
        )
        if request.empty:
            return Refusal(words=sentences.NO_CONTENT)
        return request if bot.published else Refusal(words=sentences.NO_BOT)

    def _posted_text(self, text: str) -> str:
        if self._traits.posted_message == "stripped":
            return php.strip_all_tags(text)
        return php.trim(text.replace("\0", "")) if php.is_utf8(text) else ""

    def _ask(self, call: AjaxCall, request: AipkitChatRequest, calls: tuple[Messages, ...]) -> SiteReply:
        self._service.note_question(request)
        if not self._service.has_key(request):
            words = sentences.NO_MESSAGE_API_KEY.format(provider=request.bot.provider)
            return self._report_failure(call, Refusal(words=words), calls)
        earlier = self._service.log.entries(request.place)
        messages = self._service.messages(request, earlier)
        upstream = self._service.ask(request, earlier, stream=False)
        output = self._output(request, upstream)
        if isinstance(output, Refusal):
            self._service.note_failure(request, output.words, self._service.message_id(request.now).replace(".", ""))
            reply = self._report_failure(call, output, (*calls, messages))
        else:
            ident = self._service.message_id(request.now).replace(".", "")
            self._service.note_answer(request, output, ident)
            response = call.core.success(self._reply(output, ident))
            reply = SiteReply(response=response, why=("the model answered",), upstream=(*calls, messages))
        return replace(reply, response=_after(reply.response, upstream.ended_ms))

    def _output(self, request: AipkitChatRequest, upstream: ModelResponse) -> ModelOutput | Refusal:
        if upstream.failure is not None:
            return Refusal(words=sentences.REQUEST_FAILED.format(words=upstream.failure), status=503)
        provider = self._service.provider(request.bot)
        if upstream.status >= 400:
            words = http_error_words(upstream, provider)
            parts = {"provider": request.bot.provider, "status": upstream.status, "words": words}
            return Refusal(words=sentences.MESSAGE_API_ERROR.format(**parts), status=upstream.status)
        output = whole_answer(upstream.body, provider)
        if output is None:
            return Refusal(words=sentences.NOT_JSON, status=500)
        return output if output.error is None else Refusal(words=output.error)

    def _reply(self, output: ModelOutput, ident: str) -> dict[str, Any]:
        reply: dict[str, Any] = {"reply": output.text or "", "message_id": ident}
        if output.response_id is not None:
            reply["openai_response_id"] = output.response_id
        if output.grounding is not None:
            reply["grounding_metadata"] = output.grounding
        if output.citations and self._traits.citations:
            reply["citations"] = output.citations
        return reply

    def _report_failure(self, call: AjaxCall, refusal: Refusal, upstream: tuple[Messages, ...]) -> SiteReply:
        """Report that the call of the model failed, or answer with PHP's fatal error on releases that do."""
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
