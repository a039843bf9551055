"""The handling of messages on one site: the checks, the calls of the models, and the log."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from random import Random
from typing import Final

import msgspec

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.contract.store import counted
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest
from chatgptfree_mock.sites.aipower.aipkit.log import Log, LogEntry, to_api
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput
from chatgptfree_mock.sites.aipower.aipkit.moderation import (
    Quotas,
    Refusal,
    Throttle,
    banned_address,
    banned_word,
    flagged,
    moderated,
)
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits
from chatgptfree_mock.sites.aipower.settings import Bot, BreakableTable, SiteSettings, aipkit_bots
from chatgptfree_mock.sites.model_api.settings import Model, Provider
from chatgptfree_mock.sites.model_api.transport import through_sockets
from chatgptfree_mock.sites.model_api.upstream import ModelRequest as ModelCall
from chatgptfree_mock.sites.model_api.upstream import ModelResponse
from chatgptfree_mock.sites.model_api.wire import ask
from chatgptfree_mock.sites.wordpress import php

_MODELS: Final[dict[Provider, str]] = {
    "OpenAI": "gpt-4o-mini",
    "Azure": "gpt-4o-mini",
    "Google": "gemini-2.5-flash",
    "OpenRouter": "openai/gpt-4o-mini",
    "Claude": "claude-3-5-haiku-20241022",
    "DeepSeek": "deepseek-chat",
    "Ollama": "llama3.2",
    "xAI": "grok-3-mini",
    "AIPufferCloud": "cloud-standard",
}


class MediaFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's failure to make speech, to transcribe it or to make an image."""

    status: int
    words: str
    code: str = ""
    stops_batch: bool = False
    answered: bool = True
    """Whether there was an answer at all."""


class ChatService:
    """Handles messages to the bots of one site: it checks them, calls the models, and stores the conversations."""

    def __init__(self, parts: Parts, release: PluginRelease, traits: AipkitTraits) -> None:
        self._settings = parts.settings
        self._traits = traits
        self._random = parts.random
        self._providers = release.providers
        self._bots = {bot.id: bot for bot in aipkit_bots(parts.settings)}
        self._calls = parts.store.table("model", int, capacity=1)
        self.log = Log(parts.store)
        self.quotas = Quotas(parts.store, parts.settings, traits)
        self.throttle = Throttle(parts.store, _throttle(parts.settings, traits), broken=self.is_broken("throttle"))

    def is_broken(self, table: BreakableTable) -> bool:
        """Return whether the settings want *table* of the database not to be writable."""
        return table in self._settings.broken_tables

    def bot(self, bot_id: int) -> Bot | None:
        """Return the bot with that id, published or not."""
        return self._bots.get(bot_id)

    def refuse(self, request: AipkitChatRequest) -> tuple[Refusal | None, tuple[Messages, ...]]:
        """Return why *request* is not sent to the model (None if it is), and the API calls made to decide that."""
        settings, traits = self._settings, self._traits
        blank = not php.trim(request.text)  # the plugin shows only text to its lists and to moderation
        refusal = (
            (self._refuse_sender(request) if traits.ban_before_quota else None)
            or self.quotas.refuse(request.place.owner, request.bot.id, guest=request.guest)
            or banned_address(settings, request.remote, spelling=traits.banned_addresses)
            or (None if blank else banned_word(settings, request.text, traits.banned_words))
        )
        if refusal is not None or blank or not self._is_moderated(request.bot):
            return refusal, ()
        self._next_call()
        return flagged(self._settings, request.text), ((),)

    def _is_moderated(self, bot: Bot) -> bool:
        """Return whether OpenAI's moderation checks messages first; it does not for bots that use Chat Completions."""
        return moderated(self._settings, bot.provider) and self.provider(bot).api == "responses"

    def refuse_address(self, remote: str, now: float, *, exempt: bool) -> Refusal | None:
        """
        Return why an address is refused now: it is banned, or has sent too many requests in this minute.

        *exempt*: the visitor may manage the plugin's settings, and so is never throttled.
        """
        banned = banned_address(self._settings, remote, spelling=self._traits.banned_addresses)
        return banned or (None if exempt else self.throttle.refuse(remote, now))

    def _refuse_sender(self, request: AipkitChatRequest) -> Refusal | None:
        return self.refuse_address(request.remote, request.now, exempt=request.administrator)

    def note_question(self, request: AipkitChatRequest) -> None:
        """Log what the visitor asked."""
        ident = request.client_id or self.message_id(request.now).replace(".", "")
        self.log.add(
            request.place,
            LogEntry(role="user", content=request.text, timestamp=int(request.now), message_id=ident),
        )

    def note_answer(self, request: AipkitChatRequest, output: ModelOutput, message_id: str) -> None:
        """Log what the model answered, and count what it cost."""
        if output.text:
            self._add_answer(request, output.text, message_id, response_id=output.response_id, tokens=output.tokens)
            self.quotas.use(request.place.owner, request.bot.id, output.tokens or 0)

    def note_failure(self, request: AipkitChatRequest, words: str, message_id: str) -> None:
        """Log that there was no answer; later requests send that line to the model as its own message."""
        self._add_answer(request, f"Error: {words}", message_id)

    def _add_answer(
        self,
        request: AipkitChatRequest,
        text: str,
        message_id: str,
        *,
        response_id: str | None = None,
        tokens: int | None = None,
    ) -> None:
        provider = request.bot.provider
        entry = LogEntry(
            role="bot",
            content=text,
            timestamp=int(request.now),
            message_id=message_id,
            provider=provider,
            model=_MODELS[provider],
            tokens=tokens,
            response_id=response_id,
        )
        self.log.add(request.place, entry)

    def media_failure(self, bot: Bot) -> MediaFailure | None:
        """Return how the provider of *bot* fails for speech and images, if its model is set to fail altogether."""
        model = self._model(bot)
        if model.http_error is not None:
            error = model.http_error
            stops = error.cloud is not None and bool(error.cloud.stop_batch)
            return MediaFailure(status=error.status, words=error.message, code=error.code or "", stops_batch=stops)
        if not model.refused:
            return None
        failure = ask(ModelCall(settings=model, timeout=self.provider(bot).read_timeout)).failure
        return MediaFailure(status=500, words=str(failure), answered=False)

    def provider_refuses(self, request: AipkitChatRequest) -> bool:
        """Return whether the provider refuses this message, because of its images or of the bot's web search."""
        provider, bot = self.provider(request.bot), request.bot
        pictured = bool(request.images) and not (provider.takes_images or bot.cloud_images)
        return pictured or (provider.refuses_search and self._model(bot).web_search)

    def has_key(self, request: AipkitChatRequest) -> bool:
        """Return whether the site has the key of the bot's provider; Ollama runs locally and needs none."""
        return self._settings.api_key or request.bot.provider == "Ollama"

    def provider(self, bot: Bot) -> ProviderTraits:
        """Return how a bot's model is asked and its answer read; the release decides which APIs can be chosen."""
        chosen = self._model(bot).api
        own = self._providers[bot.provider]
        if chosen == "chat-completions" and chosen in own.other_apis:
            return dataclasses.replace(own, api=chosen)
        return own

    def _model(self, bot: Bot) -> Model:
        return bot.model or self._settings.model

    def messages(self, request: AipkitChatRequest, earlier: list[LogEntry]) -> Messages:
        """Return the messages for the model: the instruction, the *earlier* messages, and the new one."""
        kept = [] if self._goes_on(request, earlier) else self._within_memory(request, earlier)
        return self._conversation(request, kept)

    def _goes_on(self, request: AipkitChatRequest, earlier: list[LogEntry]) -> bool:
        """Return whether the model's API keeps the conversation, so that nothing of it is sent again."""
        keeps = self.provider(request.bot).keeps_conversations
        known = request.previous_id or any(entry.response_id for entry in earlier)
        return bool(keeps and request.bot.conversation_state and known)

    @staticmethod
    def _within_memory(request: AipkitChatRequest, earlier: list[LogEntry]) -> list[LogEntry]:
        return earlier[max(len(earlier) - request.bot.memory, 0) :]

    def _conversation(self, request: AipkitChatRequest, kept: list[LogEntry]) -> Messages:
        moment = datetime.fromtimestamp(request.now, UTC)
        template = self._traits.fresh_prompt if request.bot.system_prompt is None else request.bot.system_prompt
        prompt = template.replace("[date]", f"{moment:%B} {moment.day}, {moment.year}")
        messages = [*to_api(kept), {"role": "user", "content": request.text}]
        trimmed = [{**message, "content": php.trim(message["content"])} for message in messages]
        start = ({"role": "system", "content": prompt},) if prompt else ()
        return (*start, *(message for message in trimmed if message["content"]))

    def ask(self, request: AipkitChatRequest, earlier: list[LogEntry], *, stream: bool) -> ModelResponse:
        """Ask the bot's model, with the *earlier* messages that are sent along, or that its API keeps."""
        kept = earlier if self._goes_on(request, earlier) else self._within_memory(request, earlier)
        provider = self.provider(request.bot)
        response = ask(
            ModelCall(
                settings=self._model(request.bot),
                api=provider.api,
                timeout=provider.read_timeout,
                provider=request.bot.provider,
                model=_MODELS[request.bot.provider],
                stream=stream,
                number=self._next_call(),
                usage=True,
                created=int(request.now),
                messages=self._conversation(request, kept),
            )
        )
        return response if self._settings.php_curl else through_sockets(response)

    @property
    def can_stream(self) -> bool:
        """Return whether this release can stream on the site's PHP, which may lack curl."""
        return self._settings.php_curl or self._traits.without_curl == "whole"

    @property
    def lacks_classes(self) -> bool:
        """Return whether classes of the plugin are missing."""
        return self._settings.missing_classes

    def php_fails(self, deltas: int | None) -> bool:
        """Return whether PHP raises an error after *deltas* deltas; None: before the answer is opened."""
        after = self._settings.php_error_after
        if after is None or deltas is None:
            return after == "checks" and deltas is None
        return after != "checks" and deltas >= after

    def reference(self) -> str:
        """Make the reference of a PHP error; the form of real ones is not known."""
        return f"{self._random.getrandbits(48):012x}"

    def _next_call(self) -> int:
        return counted(self._calls, ("calls",))

    def message_id(self, now: float) -> str:
        """Make an id for a message as PHP's uniqid does: time in hex, and a random number with a dot in it."""
        return message_id(now, self._random)


def _throttle(settings: SiteSettings, traits: AipkitTraits) -> int:
    """Return the AI requests allowed in a minute (0: any number): the site's setting, if the release has a limit."""
    return settings.requests_per_minute or traits.throttle if traits.throttle else 0


def message_id(now: float, random: Random) -> str:
    """Make an id for a message: seconds and microseconds in hex, and a random number below 10."""
    micros = int(now * 1_000_000) % 1_000_000
    return f"aipkit-msg-{int(now):08x}{micros:05x}{min(random.random() * 10, 9.99999999):.8f}"
