"""
`aipkit_frontend_chat_stream`: the second of two calls, always 200 and an event stream.

A refusal before the model is called ends with `error` and `done`; a failure after that ends with `error` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.contract.reply import Messages, SiteReply
from chatgptfree_mock.sites.aipower.aipkit import contexts, events
from chatgptfree_mock.sites.aipower.aipkit.access import AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.answer_events import AnswerEvents
from chatgptfree_mock.sites.aipower.aipkit.answers import StreamReading, http_error_words
from chatgptfree_mock.sites.aipower.aipkit.cache import QUERY_FILE_FIELDS, CachedMessage, MessageCache
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest, owner_of
from chatgptfree_mock.sites.aipower.aipkit.chat_service import ChatService
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey
from chatgptfree_mock.sites.aipower.aipkit.moderation import Refusal
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.tape.model import Response

TimedEvent = tuple[int, events.ServerEvent]
_PHP_ERROR: Final = "PHP raises an error before the answer is opened"
_REFUSED_BY_US: Final = "Failure writing output to destination"


class Streaming:
    """The stream of one site."""

    def __init__(
        self,
        access: AccessCheck,
        cache: MessageCache,
        service: ChatService,
        traits: AipkitTraits,
        writer: events.EventWriter,
    ) -> None:
        self._access = access
        self._cache = cache
        self._service = service
        self._traits = traits
        self._writer = writer

    def answer(self, call: AjaxCall) -> SiteReply:
        """Answer *call* with a stream; errors are events in it."""
        if self._service.lacks_classes:
            error = events.trouble("error", sentences.NO_CLASSES, now=call.now)
            return self._streamed(call, [(0, error)], why=sentences.NO_CLASSES, upstream=())
        request = self._chat_request(call)
        if isinstance(request, Refusal):
            return self._refused(call, request, ())
        refusal, calls = self._service.refuse(request)
        if refusal is not None:
            return self._refused(call, refusal, calls)
        if self._service.is_broken("conversations"):
            return self._refused(call, Refusal(words=sentences.NOT_LOGGED), calls)
        earlier = self._service.log.entries(request.place)
        self._service.note_question(request)
        if self._service.provider_refuses(request):
            return self._refused(call, Refusal(words=sentences.CLOUD_NO_IMAGES), calls)
        if not self._service.has_key(request):
            return self._refused(call, Refusal(words=sentences.NO_API_KEY.format(provider=request.bot.provider)), calls)
        if self._service.php_fails(None):
            return self._streamed(call, list(self._php_error(request, 0)), why=_PHP_ERROR, upstream=calls)
        if not self._service.can_stream:
            opening = [(0, events.message_start(self._service.message_id(request.now)))]
            return self._streamed(call, opening, why="PHP has no curl, with which this release streams", upstream=calls)
        messages = self._service.messages(request, earlier)
        upstream = self._service.ask(request, earlier, stream=True)
        pieces = list(self._events(request, upstream))
        return self._streamed(call, pieces, why=_how(upstream), upstream=(*calls, messages))

    def _chat_request(self, call: AjaxCall) -> AipkitChatRequest | Refusal:
        """Parse and check the request; only the first failed check is reported."""
        get = call.fields.get
        bot_id = bot_id_in(get)
        if self._access.foreign_to_stream(call, bot_id):
            return Refusal(words=sentences.NOT_PERMITTED)
        if not self._access.nonce_fits(call):
            return Refusal(words=self._traits.stream_nonce_words, refused="nonce")
        message = self._cached(call)
        if isinstance(message, Refusal):
            return message
        text = contexts.text_of(message.text, self._traits, writer=call.user.administrator)
        if isinstance(text, Refusal):
            return text
        bot = self._service.bot(bot_id)
        if bot is None or not bot.published:
            return Refusal(words=sentences.NO_BOT)
        conversation = php.sanitize_key(forms.scalar(get, "conversation_uuid") or "")
        if not conversation:
            return Refusal(words=sentences.NO_STREAM_CONVERSATION)
        session = php.sanitize_text_field(forms.scalar(get, "session_id") or "")
        if not call.user.id and not session:
            return Refusal(words=sentences.NO_GUEST_SESSION)
        request = AipkitChatRequest(
            place=ConversationKey(owner=owner_of(call, session), bot_id=bot.id, conversation=conversation),
            bot=bot,
            text=text,
            guest=not call.user.id,
            administrator=call.user.administrator,
            remote=call.request.remote,
            now=call.now,
            images=message.images,
            client_id=message.client_id,
            previous_id=forms.scalar(get, "previous_openai_response_id")
            or forms.scalar(get, "previous_google_interaction_id")
            or "",
        )
        return self._refused_content(call, request, message) or request

    def _refused_content(self, call: AjaxCall, request: AipkitChatRequest, message: CachedMessage) -> Refusal | None:
        """Return the refusal of what *request* and its *message* contain; None if all of it is allowed."""
        get = call.fields.get
        if request.empty:
            return Refusal(words=sentences.NO_CONTENT)
        if self._traits.file_fields and (message.names_file or any(_sent(get, name) for name in QUERY_FILE_FIELDS)):
            return Refusal(words=sentences.NO_FILES)
        if message.names_google_file and self._traits.google_file:
            return Refusal(words=sentences.NO_GOOGLE_FILES)
        if message.resumes_form:
            # Only forms of the Pro edition issue tokens, so no token is valid here.
            return Refusal(words=sentences.BAD_RESUMPTION if message.form_token else sentences.NO_RESUMPTION)
        return None

    def _cached(self, call: AjaxCall) -> CachedMessage | Refusal:
        key = php.sanitize_key(forms.scalar(call.fields.get, "cache_key") or "")
        if not key:
            return Refusal(words=sentences.NO_CACHE_KEY, refused="key")
        message, found = self._cache.take(key, now=call.now)
        if message is None:
            words = sentences.OLD_CACHE_KEY if found else sentences.UNKNOWN_CACHE_KEY
            return Refusal(words=words, refused="key")
        return message

    def _events(self, request: AipkitChatRequest, upstream: ModelResponse) -> Iterator[TimedEvent]:
        """Yield the events with the time of each, and store the answer."""
        ident = self._service.message_id(request.now)
        yield 0, events.message_start(ident)
        provider = self._service.provider(request.bot)
        if upstream.status >= 400:
            words = http_error_words(upstream, provider)
            self._service.note_failure(request, f"API Error ({upstream.status}): {words}", ident)
            yield (
                upstream.ended_ms,
                self._error(request, upstream.ended_ms, sentences.API_ERROR.format(words=words)),
            )
            return
        source = AnswerEvents(request, self._traits, provider)
        reading = StreamReading(provider)
        for ms, data in upstream.reads:
            if self._service.php_fails(source.deltas):
                yield from self._php_error(request, ms)
                return
            output = reading.read(data)
            for piece in source.of_read(output, ms):
                yield ms, piece
            if source.failed:
                break
        interrupted = provider.needs_end_mark and not reading.ended and upstream.failure is None
        yield from self._end(request, upstream, source, ident, interrupted=interrupted)

    def _php_error(self, request: AipkitChatRequest, ms: int) -> Iterator[TimedEvent]:
        """Report a PHP error, on releases that do; on older ones the stream breaks off here."""
        if self._traits.php_errors == "reported":
            words = sentences.PHP_ERROR.format(reference=self._service.reference())
            yield ms, self._error(request, ms, words)
            yield ms, events.done()

    def _end(
        self,
        request: AipkitChatRequest,
        upstream: ModelResponse,
        source: AnswerEvents,
        ident: str,
        *,
        interrupted: bool,
    ) -> Iterator[TimedEvent]:
        ms = upstream.ended_ms
        if source.failed:
            # The plugin ends the call by refusing more bytes; what it logs is curl's error about that.
            words = source.error if self._traits.stream_error_logged == "api" else _REFUSED_BY_US
            self._service.note_failure(request, f"Connection Error: {words}", ident)
            return
        self._service.note_answer(request, source.all, ident)
        if upstream.failure is not None:
            words = sentences.CONNECTION_ERROR.format(words=upstream.failure.text)
        elif interrupted:
            words = sentences.CONNECTION_ERROR.format(words=sentences.CLOUD_INTERRUPTED)
        elif not source.satisfied:
            words = sentences.NO_DATA
        else:
            yield ms, events.done(source.repeated)
            return
        if not interrupted:  # else the text received so far is logged as the answer
            self._service.note_failure(request, words, ident)
        yield ms, self._error(request, ms, words)

    def _error(self, request: AipkitChatRequest, ms: int, words: str) -> events.ServerEvent:
        return events.trouble("error", words, now=request.now + ms / 1000)

    def _refused(self, call: AjaxCall, refusal: Refusal, calls: tuple[Messages, ...]) -> SiteReply:
        error = events.trouble("error", refusal.words, now=call.now, more=refusal.more)
        pieces = [(0, error), (0, events.done())]
        reply = self._streamed(call, pieces, why=refusal.why or refusal.words, upstream=calls)
        reply.refused = refusal.refused
        return reply

    def _streamed(
        self, call: AjaxCall, pieces: list[TimedEvent], *, why: str, upstream: tuple[Messages, ...]
    ) -> SiteReply:
        rule = events.CACHE_CONTROL
        chunks = list(self._writer.stream(pieces))
        if self._traits.preamble:
            chunks.insert(0, (0, events.PREAMBLE))
            rule += ", no-transform"
        # A stream that PHP breaks off ends cleanly too: the web server ends the body even if PHP died.
        response = Response(
            headers=call.core.stream_headers(events.KIND, rule, ("Pragma", "no-cache")),
            body=b"".join(data for _, data in chunks),
            chunks=tuple((ms, len(data)) for ms, data in chunks),
        )
        return SiteReply(response=response, why=(why,), upstream=upstream)


def _sent(fields: forms.Array, name: str) -> bool:
    return not php.empty(forms.scalar(fields, name) or "")


def _how(upstream: ModelResponse) -> str:
    if upstream.failure is not None:
        return f"the model's API failed: {upstream.failure}"
    return f"the model's API answered {upstream.status}"
