"""
What differs from release to release of AIPKit, over 16 recorded releases and 104 cases.

The real site's answers are not here, only which of them were alike (`tests/data/release_matrix_2x.txt`).  Every case is
asked of the imitation on every release, and the same answers must be alike: status, headers, body without ids and with
neighbouring deltas joined, and how often the model was asked.
"""

from __future__ import annotations

import re
import string
from pathlib import Path

from tests.support.many_cases import for_each
from tests.support.masking import masked
from tests.support.situations_2x import site_of_case

TABLE = Path(__file__).parents[3] / "data" / "release_matrix_2x.txt"
LINES = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
RELEASES = LINES[0][1:]
ROWS: dict[str, str] = dict(LINES[1:])
_NEIGHBOURS = re.compile(rb'(\n\ndata: \{"delta":"[^\n]*)"\}\n\ndata: \{"delta":"')


def fingerprint(release: str, case: str) -> tuple[object, ...]:
    """Return all of an answer that counts for its letter."""
    reply = site_of_case(release, case).answer()
    response = reply.response
    headers = tuple(header for header in response.headers if header[0] != "Date")
    body = masked(response.body)
    while (joined := _NEIGHBOURS.sub(rb"\1", body)) != body:
        body = joined
    return response.status, headers, body, len(reply.upstream), response.end


def letters_of(fingerprints: list[tuple[object, ...]]) -> str:
    """Name every different answer by a letter, in the order of their first appearance."""
    seen: list[tuple[object, ...]] = []
    for one in fingerprints:
        if one not in seen:
            seen.append(one)
    return "".join(string.ascii_uppercase[seen.index(one)] for one in fingerprints)


@for_each("case", ROWS)
def test_releases_differ_where_the_real_ones_do(case: str) -> None:
    recorded = [(release, letter) for release, letter in zip(RELEASES, ROWS[case], strict=True) if letter != "-"]
    ours = letters_of([fingerprint(release, case) for release, _ in recorded])
    assert ours == "".join(letter for _, letter in recorded)


def test_the_table_is_whole() -> None:
    assert (len(RELEASES), len(ROWS)) == (16, 104)
