"""The body of a request that aiohttp's parser gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage

from chatgptfree_mock.wire.passing_protocol import PassingProtocol


@contextmanager
def failing_with_parser(request: web.BaseRequest) -> Iterator[None]:
    """
    End the body of *request* once the parser has given it up, and raise `RequestPayloadError` behind the block.

    A chunk size that is not a number or a trailer that is too long ends aiohttp's parser, not the body: its error waits
    until the handler has returned, and the handler waits for the rest of the body.
    """
    transport, protocol, content = request.transport, request.protocol, request.content
    given_up = False

    def check() -> None:
        nonlocal given_up
        waiting = protocol._messages  # noqa: SLF001 - aiohttp has no other way to it
        if not content.is_eof() and any(not isinstance(message, RawRequestMessage) for message, _ in waiting):
            given_up = True
            content.feed_eof()  # an exception would be raised in aiohttp as well, which reads what a handler leaves

    if transport is not None and not transport.is_closing():
        transport.set_protocol(_DataWatch(protocol, check))
        check()
    try:
        yield
    finally:
        if transport is not None:
            transport.set_protocol(protocol)
    if given_up:
        raise web.RequestPayloadError("the body is wrongly framed")


class _DataWatch(PassingProtocol):
    """Reports when aiohttp's protocol has got data."""

    def __init__(self, inner: asyncio.Protocol, received: Callable[[], None]) -> None:
        super().__init__(inner)
        self._received = received

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._received()
