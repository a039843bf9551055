"""
How fast secrets are found and replaced: MB/s on prose, JSON, HTML and Chinese, beside a plain `re` scan.

The plain scan has as many patterns as the table of vendors' keys, joined by `|`.  Hostile inputs are tried at two
sizes: ten times the input should take about ten times as long, 12 at most.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact
from chatgptfree_mock.tape.redaction.vendor_keys import KINDS

ROUNDS = 3
PLAIN = re.compile("|".join(f"(?:{re.escape(kind.prefix)}{kind.rest})" for kind in KINDS))
PROSE = "The quick brown fox jumps over the lazy dog, 12 times; see https://example.org/a?b=c for more of it.\n"
ITEM = {"id": 7, "name": "Some name", "description": PROSE, "tags": ["a", "bb"], "url": "https://example.org/item/7"}
CARD = (
    '<div class="card mb-3"><h2 class="title">A heading</h2><p>The quick brown fox jumps over the lazy dog; see '
    '<a href="https://example.org/a?b=c&amp;d=e">this</a>.</p><img src="/img/logo.3f2a9c.png" alt="logo"></div>\n'
)
SESSION = '<div data-nonce="fc6c7cf580" data-session-id="5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc"></div>\n'
SAMPLES = {
    "prose": ("text/plain", PROSE * 10_000),
    "JSON": ("application/json", json.dumps([{**ITEM, "id": n} for n in range(4000)] + [{"nonce": "fc6c7cf580"}])),
    "HTML": ("text/html", SESSION + CARD * 4000),
    "Chinese": ("text/plain", "中文漢字。" * 70_000),
}
HOSTILE = [
    *("中文漢字あい", "\0", " ", "\n", "-", "👋😀", "=", "─│┌", '"', "\\", "&", ":"),
    *("token:", "set-cookie:", "data:token:", "token=", "a.", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa-"),
]


def main() -> None:
    """Print the tables."""
    print(f"MB/s, best of {ROUNDS} rounds; the plain scan has {len(KINDS)} patterns")
    print(f"{'':10}{'redaction':>12}{'lint':>12}{'plain re':>12}")
    for name, (kind, text) in SAMPLES.items():
        cassette, size = _cassette(kind, text), len(text.encode()) / 1e6
        speeds = [size / _best(each) for each in _contenders(cassette, text)]
        print(f"{name:10}" + "".join(f"{speed:12.1f}" for speed in speeds))
    print("\nhostile inputs: seconds for 20 KB and 200 KB, growth")
    for unit in HOSTILE:
        small, large = _hostile(unit, 20_000), _hostile(unit, 200_000)
        print(f"{unit!r:32}{small:9.4f}{large:9.4f}{large / small:7.1f}")


def _hostile(unit: str, size: int) -> float:
    cassette = _cassette("text/plain", unit * (size // len(unit)))
    return _best(lambda: redact(cassette))


def _cassette(kind: str, text: str) -> Cassette:
    response = Response(headers=(("Content-Type", kind),), body=text.encode())
    return Cassette(
        interactions=(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response),)
    )


def _contenders(cassette: Cassette, text: str) -> list[Callable[[], object]]:
    return [lambda: redact(cassette), lambda: find_all(cassette.interactions), lambda: PLAIN.findall(text)]


def _best(run: Callable[[], object]) -> float:
    """Return the processor time of the fastest round: what else the machine does counts less."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return max(min(times), 1e-6)
