"""Settings of a model's API: its answer, how it streams, and how it fails."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chatgptfree_mock.contract.settings import HttpStatus, SettingsPart, Size
from chatgptfree_mock.tape.extra_keys import Count

Provider = Literal["OpenAI", "Azure", "Google", "OpenRouter", "Claude", "DeepSeek", "Ollama", "xAI", "AIPufferCloud"]
CloudState = Literal["dispatched", "reconciliation_pending", "settled", "released"]


class CloudError(SettingsPart, frozen=True, kw_only=True):
    """
    The details of an error by AIPufferCloud besides its message and code.

    For an error inside a stream the plugin passes all of them on; for an HTTP error, only *credits_refresh* shows.
    """

    status: HttpStatus | None = None
    """The key `status`; null: 503."""
    stop_batch: bool | None = None
    """The key `stop_batch`: whether further requests would fail too; null: no such key."""
    request_id: str | None = None
    """The key `cloud_request_id`; null: no such key."""
    request_state: CloudState | None = None
    """The key `cloud_request_state`: whether credits were used; null: no such key."""
    operation_id: str | None = None
    """The key `cloud_operation_id`; null: no such key."""
    credits_refresh: str | None = None
    """With the code `credits`: the date of the next free credits, as the sentence has it; null: another sentence."""


class ApiError(SettingsPart, frozen=True, kw_only=True):
    """The model's API answers with an HTTP error, by default in OpenAI's words."""

    status: HttpStatus = 500
    """The status of the API's response."""
    message: str = "The server had an error while processing your request. Sorry about that!"
    """The API's sentence."""
    code: str | None = None
    """The API's code of the error, such as `insufficient_quota`; null: none."""
    type: str = "server_error"
    """The API's kind of error, such as `invalid_request_error`."""
    param: str | None = None
    """The name of the parameter that is wrong, as OpenAI's and xAI's errors have it; null: none."""
    inner_code: str | None = None
    """Azure: the code of the error inside, such as `ResponsibleAIPolicyViolation`; null: none."""
    cloud: CloudError | None = None
    """AIPufferCloud: more details of the error; no other provider sends them."""


class MidError(SettingsPart, frozen=True, kw_only=True):
    """The model's API reports an error inside its stream, after *after* deltas."""

    after: Count = 1
    """The number of deltas before it."""
    message: str = "The server had an error while processing your request. Sorry about that!"
    """The API's sentence."""
    code: str | None = None
    """The API's code of the error; null: none."""
    plain_json: bool = False
    """The error comes as bare JSON and not as an event."""
    response_failed: bool = False
    """Responses API: the error comes as a failed answer (`response.failed`) and not as an `error` event."""
    param: str | None = None
    """The name of the parameter that is wrong; null: none."""
    inner_code: str | None = None
    """Azure: the code of the error inside, such as `ResponsibleAIPolicyViolation`; null: none."""
    cloud: CloudError | None = None
    """AIPufferCloud: more details of the error; no other provider sends them."""


class Model(SettingsPart, frozen=True, kw_only=True):
    """
    The behaviour of the model's API behind the plugin.

    At most one of *http_error*, *html_error*, *garbage*, *refused* and *empty* applies; the rest shape a normal answer.
    """

    reply: str | list[str] | None = None
    """
    The text, or a list of deltas as the API streams them; a text is cut into words. `{message}` in it is replaced by
    the message that the model got.  By default the model greets, and remembers a name from earlier in the conversation.
    """
    cassette: str | None = None
    """A recording that answers in place of *reply*; the nonce is not compared."""
    api: Literal["chat-completions", "responses", "completions", "assistant"] | None = None
    """
    The API that the plugin uses; by default that of a fresh bot on the release.  On AIPKit it can only be set to
    `chat-completions`: for OpenAI since 2.4.68, for OpenRouter since 2.3.71.
    """
    http_error: ApiError | None = None
    """An HTTP error in place of an answer."""
    html_error: HttpStatus | None = None
    """An HTML page with this status, as a gateway sends it."""
    garbage: bool = False
    """HTTP 200 with a body that is neither JSON nor an event."""
    refused: bool | Literal["empty-reply", "no-connection", "connect-timeout", "reset", "timeout"] = False
    """
    No answer at all: the connection is closed without an answer (true is the same), refused, not accepted (AIPKit waits
    15 seconds), reset, or silent until curl times out (120 seconds; 200 under plugin 1.x, 290 for AIPufferCloud).
    """
    empty: bool = False
    """A good answer without any text."""
    dies_after: Count | None = None
    """The number of deltas after which the API breaks its connection."""
    resets_after: Count | None = None
    """The number of deltas after which the API resets its connection: curl's error 56, *dies_after* is 18."""
    half_event: bool = False
    """With *dies_after* or *resets_after*: the last event is cut in the middle."""
    ends_after: Count | None = None
    """The number of deltas after which the API ends its answer cleanly, without finish reason and end mark."""
    no_end_mark: bool = False
    """The API ends cleanly but without its end mark (`[DONE]`, `response.completed`)."""
    no_finish: bool = False
    """No chunk has a finish reason."""
    error_midway: MidError | None = None
    """An error inside the stream."""
    refusal: str | None = None
    """The model refuses in its own way (Responses API: a refusal part)."""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    """The finish reason of the model."""
    citations: bool = False
    """Responses API and Claude: the answer names its sources."""
    grounding: bool = False
    """Google: the answer carries the metadata of a web search."""
    comments: bool = False
    """OpenRouter's `: OPENROUTER PROCESSING` lines."""
    item_events: bool | None = None
    """Responses API: the events about items and parts are sent too; by default for OpenAI only, as recorded."""
    web_search: bool = False
    """
    Responses API and Claude: the model searches the web before it answers, and reports the steps.  AIPufferCloud
    refuses messages to such a bot.
    """
    web_search_error: str | None = None
    """Claude: the search fails, with this code of Anthropic's, such as `max_uses_exceeded`."""
    first_ms: Count = 20
    """Milliseconds before the first delta."""
    delta_ms: Count = 20
    """Milliseconds between deltas."""
    burst: bool = False
    """All deltas reach the plugin in one read."""
    read_bytes: Size | Annotated[list[Size], msgspec.Meta(min_length=1)] | None = None
    """The number of bytes of each read of the plugin, whatever the events are; the last number of a list repeats."""
    split: list[Count] = msgspec.field(default_factory=list)
    """Deltas (from 0) whose event comes in two reads, cut inside its first multi-byte character, or halved."""
    split_ms: Count = 300
    """Milliseconds between the two reads of a split event."""
    usage_chunk: bool = False
    """Chat Completions: a chunk with no choices but the usage comes before `[DONE]`."""
    ascii: bool = False
    """The API escapes non-ASCII characters as `\\uXXXX`, emoji as surrogate pairs."""
    name: str | None = None
    """The model's name as the API reports it."""
    transcript: str = "Hello"
    """The transcription of a voice message by the API."""
