"""Times as recordings have them: ISO 8601, with or without a zone."""

import pytest

from chatgptfree_mock.tape.times import time_of


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2026-11-23T00:37:29Z", "2026-11-23T00:37:29+00:00"),
        ("2026-11-23T00:37:29", "2026-11-23T00:37:29+00:00"),
        ("2026-11-23T00:37:29.5+02:00", "2026-11-23T00:37:29.500000+02:00"),
        ("2026-11-23", "2026-11-23T00:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_in_utc(stamp: str, expected: str) -> None:
    when = time_of(stamp)
    assert when is not None
    assert when.isoformat() == expected


@pytest.mark.parametrize("stamp", ["", None, "yesterday", 1_795_396_913, "2026-13-01"])
def test_what_is_no_time_is_none(stamp: object) -> None:
    assert time_of(stamp) is None
