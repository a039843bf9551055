"""Keys in long runs of letters and digits."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chatgptfree_mock.tape.redaction.patterns.keys_in_runs import keys_in_runs, long_runs

KEY = "aB3dE5gH7j" * 4
AWS = "AKIAIOSFODNN7ABCDEFG"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(f"sk-proj-{KEY}-{AWS}-{KEY}", 1, id="a key within a key"),
        pytest.param(f"sk-proj-{KEY} {AWS}", 2, id="a key behind a key"),
    ],
)
def test_a_key_is_found_once_and_what_is_in_it_is_not_another(text: str, count: int) -> None:
    spans = [secret.spans[0] for secret in keys_in_runs(text, long_runs(text.encode()))]
    assert len(spans) == count
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
