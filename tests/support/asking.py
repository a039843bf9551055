"""Ask a site of raw bytes once, and keep all that came of it: the outcome, the text, the requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.raw_server import Answer, RawRequest, RawServer
from tests.support.raw_site import site

from chatgptfree import ChatClient, ChatError, Reply


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a user got: pieces of text, then a reply or an error."""

    pieces: tuple[str, ...]
    reply: Reply | None
    error: ChatError | None
    requests: tuple[RawRequest, ...]

    @property
    def text(self) -> str:
        """Return all text that came out."""
        return "".join(self.pieces)

    @property
    def kind(self) -> str:
        """Return the error's kind, or `right`."""
        return self.error.kind if self.error is not None else "right"

    @property
    def warnings(self) -> set[str]:
        """Return the codes of the reply's warnings."""
        return {warning.code for warning in self.reply.warnings} if self.reply is not None else set()

    @property
    def counts(self) -> tuple[int, int]:
        """Return how many pages were fetched and how many messages were posted."""
        methods = [request.method for request in self.requests]
        return methods.count("GET"), methods.count("POST")


async def ask_site(
    *ajax: Answer | bytes, pages: Sequence[Answer | bytes] = (), message: Any = "Hello", **client: Any
) -> Outcome:
    """Ask a site that answers with these bytes, in their order."""
    with site(*ajax, pages=pages) as server:
        return await ask_server(server, message, **client)


async def ask_server(server: RawServer, message: Any = "Hello", **client: Any) -> Outcome:
    """Ask a running server once, with a client of its own."""
    pieces: list[str] = []
    error: ChatError | None = None
    async with ChatClient(client.pop("url", server.url), **client) as chat, chat.stream(message) as stream:
        try:
            async for delta in stream:
                pieces.append(delta.text)  # noqa: PERF401 - what came before an error has to stay
        except ChatError as failure:
            error = failure
        reply = stream.reply if error is None else None
    if error is not None:
        assert error.partial == "".join(pieces)
    if reply is not None:
        assert reply.text == "".join(pieces)
    return Outcome(pieces=tuple(pieces), reply=reply, error=error, requests=tuple(server.requests))
