"""Settings of a model's API: its answer, how it streams, and how it fails."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chatgptfree_mock.contract.settings import Count, HttpStatus, SettingsPart, Size

Provider = Literal["OpenAI", "Azure", "Google", "OpenRouter", "Claude", "DeepSeek", "Ollama", "xAI", "AIPufferCloud"]


class CloudError(SettingsPart, frozen=True, kw_only=True):
    """
    The details of an error by AIPufferCloud besides its words and its code.

    An error inside a stream passes all of it on; of an HTTP error, only *credits_refresh* shows.
    """

    status: HttpStatus | None = None
    """The key `status`; null: 503."""
    stop_batch: bool | None = None
    """The key `stop_batch`: whether more requests are of no use; null: no such key."""
    request_id: str | None = None
    """The key `cloud_request_id`; null: no such key."""
    request_state: Literal["dispatched", "reconciliation_pending", "settled", "released"] | None = None
    """The key `cloud_request_state`: whether credits were used; null: no such key."""
    operation_id: str | None = None
    """The key `cloud_operation_id`; null: no such key."""
    credits_refresh: str | None = None
    """With the code `credits`: the date of the next free credits, as the sentence has it; null: another sentence."""


class ApiError(SettingsPart, frozen=True, kw_only=True):
    """The model's API answers with an HTTP error, as OpenAI words it."""

    status: HttpStatus = 500
    """The status of the API's response."""
    message: str = "The server had an error while processing your request. Sorry about that!"
    """The API's sentence."""
    code: str | None = None
    """The API's word for the error, such as `insufficient_quota`; null: none."""
    type: str = "server_error"
    """The API's kind of error, such as `invalid_request_error`."""
    param: str | None = None
    """The name of the parameter that is wrong, as OpenAI's and xAI's errors have it; null: none."""
    inner_code: str | None = None
    """Azure: the code of the error inside, such as `ResponsibleAIPolicyViolation`; null: none."""
    cloud: CloudError | None = None
    """AIPufferCloud: more details of the error; no other provider sends them."""


class MidError(SettingsPart, frozen=True, kw_only=True):
    """The model's API reports an error inside its stream, after *after* pieces of text."""

    after: Count = 1
    """After how many pieces of text it comes."""
    message: str = "The server had an error while processing your request. Sorry about that!"
    """The API's sentence."""
    code: str | None = None
    """The API's word for the error; null: none."""
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
    What the model's API does behind the plugin.

    At most one of *http_error*, *html_error*, *garbage*, *refused* and *empty* applies; the rest shape a normal answer.
    """

    reply: str | list[str] | None = None
    """
    The text, or its pieces as the API streams them; a text is cut into words.

    `{message}` in it is replaced by the message that the model was asked.  By default the model greets, and knows the
    name that it was given earlier in the conversation.
    """
    cassette: str | None = None
    """Answer from this recording and not from *reply*; matched with the nonce as a variable."""
    api: Literal["chat-completions", "responses", "completions", "assistant"] | None = None
    """
    What the plugin talks to; by default what that release does for a fresh bot.  AIPKit can be told only to use
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
    No answer at all: closed without a word (true is the same), nobody listens, nobody accepts the connection (AIPKit
    waits 15 seconds), reset, or silence until curl ends (120 seconds; 200 under plugin 1.x, 290 for AIPufferCloud).
    """
    empty: bool = False
    """A good answer without any text."""
    dies_after: Count | None = None
    """The API breaks its connection after so many pieces of text."""
    resets_after: Count | None = None
    """The API resets its connection after so many pieces of text: curl's error 56 and not 18, as with *dies_after*."""
    half_event: bool = False
    """With *dies_after* or *resets_after*: the last event is cut in the middle."""
    ends_after: Count | None = None
    """The API ends its answer cleanly after so many pieces of text, without a reason and without its end mark."""
    no_end_mark: bool = False
    """The API ends cleanly but without its end mark (`[DONE]`, `response.completed`)."""
    no_finish: bool = False
    """No chunk has a finish reason."""
    error_midway: MidError | None = None
    """An error inside the stream."""
    refusal: str | None = None
    """The model refuses in its own way (Responses API: a refusal part)."""
    finish: Literal["stop", "length", "content_filter"] = "stop"
    """Why the model stops."""
    citations: bool = False
    """Responses API and Claude: the answer names its sources."""
    grounding: bool = False
    """Google: the answer carries the metadata of a web search."""
    comments: bool = False
    """OpenRouter's `: OPENROUTER PROCESSING` lines."""
    item_events: bool | None = None
    """Responses API: the events about items and parts come too; by default of OpenAI only, as recorded."""
    web_search: bool = False
    """
    Responses API and Claude: the model searches the web before it answers, and reports the steps.  AIPufferCloud
    refuses messages to such a bot.
    """
    web_search_error: str | None = None
    """Claude: the search fails, with this code of Anthropic's, such as `max_uses_exceeded`."""
    first_ms: Count = 20
    """Silence before the first piece."""
    piece_ms: Count = 20
    """Silence between pieces."""
    burst: bool = False
    """All pieces reach the plugin in one read."""
    read_bytes: Size | Annotated[list[Size], msgspec.Meta(min_length=1)] | None = None
    """The plugin reads so many bytes at a time, whatever the events are; of a list the last one repeats."""
    split: list[Count] = msgspec.field(default_factory=list)
    """Pieces of text (from 0) whose event comes in two reads, cut inside its first multi-byte character, or halved."""
    split_ms: Count = 300
    """Silence between the two reads of a split event."""
    usage_chunk: bool = False
    """Chat Completions: a chunk with no choices but the usage comes before `[DONE]`."""
    ascii: bool = False
    """The API writes all but ASCII as `\\uXXXX`, emoji as surrogate pairs."""
    name: str | None = None
    """The model's name as the API reports it."""
    transcript: str = "Hello"
    """What the API hears in a voice message."""
