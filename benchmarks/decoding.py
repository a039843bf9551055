"""
From the bytes of an event stream to text: the client's reader beside what people use.

The same bytes for all, rounds interleaved, seconds of CPU, medians with the range of the middle half.
"""

from __future__ import annotations

import asyncio
import functools
import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import aiohttp
import httpx
import httpx_sse
import msgspec
from aiohttp.base_protocol import BaseProtocol
from openai._streaming import SSEDecoder

from chatgptfree import decode_events
from chatgptfree.core.answer.answer_reader import AnswerReader
from chatgptfree.core.protocol.event_stream import EventStreamDecoder
from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.messages import Delta, Limits

ROUNDS = 9
EVENTS = 20_000
HEAD = ResponseHead(status=200, url="http://site", headers=(("content-type", "text/event-stream;charset=UTF-8"),))
LIMITS = Limits()
WORDS = ("Hello", " there", "!", "\n\n", " Žluťoučký", " kůň", " 👋🏽", ' said "quoted"', " <b>", " end.")

Contender = Callable[[list[bytes]], str]


def event(number: int) -> bytes:
    chunk = {
        "id": "chatcmpl-ARfake000000001",
        "object": "chat.completion.chunk",
        "created": 1731000000,
        "model": "gpt-4o-mini",
        "system_fingerprint": None,
        "choices": [
            {"index": 0, "delta": {"content": WORDS[number % len(WORDS)]}, "logprobs": None, "finish_reason": None}
        ],
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


def ours(chunks: list[bytes]) -> str:
    answer = AnswerReader(HEAD, LIMITS)
    return "".join(outcome.text for chunk in chunks for outcome in answer.feed(chunk) if isinstance(outcome, Delta))


def httpx_sse_with(load: Callable[[str], Any]) -> Contender:
    def run(chunks: list[bytes]) -> str:
        response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))
        events = (event.data for event in httpx_sse.EventSource(response).iter_sse())
        return text_of(events, load)

    return run


def openai_with_json(chunks: list[bytes]) -> str:
    return text_of((event.data for event in SSEDecoder().iter_bytes(iter(chunks))), json.loads)


def text_of(events: Iterable[str], load: Callable[[str], Any]) -> str:
    texts = []
    for data in events:
        if data == "[DONE]":
            break
        chunk = load(data)
        texts.append(chunk["choices"][0]["delta"].get("content") or "")
    return "".join(texts)


async def stream_of(chunks: list[bytes]) -> aiohttp.StreamReader:
    loop = asyncio.get_running_loop()
    stream = aiohttp.StreamReader(BaseProtocol(loop), 2**30, loop=loop)
    for chunk in chunks:
        stream.feed_data(chunk)
    stream.feed_eof()
    return stream


async def line_loop(chunks: list[bytes]) -> str:
    texts = []
    async for line in await stream_of(chunks):
        if not line.startswith(b"data: "):
            continue
        data = line[6:].strip()
        if data == b"[DONE]":
            break
        texts.append(json.loads(data)["choices"][0]["delta"].get("content") or "")
    return "".join(texts)


async def ours_over_aiohttp(chunks: list[bytes]) -> str:
    answer = AnswerReader(HEAD, LIMITS)
    stream = await stream_of(chunks)
    texts = []
    async for data in stream.iter_any():
        texts += [outcome.text for outcome in answer.feed(data) if isinstance(outcome, Delta)]
    return "".join(texts)


def timed(contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Run each contender once a round, in turn, and return its seconds of CPU."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return times


def table(title: str, times: dict[str, list[float]], events: int) -> None:
    print(f"\n{title}")
    first = statistics.median(next(iter(times.values())))
    for name, values in times.items():
        median = statistics.median(values)
        low, _, high = statistics.quantiles(values, n=4)
        print(
            f"  {name:28} {median * 1e3:8.1f} ms  ({low * 1e3:.1f} - {high * 1e3:.1f})"
            f"  {median / events * 1e6:6.2f} µs an event  {median / first:5.1f} times ours"
        )


def bytes_to_text() -> None:
    body = b"".join(map(event, range(EVENTS))) + b"data: [DONE]\n\n"
    events = [event(number) for number in range(EVENTS)] + [b"data: [DONE]\n\n"]
    contenders: dict[str, Contender] = {
        "chatgptfree": ours,
        "httpx-sse + json": httpx_sse_with(json.loads),
        "httpx-sse + msgspec": httpx_sse_with(msgspec.json.decode),
        "openai's decoder + json": openai_with_json,
    }
    expected = "".join(WORDS[number % len(WORDS)] for number in range(EVENTS))
    print(f"{EVENTS} chat-completion chunks of {len(body) // EVENTS} bytes, from bytes to text")
    for title, chunks in (("1 event", events), ("1,400 bytes", cut(body, 1400)), ("64 KiB", cut(body, 65536))):
        assert all(run(chunks) == expected for run in contenders.values())
        runs = {name: functools.partial(run, chunks) for name, run in contenders.items()}
        table(f"cut at {title}", timed(runs), EVENTS)


def over_aiohttp() -> None:
    chunks = cut(b"".join(map(event, range(EVENTS))) + b"data: [DONE]\n\n", 65536)
    assert asyncio.run(line_loop(chunks)) == asyncio.run(ours_over_aiohttp(chunks))
    runs: dict[str, Callable[[], object]] = {
        "chatgptfree": lambda: asyncio.run(ours_over_aiohttp(chunks)),
        "line loop + json": lambda: asyncio.run(line_loop(chunks)),
    }
    table("over an aiohttp StreamReader fed in 64 KiB pieces", timed(runs), EVENTS)


def full_events() -> None:
    body = b"".join(b'event: status\nid: %d\nretry: 3000\ndata: {"step":%d}\n\n' % (n, n) for n in range(EVENTS))
    chunks = cut(body, 1400)

    def theirs() -> list[tuple[str, str, str, int | None]]:
        response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))
        return [(e.event, e.data, e.id, e.retry) for e in httpx_sse.EventSource(response).iter_sse()]

    def mine() -> list[tuple[str, str, str, int | None]]:
        return [(e.event, e.data, e.id, e.retry) for e in decode_events(chunks)]

    assert mine() == theirs()
    table(
        "full events with all four fields, cut at 1,400 bytes",
        timed({"chatgptfree": mine, "httpx-sse": theirs}),
        EVENTS,
    )


def growth() -> None:
    """
    Print how time grows; copying the same bytes once shows what the machine's memory makes of ten times as many.

    Pieces of more than 32 MB come from the kernel page by page each time, which is what the lines of 8 MB show.
    """
    print("\ngrowth: time for 10 times the input over time for the input (at most 12 is linear)")

    def decode(chunks: Sequence[bytes]) -> None:
        decoder = EventStreamDecoder(limit=2**30)
        for chunk in chunks:
            decoder.feed(chunk)

    def line(size: int) -> list[bytes]:
        return cut(b"data: " + b"x" * size + b"\n\n", 1400)

    def comments(count: int) -> list[bytes]:
        return cut(b": keep-alive\n" * count, 1400)

    def single_bytes(events: int) -> list[bytes]:
        return cut(b"".join(map(event, range(events))), 1)

    shapes: dict[str, tuple[Callable[[Sequence[bytes]], object], Callable[[int], list[bytes]], int]] = {
        "200 events byte by byte": (decode, single_bytes, 200),
        "one line of 800 KB": (decode, line, 800_000),
        "the same bytes, only joined": (b"".join, line, 800_000),
        "one line of 8 MB": (decode, line, 8_000_000),
        "the same bytes, only joined ": (b"".join, line, 8_000_000),
        "20,000 comments": (decode, comments, 20_000),
    }
    for name, (run, made, size) in shapes.items():
        small, large = made(size), made(10 * size)
        times = timed({"small": functools.partial(run, small), "large": functools.partial(run, large)})
        small_time, large_time = (statistics.median(times[which]) for which in ("small", "large"))
        each = [after / before for before, after in zip(times["small"], times["large"], strict=True)]
        grown = f"{small_time * 1e3:7.2f} ms -> {large_time * 1e3:8.2f} ms"
        print(f"  {name:28} {grown}  {large_time / small_time:5.1f} times ({min(each):.1f} - {max(each):.1f})")
    print("  (80 MB are ten times the default limit, and fresh pages from the kernel each time: see the plain join)")


def main() -> None:
    bytes_to_text()
    over_aiohttp()
    full_events()
    growth()
