"""
How much memory a long stream takes: 256 MiB of ordinary events, under the limits that hold by default.

Each measurement runs in a process of its own and prints how far the peak of its resident size rose over where it
stood after a first, short answer.  The events hold some 5 MiB of text, which stays, because an error has to give it
back as `partial`; the whole client makes the reply of it in the end, so that it is there twice.  The text is ASCII,
because Python keeps the whole of a text in four bytes a character once there is one emoji in it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.decoding import HEAD, LIMITS, event

from chatgptfree import ChatClient
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.messages import Delta

SIZE = 256 * 1024 * 1024
PAGE = (
    b'<html><div class="wpaicg-chat-shortcode" data-nonce="0123456789" data-post-id="4" data-bot-id="0"'
    b' data-openai_stream_nav="1" data-type="shortcode"></div></html>'
)
DONE = b"data: [DONE]\n\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def pieces(size: int) -> Iterator[bytes]:
    """Yield ordinary events of *size* bytes in all, in pieces of some 64 KiB, and the end mark."""
    piece = b"".join(event(0) for _ in range(250))
    for _ in range(size // len(piece)):
        yield piece
    yield DONE


def peak() -> float:
    """
    Return the largest resident size of this process so far, in MiB.

    Not `getrusage`'s: a process is born with the peak of the one that starts it.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def read(size: int) -> int:
    answer = AnswerReader(HEAD, LIMITS)
    length = sum(
        len(outcome.text) for piece in pieces(size) for outcome in answer.feed(piece) if isinstance(outcome, Delta)
    )
    answer.finish()
    return length


def serve(listener: socket.socket, size: int) -> None:
    """Answer one page and one question."""
    for body in ([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE), PAGE], [STREAM_HEAD]):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"".join(body))
            if body[0] is STREAM_HEAD:
                for piece in pieces(size):
                    connection.sendall(piece)


async def ask(size: int) -> int:
    """Ask with the whole client, over a socket from a process of its own."""
    context = multiprocessing.get_context("spawn")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = context.Process(target=serve, args=(listener, size))
        server.start()
        length = 0
        async with ChatClient(f"http://127.0.0.1:{listener.getsockname()[1]}") as chat:
            async for delta in chat.stream("Hello"):
                length += len(delta.text)
        server.join()
    return length


def measure(name: str, run: Callable[[int], int]) -> None:
    run(1024 * 1024)
    before = peak()
    length = run(SIZE)
    risen = f"{before:6.1f} MiB -> {peak():6.1f} MiB: +{peak() - before:.1f} MiB"
    print(f"  {name:36} {length:>10,} characters of text, {risen}")


def run_reader() -> None:
    measure("the reader", read)


def run_client() -> None:
    measure("the whole client, over a socket", lambda size: asyncio.run(ask(size)))


def main() -> None:
    print(f"peak resident size while {SIZE // 2**20} MiB of events are streamed (to stay within +16 MiB)")
    context = multiprocessing.get_context("spawn")
    for run in (run_reader, run_client):
        process = context.Process(target=run)
        process.start()
        process.join()
