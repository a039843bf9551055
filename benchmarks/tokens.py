"""How many tokens of recorded sessions are found, how many are invented, and how fast a large recording is searched."""

from __future__ import annotations

import time
from collections import Counter

from tests.support.token_sessions import known_sessions

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.tokens import find_tokens

_SEEDS = 10


def main() -> None:
    sessions = [session for seed in range(_SEEDS) for session in known_sessions(seed)]
    right = wanted = invented = 0
    started = time.perf_counter()
    for session in sessions:
        found = Counter((each.token.name, str(each.token.kind)) for each in find_tokens(session.cassette))
        expected = Counter(session.expected)
        wanted += expected.total()
        right += (expected & found).total()
        invented += (found - expected).total()
    seconds = time.perf_counter() - started
    print(f"{right} of {wanted} tokens found, {invented} invented, in {len(sessions)} sessions ({seconds:.1f} s)")
    for times in (1, 10):
        exchanges = [each for session in sessions[: 40 * times] for each in session.cassette.interactions]
        size = sum(len(each.response.body) for each in exchanges)
        started = time.perf_counter()
        find_tokens(Cassette(interactions=tuple(exchanges)))
        seconds = time.perf_counter() - started
        print(f"one recording of {len(exchanges)} exchanges, {size / 1e6:.2f} MB: {seconds:.2f} s")
