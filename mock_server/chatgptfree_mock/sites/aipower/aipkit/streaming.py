"""
`aipkit_frontend_chat_stream`: the second of two calls, always 200 and an event stream.

What is refused before the model is asked ends with `error` and `done`; what fails after that ends with `error` alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatgptfree_mock.contract.reply import Messages, SiteReply
from chatgptfree_mock.sites.aipower.aipkit import contexts, events
from chatgptfree_mock.sites.aipower.aipkit.access import NOT_PERMITTED, AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.answers import StreamReading, http_error_words
from chatgptfree_mock.sites.aipower.aipkit.cache import QUERY_FILE_FIELDS, CachedMessage, MessageCache
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest, Turns, owner_of
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput
from chatgptfree_mock.sites.aipower.aipkit.moderation import Refusal
from chatgptfree_mock.sites.aipower.releases.aipkit import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.model_api import ModelResponse
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.tape.model import Response

Piece = tuple[int, bytes]
NO_KEY: Final = "Message cache key is missing."
UNKNOWN_KEY: Final = "Message not found in cache."
OLD_KEY: Final = "Cached message has expired."
NO_BOT: Final = "Invalid chatbot specified."
NO_CONVERSATION: Final = "Conversation ID is missing."
NO_SESSION: Final = "Session ID is missing for guest."
NO_CONTENT: Final = "Message or image cannot be empty."
NO_DATA: Final = "Connection error: no data received from AI."
NO_FILES: Final = "File upload is unavailable."
NO_GOOGLE_FILES: Final = "Google document upload requires a Pro plan."
NO_RESUMING: Final = "Form resume token is missing."
_REFUSED_BY_US: Final = "Failure writing output to destination"
BAD_RESUMING: Final = "Form resume token is invalid or expired."


class Streaming:
    """The stream of one site."""

    def __init__(self, gate: AccessCheck, cache: MessageCache, turns: Turns, traits: AipkitTraits) -> None:
        self._gate = gate
        self._cache = cache
        self._turns = turns
        self._traits = traits

    def answer(self, call: AjaxCall) -> SiteReply:
        """Answer *call* with a stream, whatever is wrong with it."""
        turn = self._turn(call)
        if isinstance(turn, Refusal):
            return self._refused(call, turn, ())
        refusal, asked = self._turns.refuse(turn)
        if refusal is not None:
            return self._refused(call, refusal, asked)
        earlier = self._turns.log.entries(turn.place)
        self._turns.note_question(turn)
        if not self._turns.has_key(turn):
            return self._refused(call, Refusal(words=f"API key missing for {turn.bot.provider}."), asked)
        messages = self._turns.messages(turn, earlier)
        upstream = self._turns.ask(turn, stream=True)
        pieces = list(self._tell(turn, upstream))
        return self._streamed(call, pieces, why=_how(upstream), upstream=(*asked, messages))

    def _turn(self, call: AjaxCall) -> AipkitChatRequest | Refusal:
        """Read what is asked; the first check that fails is the only one told."""
        get = call.fields.get
        bot_id = bot_id_in(get)
        if self._gate.foreign_to_stream(call, bot_id):
            return Refusal(words=NOT_PERMITTED)
        if not self._gate.nonce_fits(call):
            return Refusal(words=self._traits.stream_nonce_words, nonce=True)
        message = self._cached(call)
        if isinstance(message, Refusal):
            return message
        text = contexts.text_of(message.text, self._traits, guest=not call.user.id)
        if isinstance(text, Refusal):
            return text
        bot = self._turns.bot(bot_id)
        if bot is None or not bot.published:
            return Refusal(words=NO_BOT)
        conversation = php.sanitize_key(forms.scalar(get, "conversation_uuid") or "")
        if not conversation:
            return Refusal(words=NO_CONVERSATION)
        session = php.sanitize_text_field(forms.scalar(get, "session_id") or "")
        if not call.user.id and not session:
            return Refusal(words=NO_SESSION)
        turn = AipkitChatRequest(
            place=ConversationKey(owner=owner_of(call, session), bot_id=bot.id, conversation=conversation),
            bot=bot,
            text=text,
            guest=not call.user.id,
            remote=call.visit.remote,
            now=call.now,
            images=message.images,
            client_id=message.client_id,
            previous_id=forms.scalar(get, "previous_openai_response_id")
            or forms.scalar(get, "previous_google_interaction_id")
            or "",
        )
        if self._traits.file_fields and (message.names_file or any(_sent(get, name) for name in QUERY_FILE_FIELDS)):
            return Refusal(words=NO_FILES)
        if message.names_google_file and self._traits.google_file:
            return Refusal(words=NO_GOOGLE_FILES)
        if message.resumes_form:
            # Tokens are given out by forms of the Pro edition only, so none is ever valid here.
            return Refusal(words=BAD_RESUMING if message.form_token else NO_RESUMING)
        return Refusal(words=NO_CONTENT) if turn.empty else turn

    def _cached(self, call: AjaxCall) -> CachedMessage | Refusal:
        key = php.sanitize_key(forms.scalar(call.fields.get, "cache_key") or "")
        if not key:
            return Refusal(words=NO_KEY)
        message, found = self._cache.take(key, now=call.now)
        if message is None:
            return Refusal(words=OLD_KEY if found else UNKNOWN_KEY)
        return message

    def _tell(self, turn: AipkitChatRequest, upstream: ModelResponse) -> Iterator[Piece]:
        """Yield what goes out and when, and remember the answer."""
        ident = self._turns.message_id(turn.now)
        yield 0, events.message_start(ident)
        provider = self._turns.provider(turn.bot)
        if upstream.status >= 400:
            words = http_error_words(upstream, provider)
            self._turns.note_failure(turn, f"API Error ({upstream.status}): {words}", ident)
            yield upstream.ended_ms, self._error(turn, upstream.ended_ms, f"API Error: {words}")
            return
        teller = _Teller(turn, self._traits, provider)
        reading = StreamReading(provider)
        for ms, data in upstream.reads:
            told = reading.read(data)
            for piece in teller.events(told, ms):
                yield ms, piece
            if teller.failed:
                break
        yield from self._end(turn, upstream, teller, ident)

    def _end(self, turn: AipkitChatRequest, upstream: ModelResponse, teller: _Teller, ident: str) -> Iterator[Piece]:
        ms = upstream.ended_ms
        if teller.failed:
            # The plugin hangs up by refusing to take more, and logs what curl says of that.
            words = teller.error if self._traits.stream_error_logged == "api" else _REFUSED_BY_US
            self._turns.note_failure(turn, f"Connection Error: {words}", ident)
            return
        self._turns.note_answer(turn, teller.all, ident)
        if upstream.failure is not None:
            words = f"Connection Error: {upstream.failure.text}"
        elif not teller.satisfied:
            words = NO_DATA
        else:
            yield ms, events.done(teller.last_words)
            return
        self._turns.note_failure(turn, words, ident)
        yield ms, self._error(turn, ms, words)

    def _error(self, turn: AipkitChatRequest, ms: int, words: str) -> bytes:
        return events.trouble("error", words, now=turn.now + ms / 1000)

    def _refused(self, call: AjaxCall, refusal: Refusal, asked: tuple[Messages, ...]) -> SiteReply:
        error = events.trouble("error", refusal.words, now=call.now, more=refusal.more)
        pieces = [(0, error), (0, events.done())]
        answered = self._streamed(call, pieces, why=refusal.why or refusal.words, upstream=asked)
        answered.refused = "nonce" if refusal.nonce else None
        return answered

    def _streamed(self, call: AjaxCall, pieces: list[Piece], *, why: str, upstream: tuple[Messages, ...]) -> SiteReply:
        rule = events.CACHE_CONTROL
        if self._traits.preamble:
            pieces = [(0, events.PREAMBLE), *pieces]
            rule += ", no-transform"
        response = Response(
            headers=call.core.stream_headers(events.KIND, rule, ("Pragma", "no-cache")),
            body=b"".join(data for _, data in pieces),
            chunks=tuple((ms, len(data)) for ms, data in pieces),
        )
        return SiteReply(response=response, why=(why,), upstream=upstream)


def _sent(fields: forms.Array, name: str) -> bool:
    return not php.empty(forms.scalar(fields, name) or "")


class _Teller:
    """Turns what reads tell into events, in the plugin's order, and keeps what the end of the answer needs."""

    def __init__(self, turn: AipkitChatRequest, traits: AipkitTraits, provider: ProviderTraits) -> None:
        self._turn = turn
        self._traits = traits
        self._provider = provider
        self._status_sent = False
        self.all = ModelOutput()
        self.failed = False
        self.error = ""
        """The words of the error that ended the stream."""

    @property
    def satisfied(self) -> bool:
        """Tell whether enough came for a good end: a delta, or a state, which counts as something sent."""
        return self.all.text is not None or self._status_sent

    @property
    def last_words(self) -> dict[str, object]:
        """Return what `done` repeats."""
        words: dict[str, object] = {}
        if self.all.grounding is not None:
            words["grounding_metadata"] = self.all.grounding
        if self.all.citations and self._traits.citations:
            words["citations"] = self.all.citations
        return words

    def events(self, told: ModelOutput, ms: int) -> Iterator[bytes]:
        """Yield the events of one read."""
        self._keep(told)
        if told.response_id is not None:
            yield events.event({"id": told.response_id}, "openai_response_id")
        if told.interaction_id is not None and self._turn.bot.conversation_state:
            yield events.event({"id": told.interaction_id}, "google_interaction_id")
        if told.grounding is not None:
            yield events.event(told.grounding, "grounding_metadata")
        if told.citations and self._traits.citations:
            yield events.event(told.citations, "citations")
        if told.status is not None:
            self._status_sent = self._provider.statuses_count
            yield events.event(told.status, "status")
        now = self._turn.now + ms / 1000
        if told.error is not None:
            self.failed, self.error = True, told.error
            yield events.trouble("error", told.error, now=now)
        elif told.text is not None:
            yield self._text(told, told.text, now)

    def _text(self, told: ModelOutput, text: str, now: float) -> bytes:
        if told.error_lost:
            return events.trouble("error", text, now=now)
        return events.trouble("warning", text, now=now) if told.warned else events.delta(text)

    def _keep(self, told: ModelOutput) -> None:
        kept = self.all
        if told.error is None and told.text is not None:
            kept.text = (kept.text or "") + told.text
        kept.response_id = told.response_id or kept.response_id
        kept.grounding = told.grounding or kept.grounding
        kept.tokens = told.tokens if told.tokens is not None else kept.tokens
        kept.citations += [citation for citation in told.citations if citation not in kept.citations]


def _how(upstream: ModelResponse) -> str:
    if upstream.failure is not None:
        return f"the model's API failed: {upstream.failure}"
    return f"the model's API answered {upstream.status}"
