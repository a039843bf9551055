"""
How fast secrets are found and replaced: MB per second of processor time, beside a plain `re` scan.

The plain scan has as many patterns as the table of vendors' keys, joined by `|`.  The time of one step of an empty loop
is printed as well: on a machine that does other work, processor time grows with it.  Hostile inputs are tried at two
sizes in turns: ten times the input should take about ten times as long, 12 at most.  Last, 400 cassettes of 20 MB are
scanned as `lint` scans them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.lint import check
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact
from chatgptfree_mock.tape.redaction.patterns.vendor_keys import KINDS
from chatgptfree_mock.tape.yaml.writing import write

ROUNDS = 7
RECORDED = Path(__file__).parents[1] / "cassettes" / "recorded"
PLAIN = re.compile("|".join(f"(?:{re.escape(kind.prefix)}{kind.rest})" for kind in KINDS))
PROSE = "The quick brown fox jumps over the lazy dog, 12 times; see https://example.org/a?b=c for more of it.\n"
ITEM = {"name": "Some name", "tags": ["a", "bb"]}
CARD = (
    '<div class="card mb-3"><h2 class="title">Heading {n}</h2><p>The quick brown fox jumps over the lazy dog; see '
    '<a href="https://example.org/a?b={n}&amp;d=e">this</a>.</p><img src="/img/logo.{n}.png" alt="logo"></div>\n'
)
SESSION = '<div data-nonce="fc6c7cf580" data-session-id="5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc"></div>\n'
ITEMS = [{**ITEM, "id": n, "description": f"{n}: {PROSE}", "url": f"https://example.org/item/{n}"} for n in range(4000)]
ARTICLE = (
    '<p class="wp-block">The fox&#8217;s dog, 12 times; see <a href="https://example.org/x?a={n}&#038;b=2">this</a>.</p>\n'
    '<img src="https://example.org/wp-content/{n}.jpg" alt="logo"/>\n'
)
ARTICLES = [
    {
        "id": n,
        "date": "2024-05-01T10:00:00",
        "slug": f"heading-{n}",
        "content": {"rendered": ARTICLE.replace("{n}", str(n)) * 5},
    }
    for n in range(800)
]
DELTA = {"index": 0, "delta": {"content": " quick"}, "logprobs": None, "finish_reason": None}
EVENT = {
    "id": "chatcmpl-A8sdk3jhf7",
    "object": "chat.completion.chunk",
    "created": 1715000000,
    "model": "gpt-4o-2024-05-13",
}
REPLY = '# A heading\n\nThe fox, 12 times:\n```python\ndef fox(x):\n    return "dog" + x["a"]\n```\n- **dog**: lazy\n'
MESSAGES = [
    {"id": f"0a1b2c3d-4e5f-4a6b-8c7d-{n:012}", "author": {"role": "assistant"}, "create_time": 1715000000.123 + n}
    | {"content": {"content_type": "text", "parts": [f"{n} {REPLY}" * 4]}}
    for n in range(1500)
]
SAMPLES = {
    "prose": ("text/plain", PROSE * 10_000),
    "JSON": ("application/json", json.dumps([*ITEMS, {"nonce": "fc6c7cf580"}])),
    "WordPress": ("application/json", json.dumps(ARTICLES).replace("/", "\\/")),
    "messages": ("application/json", json.dumps({"messages": MESSAGES})),
    "numbers": ("application/json", json.dumps({"embedding": [n / 70_001 - 0.5 for n in range(40_000)]})),
    "events": ("text/event-stream", f"data: {json.dumps({**EVENT, 'choices': [DELTA]})}\n\n" * 4000),
    "HTML": ("text/html", SESSION + "".join(CARD.replace("{n}", str(n)) for n in range(4000))),
    "Chinese": ("text/plain", "中文漢字。" * 70_000),
}
HOSTILE = [
    *(
        "中文漢字あい",
        "\0",
        " ",
        "\n",
        "-",
        "👋😀",
        "=",
        "─│┌",
        '"',
        "\\",
        "&",
        ":",
        "<",
        "'",
        "{",
        "%",
        "@",
        "/",
        "<a ",
    ),
    *(
        "token:",
        "token:\n- a1b2c3d4e5",
        "set-cookie:",
        "data:token:",
        "token=",
        "a.",
        "-----BEGIN PRIVATE KEY-----",
        "eyJaaaaaaaa-",
        '"a":',
    ),
    *(
        '\\"',
        '"token":',
        "data: {}\n",
        "<script>",
        "<!--",
        "a=b&",
        "token=1",
        "%41Bearer ",
        "1.",
        "0000",
        "+1",
        "a@",
        "://",
        '"\\n',
        "`${",
        "//",
    ),
]
KINDS_OF_BODY = {
    "text": "text/plain",
    "JSON": "application/json",
    "HTML": "text/html",
    "events": "text/event-stream",
    "form": "application/x-www-form-urlencoded",
    "script": "text/javascript",
}
SMALL = 20_000
MOST_GROWTH = 12.0
TURNS = 5


def main() -> None:
    """Print the tables."""
    print(
        f"MB per second of processor time, median of {ROUNDS} rounds (slowest to fastest); plain: {len(KINDS)} patterns"
    )
    print(f"one step of an empty loop: {min(_times(_loop, ROUNDS)) * 1000:.0f} ns")
    print(f"{'':10}{'redaction':>24}{'lint':>24}{'plain re':>24}")
    for name, cassette in _samples():
        size = _size(cassette) / 1e6
        print(f"{name:10}" + "".join(_speed(size, each) for each in _contenders(cassette)), flush=True)
    print(f"\nhostile inputs: seconds for {SMALL // 1000} KB and {SMALL // 100} KB, growth; in the worst kind of body")
    for unit in HOSTILE:
        growth, kind, small, large = max(_growth(unit, kind) for kind in KINDS_OF_BODY)
        print(f"{unit!r:32}{kind:>8}{small:9.4f}{large:9.4f}{growth:7.1f}", flush=True)
    _lint()


def _samples() -> Iterator[tuple[str, Cassette]]:
    for name, (kind, text) in SAMPLES.items():
        yield name, _cassette(kind, text.encode())


def _growth(unit: str, name: str) -> tuple[float, str, float, float]:
    """
    Return how much longer ten times as much of *unit* takes in a body of kind *name*, with the times of both sizes.

    The sizes take turns, so that a slow phase of the machine meets both.  What seems to grow too fast is measured at a
    hundred times the size as well, where the growth for ten times is the square root.
    """
    seconds = _fastest(unit, name, (SMALL, SMALL * 10))
    growth = seconds[1] / seconds[0]
    if growth > MOST_GROWTH:
        longer = _fastest(unit, name, (SMALL, SMALL * 100))
        growth = (longer[1] / longer[0]) ** 0.5
    return growth, name, seconds[0], seconds[1]


def _fastest(unit: str, name: str, sizes: tuple[int, int]) -> list[float]:
    bodies = [
        _cassette(KINDS_OF_BODY[name], (_LEAD.get(name, "") + unit * (size // len(unit))).encode()) for size in sizes
    ]
    rounds = [[_times(partial(redact, each), 1)[0] for each in bodies] for _ in range(TURNS)]
    return list(map(min, zip(*rounds, strict=True)))


_LEAD = {"JSON": '{"a":"', "HTML": "<p>", "events": "data: ", "form": "a=", "script": "var a="}


def _lint() -> None:
    """Lint 400 files of 20 MB in all: each is a few of the recordings, copied under one name after another."""
    with TemporaryDirectory() as folder:
        files = list(_copies(Path(folder)))
        now = datetime.now(tz=UTC)
        size = sum(path.stat().st_size for path in files)
        start = time.process_time()
        for path in files:
            check(path.read_bytes(), file=path.name, now=now)
        seconds = time.process_time() - start
        print(f"\nlint of {len(files)} cassettes, {size / 1e6:.1f} MB: {seconds:.1f} s of processor time")


def _copies(folder: Path) -> Iterator[Path]:
    source = cycle(sorted(RECORDED.rglob("*.yaml")))
    for number in range(400):
        interactions: list[Interaction] = []
        while sum(len(each.response.body) for each in interactions) < 25_000:
            interactions += load(next(source)).interactions
        path = folder / f"{number}.yaml"
        path.write_text(write(Cassette(interactions=tuple(interactions))), "utf-8")
        yield path


def _cassette(kind: str, body: bytes) -> Cassette:
    response = Response(headers=(("Content-Type", kind),), body=body)
    return Cassette(
        interactions=(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response),)
    )


def _size(cassette: Cassette) -> int:
    return sum(len(each.response.body) for each in cassette.interactions)


def _contenders(cassette: Cassette) -> list[Callable[[], object]]:
    texts = [each.response.body.decode() for each in cassette.interactions]
    return [
        lambda: redact(cassette),
        lambda: find_all(cassette.interactions),
        lambda: [PLAIN.findall(text) for text in texts],
    ]


def _speed(size: float, run: Callable[[], object]) -> str:
    speeds = sorted(size / seconds for seconds in _times(run, ROUNDS))
    return f"{median(speeds):8.1f} ({speeds[0]:.1f} to {speeds[-1]:.1f})".rjust(24)


def _times(run: Callable[[], object], rounds: int) -> list[float]:
    """Return the processor time of each of *rounds*."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        times.append(max(time.process_time() - start, 1e-6))
    return times


def _loop() -> None:
    for _ in range(1_000_000):
        pass
