"""
How many tokens of known sessions are found, and what a memory for tokens costs a replay beside a blind one.

For the cost, a page and a question with its token are replayed.  Both sites run in this process and take turns, so that
a busy machine slows both; a round is one visit of a keep-alive client.  Where the system can do that, all of it runs on
one processor: on two, server and client hand the interpreter to each other, which takes as long as what is measured.
Times are those of the processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.support.token_sessions import known_sessions

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.token_block import tokens_as_data

SEEDS = 3
ROUNDS = 15
VISITS = 40
TOKEN, SID = "a3f09b2c17d4e5f6a7b8", "q8Zk3Lm0Pw9xTr5Y"
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}\n\n'


def main() -> None:
    """Print what is found, then the medians, the spread and the ratio."""
    _find()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cassette = _visit()
    with (
        MockSite(pack="recorded", cassette=cassette, tokens="off") as blind,
        MockSite(pack="recorded", cassette=cassette) as memory,
    ):
        times: dict[str, list[float]] = {"blind": [], "with memory": []}
        for number in range(ROUNDS + 1):
            for name, site in (("blind", blind), ("with memory", memory)):
                seconds = _round(site.url, blind=site is blind)
                if number:  # the first is for warming up
                    times[name].append(seconds * 1000 / VISITS)
    print(f"a page of 8 KB and a streamed answer, {VISITS} visits a round, {ROUNDS} rounds, milliseconds a visit")
    for name, found in times.items():
        print(f"  {name:12} {statistics.median(found):6.2f} ({min(found):.2f} - {max(found):.2f})")
    ratios = sorted(one / other for one, other in zip(times["with memory"], times["blind"], strict=True))
    print(f"  ratio        {statistics.median(ratios):6.2f} ({ratios[0]:.2f} - {ratios[-1]:.2f}); asked: at most 1.3")


def _find() -> None:
    """Print how many tokens of sessions of every kind are found, and how many of what is found are none."""
    sessions = [session for seed in range(SEEDS) for session in known_sessions(seed)]
    expected, right, invented = 0, 0, 0
    for session in sessions:
        wanted = Counter(session.expected)
        found = Counter((each.token.name, each.token.kind.value) for each in find_tokens(session.cassette))
        expected += wanted.total()
        right += (wanted & found).total()
        invented += (found - wanted).total()
    print(f"{len(sessions) // SEEDS} kinds of sessions, {SEEDS} of each: ", end="")
    print(f"{right} of {expected} tokens found, {invented} invented")


def _visit() -> Cassette:
    text = f'<meta name="csrf-token" content="{TOKEN}">' + "<p>What would you like to know?</p>\n" * 220
    headers = (
        ("Content-Type", "text/html"),
        ("Content-Length", str(len(text))),
        ("Set-Cookie", f"sid={SID}; Path=/"),
    )
    page = Interaction(
        request=Request(method="GET", uri="https://chat.invalid/"),
        response=Response(headers=headers, body=text.encode()),
    )
    question = Request(
        method="POST",
        uri="https://chat.invalid/ask",
        headers=(("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", f"sid={SID}")),
        body=f"csrf={TOKEN}&message=hi".encode(),
    )
    stream = Response(
        headers=(("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")),
        body=EVENT * 40,
        chunks=tuple((0, len(EVENT)) for _ in range(40)),
    )
    cassette = Cassette(interactions=(page, Interaction(request=question, response=stream)))
    tokens = tokens_as_data([each.token for each in find_tokens(cassette)])
    return Cassette(interactions=cassette.interactions, tokens=tuple(tokens))


def _round(url: str, *, blind: bool) -> float:
    """Return the processor's seconds that the visits of one client take; each must be answered."""
    connection = HTTPConnection(urlsplit(url).netloc)
    start = time.process_time()
    for _ in range(VISITS):
        connection.request("GET", "/")
        response = connection.getresponse()
        body, cookie = response.read().decode(), (response.getheader("Set-Cookie") or "").partition(";")[0]
        token = body.partition('content="')[2].partition('"')[0]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        connection.request("POST", "/ask", f"csrf={token}&message=hi", headers)
        response = connection.getresponse()
        if len(response.read()) != 40 * len(EVENT) or (token == TOKEN) is not blind:
            raise RuntimeError(f"status {response.status} with the token {token}")
    connection.close()
    return time.process_time() - start
