"""Values that a reader of YAML may take for something else, and a cassette of them."""

import random

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response

COUNT = 20_000
PIECES = [
    *"?#:,[]{}&*!|>'\"%@`-~=<^/\\ \t",
    *[": ", " #", "- ", "? ", "http://x/?a=1", 'W/"1"', "max-age=0", "*/*", "é", "👋", "\x85", "\u2028", "\ufeff"],
    *["0", "1", "9", "07", "0o7", "0x1F", "1e3", "1_000", "12:30", "2026-11-27", ".5", "+1", ".inf", ".nan", "1,000"],
    *["yes", "No", "on", "OFF", "y", "N", "true", "null", "Null", "~", "a", "Z", "OK", "Not Found", "gzip", "_", "."],
]
WORDS = [
    *PIECES,
    "",
    " ",
    "OK",
    "=",
    "<<",
    "---",
    "...",
    "%YAML",
    ":get",
    "!ruby/sym",
    "1.0.0",
    "0b1",
    "1e-5",
    "685_230.15",
]


def values(seed: int) -> list[str]:
    chosen = random.Random(seed)
    made = ["".join(chosen.choices(PIECES, k=chosen.randint(1, 5))) for _ in range(COUNT - len(WORDS))]
    return WORDS + made


def sample_cassette() -> Cassette:
    """Put each value into a header and, one in twenty, into the other places for text."""
    expected = values(1)
    interactions = []
    for start in range(0, COUNT, 20):
        part = expected[start : start + 20]
        headers: Headers = tuple((f"X-{number}", value) for number, value in enumerate(part))
        request = Request(method="GET", uri=f"http://a/{part[0]}" if part[0].isprintable() else "http://a/")
        interactions.append(
            Interaction(request=request, response=Response(headers=headers, reason=part[1], body=part[2].encode()))
        )
    return Cassette(interactions=tuple(interactions))
