"""How long a site wants to be left alone: `Retry-After` in each form in which servers send it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.answers import HTML, head_of, read
from tests.support.many_cases import for_each

from chatgptfree.core.protocol.http import ResponseHead
from chatgptfree.errors import RateLimitedError

NOW = datetime(2026, 11, 23, 0, 36, 4, tzinfo=UTC).timestamp()
A_MINUTE_ON = "Mon, 23 Nov 2026 00:37:04 GMT"
SENT = "Mon, 23 Nov 2026 00:36:04 GMT"


def retry_after(value: str, *, date: str = "", received: float | None = None) -> float | None:
    headers = (("Retry-After", value), *((("Date", date),) if date else ()))
    return ResponseHead(status=429, url="http://site/", headers=headers, received=received).retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("30", 30.0), ("0", 0.0), ("1.5", 1.5), (" 7 ", 7.0), ("0.000001", 0.000001)],
)
def test_a_number_is_seconds(value: str, seconds: float) -> None:
    assert retry_after(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(A_MINUTE_ON, id="IMF-fixdate"),
        pytest.param("Monday, 23-Nov-26 00:37:04 GMT", id="RFC 850"),
        pytest.param("Mon Nov 23 00:37:04 2026", id="asctime"),
    ],
)
def test_a_date_counts_from_the_servers_own_clock_and_else_from_ours(value: str) -> None:
    assert retry_after(value, date=SENT) == 60.0
    assert retry_after(value, date=SENT, received=NOW + 5000) == 60.0
    assert retry_after(value, received=NOW + 20) == 40.0
    assert retry_after(value, date="yesterday", received=NOW) == 60.0
    assert retry_after(value) is None


def test_a_past_date_means_no_wait() -> None:
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT", received=NOW) == 0.0
    assert retry_after(SENT, date=A_MINUTE_ON) == 0.0


@for_each(
    "value", ["", "soon", "-1", "+1", "1e3", "nan", "inf", "1.", ".5", "1,5", "0x10", "٣", "1" * 40, "120, 60", "7 s"]
)
def test_nonsense_is_not_a_time(value: str) -> None:
    assert retry_after(value, date=SENT, received=NOW) is None


@given(value=st.text(max_size=40), date=st.text(max_size=40))
def test_no_header_breaks_it(value: str, date: str) -> None:
    seconds = retry_after(value, date=date, received=NOW)
    assert seconds is None or 0 <= seconds < 1e12


@given(seconds=st.integers(0, 10**9))
def test_any_date_to_come_is_the_way_to_it(seconds: int) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)
    assert retry_after(date, received=NOW) == seconds


def test_the_error_carries_it() -> None:
    _, last = read([b"Slow down"], head_of(HTML, 429, Retry_After="1.5"))
    assert isinstance(last, RateLimitedError)
    assert last.retry_after == 1.5
