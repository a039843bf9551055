"""The events of one answer: reads of the model's API converted in the plugin's order."""

from __future__ import annotations

from collections.abc import Iterator

from chatgptfree_mock.sites.aipower.aipkit import events
from chatgptfree_mock.sites.aipower.aipkit.chat_request import AipkitChatRequest
from chatgptfree_mock.sites.aipower.aipkit.model_output import ModelOutput
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.providers import ProviderTraits


class AnswerEvents:
    """Turns reads into events, in the plugin's order, and keeps what `done` repeats."""

    def __init__(self, request: AipkitChatRequest, traits: AipkitTraits, provider: ProviderTraits) -> None:
        self._request = request
        self._traits = traits
        self._provider = provider
        self._status_sent = False
        self.all = ModelOutput()
        self.deltas = 0
        """How many deltas were sent."""
        self.failed = False
        self.error = ""
        """The words of the error that ended the stream."""

    @property
    def satisfied(self) -> bool:
        """Return whether the answer counts as complete: it has a delta, or a `status` event where that is enough."""
        return self.all.text is not None or self._status_sent

    @property
    def repeated(self) -> dict[str, object]:
        """Return the data that `done` repeats."""
        words: dict[str, object] = {}
        if self.all.grounding is not None:
            words["grounding_metadata"] = self.all.grounding
        if self.all.citations and self._traits.citations:
            words["citations"] = self.all.citations
        return words

    def of_read(self, output: ModelOutput, ms: int) -> Iterator[events.ServerEvent]:
        """Yield the events of one read."""
        self._keep(output)
        if output.response_id is not None:
            yield events.ServerEvent("openai_response_id", {"id": output.response_id})
        if output.interaction_id is not None and self._request.bot.conversation_state:
            yield events.ServerEvent("google_interaction_id", {"id": output.interaction_id})
        if output.grounding is not None:
            yield events.ServerEvent("grounding_metadata", output.grounding)
        if output.citations and self._traits.citations:
            yield events.ServerEvent("citations", output.citations)
        if output.status is not None:
            self._status_sent = self._provider.statuses_count
            yield events.ServerEvent("status", output.status)
        now = self._request.now + ms / 1000
        if output.error is not None:
            self.failed, self.error = True, output.error
            yield events.trouble("error", output.error, now=now, more=output.error_details)
        elif output.text is not None:
            yield self._text_event(output, output.text, now)

    def _text_event(self, output: ModelOutput, text: str, now: float) -> events.ServerEvent:
        if output.error_lost:
            return events.trouble("error", text, now=now)
        self.deltas += 1
        return events.trouble("warning", text, now=now) if output.warned else events.delta(text)

    def _keep(self, output: ModelOutput) -> None:
        kept = self.all
        if output.error is None and output.text is not None:
            kept.text = (kept.text or "") + output.text
        kept.response_id = output.response_id or kept.response_id
        kept.grounding = output.grounding or kept.grounding
        kept.tokens = output.tokens if output.tokens is not None else kept.tokens
        kept.citations += [citation for citation in output.citations if citation not in kept.citations]
