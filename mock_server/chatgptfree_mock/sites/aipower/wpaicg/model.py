"""The plugin's calls of the model's API: the choice of the API, the model's name, and the count of calls."""

from __future__ import annotations

from typing import Final

import msgspec

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.aipower.wpaicg import relay
from chatgptfree_mock.sites.aipower.wpaicg.buffered import BufferedOutcome, read
from chatgptfree_mock.sites.aipower.wpaicg.chat_request import WpaicgChatRequest
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore
from chatgptfree_mock.sites.model_api.reply import reply_to
from chatgptfree_mock.sites.model_api.settings import Model, Provider
from chatgptfree_mock.sites.model_api.upstream import Api, ModelRequest, ModelResponse
from chatgptfree_mock.sites.model_api.wire import ask

_KNOWN: tuple[Provider, ...] = ("OpenAI", "Azure", "Google", "OpenRouter")
_KEPT = 64
"""The number of whole replies that a site caches."""
_READ_TIMEOUT: Final = 200
"""Seconds without an answer of the API, streamed or whole, until the plugin gives up (as read in 1.9.18)."""
_MODELS = {"Google": "gemini-pro", "OpenRouter": "openai/gpt-4o-mini"}


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a call without streaming, the time that it takes in ms, and what the site sends of it."""

    outcome: BufferedOutcome
    ms: int
    outcome_words: str


class ModelApi:
    """Calls the model's API for one site."""

    def __init__(self, usage: UsageStore, traits: WpaicgTraits) -> None:
        self._usage = usage
        self._traits = traits
        self._read: dict[tuple[int, str], Whole] = {}
        """By bot id and reply."""

    def call(self, request: WpaicgChatRequest, model: Model, messages: Messages) -> ModelResponse:
        """Call the model, and record the call in *request*."""
        upstream = self._ask(request, model, messages)
        request.calls.append(messages)
        request.why.append(f"the model's API: {_outcome(upstream)}")
        return upstream

    def whole(self, request: WpaicgChatRequest, model: Model, messages: Messages, *, keyed: bool) -> Whole:
        """Call the model for an answer in one piece; equal replies for one bot are parsed once."""
        key = request.bot.id, str(reply_to(model, messages))
        known = self._read.get(key)
        if known is None:
            upstream = self._ask(request, model, messages)
            outcome = read(upstream, google=request.bot.provider == "Google", keyed=keyed)
            known = Whole(outcome=outcome, ms=upstream.ended_ms, outcome_words=f"the model's API: {_outcome(upstream)}")
            if len(self._read) >= _KEPT:
                self._read.clear()
            self._read[key] = known
        request.calls.append(messages)
        request.why.append(known.outcome_words)
        return known

    def _ask(self, request: WpaicgChatRequest, model: Model, messages: Messages) -> ModelResponse:
        provider = request.bot.provider if request.bot.provider in _KNOWN else "OpenAI"
        return ask(
            ModelRequest(
                settings=model,
                api=self._which(request.bot, model),
                provider=provider,
                model=_MODELS.get(provider, self._traits.default_model),
                stream=request.streams,
                timeout=_READ_TIMEOUT,
                number=self._usage.next_call(),
                created=int(request.call.now),
                messages=messages,
            )
        )

    def hear(self, model: Model) -> tuple[str, str | None]:
        """Return the transcription of a voice message by the API, or its error."""
        upstream = ask(
            ModelRequest(settings=model, stream=False, timeout=_READ_TIMEOUT, number=self._usage.next_call())
        )
        if upstream.failure is not None:
            return "", str(upstream.failure)
        return model.transcript, relay.error_message(upstream.body)

    def _which(self, bot: Bot, model: Model) -> Api:
        if bot.provider == "Google":
            return "google"
        if model.api == "completions":
            return "completions"
        return "assistant" if model.api == "assistant" and self._traits.assistants else "chat-completions"


def _outcome(upstream: ModelResponse) -> str:
    status = [f"HTTP {upstream.status}"] if upstream.status else []
    failure = [str(upstream.failure)] if upstream.failure is not None else []
    return ", then ".join([*status, *failure])
