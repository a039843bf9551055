"""
Responses of aiohttp, decoded by `chatgptfree.core.protocol.http1`.

aiohttp's own parsers, in C and in Python, drop a head and everything else in a packet if a later byte in it is
damaged.  This module alone replaces them, and reads the body: decompressed, with everything received before it broke
off.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp import HttpVersion
from aiohttp.client_exceptions import ClientOSError, ClientPayloadError, ServerDisconnectedError
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.http_parser import RawResponseMessage
from multidict import CIMultiDict, CIMultiDictProxy

from chatgptfree.aio.error_translation import first_line, out_of_time
from chatgptfree.aio.real_time import within
from chatgptfree.core.protocol.content_coding import ACCEPTED, DamagedBodyError, Inflater, codings
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.core.protocol.http1 import Complete, Damage, Part, Progress, ResponseDecoder
from chatgptfree.core.protocol.response_head import Head
from chatgptfree.errors import ChatConnectionError, ProtocolError
from chatgptfree.messages import Timeout

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

_BUFFER: Final = 64 * 1024
"""Bytes of a body to buffer before the connection is paused; aiohttp's default."""


class Response(aiohttp.ClientResponse):
    """A response decoded by `ResponseDecoder`, otherwise aiohttp's own."""

    async def start(self, connection: Connection) -> Response:
        """
        Wait for the head.

        Raises:
            ChatConnectionError: the connection was closed in the middle of it.
            aiohttp.ClientError: what aiohttp raises.
        """
        protocol = connection.protocol
        if protocol is None:
            raise ServerDisconnectedError
        parser = _Parser(protocol)
        # Only for this response: aiohttp sets a new parser for the next.  aiohttp has no public way to replace it.
        protocol._parser = parser  # type: ignore[assignment]  # noqa: SLF001
        try:
            await super().start(connection)
        except (ClientOSError, ServerDisconnectedError) as error:
            if parser.begun:
                words = "the connection was closed within the head of the response"
                raise ChatConnectionError(words, url=str(self.url)) from error
            raise
        return self


class _Parser:
    """The parser that aiohttp's protocol calls: bytes in, a message and its body out."""

    def __init__(self, protocol: ResponseHandler) -> None:
        self._protocol = protocol
        self._decoder = ResponseDecoder()
        self._body: aiohttp.StreamReader | None = None
        self._lost = protocol.closed
        if self._lost is not None:
            self._lost.add_done_callback(_look_at)

    @property
    def begun(self) -> bool:
        """Whether a byte of a response was received."""
        return self._decoder.progress is not Progress.NOTHING

    def feed_data(self, data: bytes) -> tuple[list[tuple[RawResponseMessage, Any]], bool, bytes]:
        """
        Take in *data*; return the message if it completes the head.

        Raises:
            BadHttpMessage: the head is damaged.
        """
        messages = []
        for part in self._decoder.feed(data):
            if isinstance(part, Head):
                self._body = aiohttp.StreamReader(self._protocol, _BUFFER, loop=asyncio.get_running_loop())
                messages.append((_message(part), self._body))
            elif self._body is None:
                raise BadHttpMessage(part.words if isinstance(part, Damage) else "no head")
            else:
                self._take(part, self._body)
        return messages, False, b""

    def feed_eof(self) -> object:
        """Take in the end of the connection; an incomplete head leaves no message."""
        failure = self._lost.exception() if self._lost is not None and self._lost.done() else None
        if self._body is None:
            return None
        if failure is not None:
            self._fail("the connection was closed in the middle of the response", failure.__cause__)
            return None
        for part in self._decoder.close():
            self._take(part, self._body)
        return None

    def pause_reading(self) -> None:
        """Do nothing: only the connection is paused, what was received is decoded."""

    def _take(self, part: Part, body: aiohttp.StreamReader) -> None:
        if isinstance(part, bytes):
            body.feed_data(part)
        elif isinstance(part, Complete):
            if not part.reusable:
                self._protocol.force_close()
            body.feed_eof()
        elif isinstance(part, Damage):
            self._protocol.force_close()
            self._fail(part.words, None)

    def _fail(self, words: str, cause: BaseException | None) -> None:
        body = self._body
        if body is None or body.is_eof() or body.exception() is not None:
            return
        why = cause.strerror if isinstance(cause, OSError) else None
        body.set_exception(ClientPayloadError(f"{words}: {why}" if why else words))


def _look_at(lost: asyncio.Future[None]) -> None:
    """Retrieve the exception of *lost*, so that asyncio does not log it as never retrieved."""
    if not lost.cancelled():
        lost.exception()


def _message(head: Head) -> RawResponseMessage:
    headers = CIMultiDict(
        (name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape"))
        for name, value in head.fields
    )
    return RawResponseMessage(
        HttpVersion(*head.version),
        head.status,
        head.reason.decode("utf-8", "surrogateescape"),
        CIMultiDictProxy(headers),
        head.fields,
        not head.reusable,
        None,
        False,
        head.chunked,
    )


class BrokenBodyError(Exception):
    """The body broke off; the message describes how."""


class Body:
    """A response whose body is read chunk by chunk, decompressed."""

    def __init__(self, response: aiohttp.ClientResponse, timeout: Timeout) -> None:
        self._response = response
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self.head = ResponseHead(
            status=response.status,
            url=str(response.url),
            headers=tuple((name, value) for name, value in response.headers.items()),
            received=time.time(),
        )
        transfer = codings(", ".join(response.headers.getall("transfer-encoding", ())))
        names = (
            # A proxy may add `chunked` to a response that names it already, although RFC 9112, section 6.1, forbids it.
            *(name for name in transfer if name != "chunked"),
            *codings(", ".join(response.headers.getall("content-encoding", ()))),
        )
        unknown = [name for name in names if name not in ACCEPTED]
        if unknown:
            response.close()
            raise ProtocolError(
                f"the response is encoded as {', '.join(unknown)}, which the request did not accept",
                status=self.head.status,
                url=self.head.url,
            )
        self._inflaters = [Inflater(name) for name in names]
        self._chunks: Iterator[bytes] = iter(())
        self._begun = False

    async def read(self) -> bytes:
        """
        Return the next chunk; empty at the end.

        Raises:
            BrokenBodyError: the body breaks off here; everything before was returned.
            ProtocolError: the compressed body is damaged from the start.
            ChatTimeoutError: nothing came within the idle limit.
        """
        while True:
            try:
                for chunk in self._chunks:
                    self._begun = True
                    return chunk
            except DamagedBodyError as error:
                if not self._begun:
                    raise ProtocolError(
                        f"the response can't be decoded: {error}", status=self.head.status, url=self.head.url
                    ) from error
                raise BrokenBodyError(str(error)) from error
            data = await self._read_raw()
            if not data:
                if not all(inflater.complete for inflater in self._inflaters):
                    raise BrokenBodyError("the compressed body ends too early")
                return b""
            self._chunks = _inflated(iter((data,)), self._inflaters)

    def close(self) -> None:
        """Release the response: its connection is reused if the body was read to its end, else closed at once."""
        let_go(self._response)

    def abandon(self) -> None:
        """Close a response found by the garbage collector, maybe on another thread or after its loop has ended."""
        if self._response.closed or self._loop.is_closed():
            return
        try:
            running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self.close()
        else:
            self._loop.call_soon_threadsafe(self.close)

    async def _read_raw(self) -> bytes:
        content = self._response.content
        failure: BaseException | None = content.exception()
        if failure is None:
            try:
                async with within(self._timeout.idle):
                    return await content.readany()
            except (aiohttp.ClientError, OSError, RuntimeError) as error:  # a TimeoutError is an OSError
                failure = error
        # With an exception set, aiohttp does not return what is left in its buffer, so take the exception off first.
        content.set_exception(None)  # type: ignore[arg-type]  # works, but is not in the signature
        data = content.read_nowait()
        content.set_exception(failure)
        if data:
            return data
        if isinstance(failure, TimeoutError):
            raise out_of_time(self._timeout, "idle", url=self.head.url, status=self.head.status) from failure
        raise BrokenBodyError(first_line(failure)) from failure


def let_go(response: aiohttp.ClientResponse) -> None:
    """Return the connection to the pool if the body was read to its end, else close it."""
    if response.content.at_eof():
        response.release()
    else:
        response.close()


def _inflated(chunks: Iterator[bytes], inflaters: Sequence[Inflater]) -> Iterator[bytes]:
    for inflater in inflaters:
        chunks = chain.from_iterable(map(inflater.feed, chunks))
    return chunks
