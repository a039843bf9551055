"""Requests to the model's API and its responses: plain values, no behaviour."""

from __future__ import annotations

from typing import Literal

import msgspec

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.model_api.settings import Model, Provider
from chatgptfree_mock.tape.model import Headers

Api = Literal["chat-completions", "responses", "completions", "assistant", "google", "interactions", "claude"]
Read = tuple[int, bytes]
"""One read of the plugin's curl: milliseconds since its request, and the bytes."""


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the plugin to the model's API."""

    settings: Model
    api: Api = "chat-completions"
    provider: Provider = "OpenAI"
    model: str = "gpt-4o-mini"
    """The name of the model in the request; the API reports it with a date, or the name in the settings."""
    stream: bool = True
    usage: bool = False
    """Whether the plugin requests token counts, which a stream only has then."""
    timeout: int = 120
    """Seconds without an answer after which curl gives up."""
    number: int = 1
    """The number of this call on its site; the ids in the answer are made from it."""
    created: int = 1731000000
    """Unix time, as the API stamps it."""
    messages: Messages = ()
    """The conversation that the model gets, the latest message last."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The transport's messages for a missing or incomplete answer; curl's have a *code*."""

    code: int | None
    text: str

    def __str__(self) -> str:
        """Return the message of WordPress: ``cURL error 52: Empty reply from server``."""
        return self.text if self.code is None else f"cURL error {self.code}: {self.text}"


class ModelResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The response as curl read it; *status* is 0 without any response."""

    status: int = 200
    headers: Headers = ()
    reads: tuple[Read, ...] = ()
    failure: Failure | None = None
    failed_ms: int = 0
    """The time at which curl gave up, in milliseconds; None if it did not."""

    @property
    def body(self) -> bytes:
        """All bytes that were read."""
        return b"".join(data for _, data in self.reads)

    @property
    def ended_ms(self) -> int:
        """The time of the last byte, or at which curl gave up."""
        last = self.reads[-1][0] if self.reads else 0
        return max(last, self.failed_ms)
