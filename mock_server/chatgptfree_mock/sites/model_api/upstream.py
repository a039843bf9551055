"""Requests to the model's API and its responses: plain values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chatgptfree_mock.contract.reply import Messages
from chatgptfree_mock.sites.model_api.settings import Model, Provider
from chatgptfree_mock.tape.model import Headers

Api = Literal["chat-completions", "responses", "completions", "assistant", "google", "interactions", "claude"]
Read = tuple[int, bytes]
"""Milliseconds since the plugin sent its request, and the bytes that one read of its curl got."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """One request of the plugin to the model's API."""

    settings: Model
    api: Api = "chat-completions"
    provider: Provider = "OpenAI"
    model: str = "gpt-4o-mini"
    """The model as the plugin asks for it; the API reports the date of its build with it, or what the settings name."""
    stream: bool = True
    usage: bool = False
    """The plugin requests token counts, which a stream has only then."""
    timeout: int = 120
    """After how many seconds without an answer curl gives up."""
    number: int = 1
    """Which call of this site it is; the ids of the answer are made from it."""
    created: int = 1731000000
    """Unix time, as the API stamps it."""
    messages: Messages = ()
    """The conversation that the model gets, the latest message last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The transport's messages for a missing or incomplete answer; curl's have a *code*."""

    code: int | None
    text: str

    def __str__(self) -> str:
        """Word it as WordPress does: ``cURL error 52: Empty reply from server``."""
        return self.text if self.code is None else f"cURL error {self.code}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResponse:
    """What curl read; *status* is 0 without any response."""

    status: int = 200
    headers: Headers = ()
    reads: tuple[Read, ...] = ()
    failure: Failure | None = None
    failed_ms: int = 0
    """When curl gave up, if it did."""

    @property
    def body(self) -> bytes:
        """All bytes that were read."""
        return b"".join(data for _, data in self.reads)

    @property
    def ended_ms(self) -> int:
        """When the last byte was in, or curl gave up."""
        last = self.reads[-1][0] if self.reads else 0
        return max(last, self.failed_ms)
