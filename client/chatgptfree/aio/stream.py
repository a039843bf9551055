"""
An answer as it arrives: the result of `ChatClient.stream`.

A class and not an async generator, because the event loop closes a generator some time after a ``break``; this closes
its connection at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Self

from chatgptfree.aio.error_translation import DroppedError, out_of_time
from chatgptfree.aio.event_loop import require_asyncio
from chatgptfree.aio.real_time import now, until
from chatgptfree.aio.response import Body, BrokenBodyError
from chatgptfree.aio.transport import Transport
from chatgptfree.core.session.commands import (
    Broken,
    Command,
    Data,
    Deliver,
    Delivered,
    Done,
    Dropped,
    Ended,
    Event,
    Fail,
    Failed,
    Fetch,
    Open,
    Opened,
    Read,
    Received,
    Refresh,
)
from chatgptfree.core.session.conversation import ChatCall
from chatgptfree.errors import ChatError
from chatgptfree.messages import Delta, Reply, Timeout


async def carry_out(command: Fetch | Open, transport: Transport) -> tuple[Event, Body | None]:
    """Send the request of *command*; return the event, and the body to be read after an `Open`."""
    try:
        if isinstance(command, Open):
            body = await transport.open(command.request)
            return Opened(body.head), body
        head, content = await transport.fetch(command.request, command.limit)
        return Received(head=head, body=content), None
    except DroppedError as error:
        return Dropped(error), None
    except ChatError as error:
        return Failed(error), None


class ReplyStream:
    """
    The deltas of one answer, in order: ``async for delta in stream``.

    The first iteration sends the request.  After the last one, `reply` is the whole answer with its warnings.
    Leaving the loop early closes the connection unless a reference to the stream is kept; then use `aclose` or
    ``async with``.
    """

    def __init__(
        self,
        start: Callable[[], ChatCall],
        transport: Transport,
        renew: Callable[[Refresh], Awaitable[Event]],
        timeout: Timeout,
    ) -> None:
        self._start = start
        self._transport = transport
        self._renew = renew
        self._timeout = timeout
        self._deadline: float | None = None
        self._lingering_until: float | None = None
        self._turn: ChatCall | None = None
        self._body: Body | None = None
        self._reply: Reply | None = None
        self._over = False

    @property
    def reply(self) -> Reply:
        """
        The whole answer, once the stream has been read to its end.

        Raises:
            RuntimeError: the stream has not been read to its end.
        """
        if self._reply is None:
            raise RuntimeError("the reply exists only once the stream has been read to its end")
        return self._reply

    def __repr__(self) -> str:
        state = "over" if self._over else "not begun" if self._turn is None else "under way"
        return f"<ReplyStream of {self._transport.site.url}, {state}>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delta:
        if self._over:
            raise StopAsyncIteration
        try:
            command = await self._advance()
        except BaseException:
            self._let_go()
            raise
        if isinstance(command, Deliver):
            return command.delta
        self._let_go()
        if isinstance(command, Fail):
            raise command.error
        if isinstance(command, Done):
            self._reply = command.reply
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop: close the connection if the answer is still arriving; no further delta follows."""
        self._let_go()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._let_go()

    def __del__(self) -> None:
        if self._body is not None:
            self._body.abandon()

    async def _advance(self) -> Command:
        """Carry out commands until one is a delta, the end or an error."""
        if self._turn is None:
            require_asyncio()
            self._turn = self._start()
            if self._timeout.total is not None:
                self._deadline = now() + self._timeout.total
            command = self._turn.start()
        else:
            command = self._turn.next(Delivered())
        while not isinstance(command, Deliver | Done | Fail):
            command = self._turn.next(await self._in_time(command))
        return command

    async def _in_time(self, command: Refresh | Fetch | Open | Read) -> Event:
        try:
            async with until(self._deadline):
                return await self._carry_out(command)
        except TimeoutError:
            status = self._body.head.status if self._body is not None else None
            url = self._transport.site.url if self._body is None else self._body.head.url
            return Failed(out_of_time(self._timeout, "total", status=status, url=url))

    async def _carry_out(self, command: Refresh | Fetch | Open | Read) -> Event:
        if isinstance(command, Read):
            return await self._read(command)
        if isinstance(command, Refresh):
            return await self._renew(command)
        self._close_body()
        self._lingering_until = None
        event, self._body = await carry_out(command, self._transport)
        return event

    async def _read(self, command: Read) -> Event:
        if self._body is None:
            return Broken("the connection was closed on this side")
        try:
            async with until(self._patient_until(command)):
                data = await self._body.read()
        except TimeoutError:
            return Ended()
        except BrokenBodyError as error:
            return Broken(str(error))
        except ChatError as error:
            return Failed(error)
        return Data(data) if data else Ended()

    def _patient_until(self, command: Read) -> float | None:
        """Return when to stop waiting: the first read with a patience sets the deadline for all that follow."""
        if command.patience is not None and self._lingering_until is None:
            self._lingering_until = now() + command.patience
        return self._lingering_until

    def _close_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def _let_go(self) -> None:
        self._over = True
        self._close_body()
