"""The body of a request, as every server here reads it: within a limit, and no further than its parser gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.http_parser import RawRequestMessage

from chatgptfree_mock.wire.passing_protocol import PassingProtocol


class BodyTooLargeError(Exception):
    """The body of a request is larger than the limit."""


async def read_body(request: web.BaseRequest, limit: int) -> bytes:
    """
    Wait for the whole body of *request*.

    Raises:
        BodyTooLargeError: it has more than *limit* bytes, or is announced to.
        RequestPayloadError: its framing is invalid, or it is cut off.
        ConnectionResetError: the client has gone.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLargeError
    parts: list[bytes] = []
    size = 0
    with _failing_with_parser(request):
        while part := await request.content.readany():
            parts.append(part)
            size += len(part)
            if size > limit:
                raise BodyTooLargeError
    return b"".join(parts)


@contextmanager
def _failing_with_parser(request: web.BaseRequest) -> Iterator[None]:
    """
    End the body of *request* once the parser has failed, and raise `RequestPayloadError` after the block.

    After a chunk size that is not a number or a trailer that is too long aiohttp ends its parser but not the body: the
    error is raised when the handler has returned, and the handler waits for the rest of the body.
    """
    transport, protocol, content = request.transport, request.protocol, request.content
    given_up = False

    def check() -> None:
        nonlocal given_up
        waiting = protocol._messages  # noqa: SLF001 - aiohttp has no other way to it
        if not content.is_eof() and any(not isinstance(message, RawRequestMessage) for message, _ in waiting):
            given_up = True
            content.feed_eof()  # an exception would be raised again in aiohttp, which reads the rest after a handler

    if transport is not None and not transport.is_closing():
        transport.set_protocol(_DataWatch(protocol, check))
        check()
    try:
        yield
    finally:
        if transport is not None:
            transport.set_protocol(protocol)
    if given_up:
        raise web.RequestPayloadError("the framing of the body is invalid")


class _DataWatch(PassingProtocol):
    """Reports when aiohttp's protocol has got data."""

    def __init__(self, inner: asyncio.Protocol, received: Callable[[], None]) -> None:
        super().__init__(inner)
        self._received = received

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._received()
