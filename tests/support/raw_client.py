"""A client that reads HTTP off the socket by itself and keeps what was really there: head, frames, how it ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit


@dataclass(kw_only=True)
class RawAnswer:
    """What came over the wire."""

    head: bytes = b""
    chunks: list[bytes] = field(default_factory=list)
    """The HTTP chunks, or all that came where there are none."""
    end: str = "open"
    """complete, truncated, reset, garbled, open."""
    rest: bytes = b""
    """Bytes that are no part of the answer."""
    times: list[float] = field(default_factory=list)
    """When each chunk was there, in seconds since the request."""

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class RawClient:
    """One connection; `ask` sends bytes and reads one answer."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self.url.hostname, self.url.port)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.writer.transport.abort()
        # The transport closes its socket in the loop's next turn.
        await asyncio.sleep(0)

    async def get(self, path: str = "/", *, headers: str = "", method: str = "GET", version: str = "1.1") -> RawAnswer:
        request = f"{method} {path} HTTP/{version}\r\nHost: {self.url.netloc}\r\n{headers}\r\n"
        return await self.ask(request.encode(), bodiless=method == "HEAD")

    async def ask(self, request: bytes, *, bodiless: bool = False) -> RawAnswer:
        self._start = asyncio.get_running_loop().time()
        answer = RawAnswer()
        self.writer.write(request)
        try:
            await self._read(answer, bodiless=bodiless)
        except ConnectionResetError:
            answer.end = "reset"
        except asyncio.IncompleteReadError as exc:
            answer.end = "truncated"
            if exc.partial and answer.head:
                self._keep(answer, exc.partial)
        return answer

    async def _read(self, answer: RawAnswer, *, bodiless: bool) -> None:
        answer.head = (await self.reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
        length = answer.header("Content-Length")
        if bodiless or answer.status in (204, 304):
            answer.end = "complete"
        elif (answer.header("Transfer-Encoding") or "").lower() == "chunked":
            await self._read_chunks(answer)
        elif length is not None:
            if int(length):
                self._keep(answer, await self.reader.readexactly(int(length)))
            answer.end = "complete"
        else:
            while data := await self.reader.read(65536):
                self._keep(answer, data)
            answer.end = "complete"

    async def _read_chunks(self, answer: RawAnswer) -> None:
        while True:
            line = await self.reader.readuntil(b"\r\n")
            try:
                size = int(line.split(b";")[0], 16)
            except ValueError:
                answer.end, answer.rest = "garbled", line + await self.reader.read(-1)
                return
            if not size:
                break
            self._keep(answer, await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        while (line := await self.reader.readuntil(b"\r\n")) != b"\r\n":
            answer.rest += line
        answer.end = "complete"

    def _keep(self, answer: RawAnswer, data: bytes) -> None:
        answer.chunks.append(data)
        answer.times.append(asyncio.get_running_loop().time() - self._start)


async def fetch(url: str, **how: str) -> RawAnswer:
    """Ask once over a connection of its own."""
    async with RawClient(url) as client:
        parts = urlsplit(url)
        return await client.get((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), **how)
