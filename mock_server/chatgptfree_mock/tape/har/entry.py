"""The entries of a HAR file, as HAR 1.2 and the tools that write it have them."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

Text = str | int | float | bool | None


class HarPair(msgspec.Struct):
    """A header, or a field of a form."""

    name: str = ""
    value: Text | list[Text] = None

    @property
    def values(self) -> list[str]:
        """Return the values as text: several where Polly.JS wrote a list, and one everywhere else."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return ["" if value is None else str(value) for value in values]


class PostData(msgspec.Struct, rename="camel"):
    """The body of a request."""

    mime_type: str | None = ""
    text: str | None = None
    params: list[HarPair] | None = None
    encoding: str | None = None
    file: str | None = msgspec.field(default=None, name="_file")


class HarRequest(msgspec.Struct, rename="camel"):
    """What was asked."""

    method: str
    url: str
    query_string: Any = None
    """The query as pairs, where a tool such as Insomnia leaves it out of *url*."""
    headers: list[HarPair] | None = None
    post_data: PostData | None = None


class Content(msgspec.Struct, rename="camel"):
    """The body of a response; *size* is its length in bytes, decoded."""

    text: str | None = None
    encoding: str | None = None
    size: float | None = 0
    mime_type: str | None = ""
    comment: str | None = None
    file: str | None = msgspec.field(default=None, name="_file")


class HarResponse(msgspec.Struct, rename="camel"):
    """What was answered."""

    status: int | None = 0
    status_text: str | None = ""
    headers: list[HarPair] | None = None
    redirect_url: Any = msgspec.field(default="", name="redirectURL")
    content: Content | None = None
    error: Any = msgspec.field(default=None, name="_error")


class HarChunk(msgspec.Struct):
    """*ts* is in milliseconds since the page began."""

    ts: float
    bytes: int


class ServerSentEvent(msgspec.Struct, rename="camel"):
    """An event as Chromium's developer tools show it; *time* is in seconds since 1970."""

    time: float = 0
    event_name: str | None = "message"
    event_id: str | None = ""
    data: str | None = ""


class HarEntry(msgspec.Struct, rename="camel"):
    """One exchange."""

    request: HarRequest
    response: HarResponse
    started_date_time: str | None = ""
    time: float | None = 0
    pageref: str | None = None
    chunks: list[HarChunk] | None = msgspec.field(default=None, name="_chunks")
    error: Any = msgspec.field(default=None, name="_error")
    events: list[ServerSentEvent] | None = msgspec.field(default=None, name="_eventSourceMessages")
    messages: list[Any] | None = msgspec.field(default=None, name="_webSocketMessages")


class HarPage(msgspec.Struct, rename="camel"):
    """A page that was open; `_chunks` count from its start."""

    id: str = ""
    started_date_time: str = ""


class Creator(msgspec.Struct):
    """Which tool wrote the file."""

    name: str = "an unnamed tool"
    version: Text = ""


class BadEntry(NamedTuple):
    """An entry that is not as HAR 1.2 has it."""

    problem: str
    request: str
    """Method and address, as far as they are there."""
