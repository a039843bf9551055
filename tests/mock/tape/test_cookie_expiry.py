"""Cookies of a recording last on replay as long as they lasted when it was made."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.serving import MockSite
from chatgptfree_mock.tape.cookie_expiry import with_lasting_cookies
from chatgptfree_mock.tape.model import Headers, Response

DATE: Headers = (("Date", "Wed, 25 Nov 2020 20:00:00 GMT"),)
HOUR = "Wed, 25 Nov 2020 21:00:00 GMT"


def cookie(line: str, *more: tuple[str, str]) -> str:
    response = with_lasting_cookies(Response(headers=(("set-cookie", line), *more)))
    (value,) = (value for name, value in response.headers if name == "set-cookie")
    return value


@pytest.mark.parametrize(
    ("line", "replayed"),
    [
        (f"sid=a; Expires={HOUR}; Path=/", "sid=a; Path=/; Max-Age=3600"),
        (f"sid=a;expires={HOUR}", "sid=a; Max-Age=3600"),
        (f"sid=a; expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires={HOUR}", "sid=a; Max-Age=3600"),
        (f"sid=a; Expires={HOUR}; Max-Age=60", None),
        ("sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("sid=a; Expires=Wed, 25 Nov 2020 19:00:00 GMT", None),
        ("sid=a; Expires=tomorrow", None),
        ("sid=a; Path=/", None),
    ],
)
def test_a_date_becomes_the_seconds_from_the_response(line: str, replayed: str | None) -> None:
    assert cookie(line, *DATE) == (line if replayed is None else replayed)


@pytest.mark.parametrize(
    ("line", "replayed"),
    [
        (f"sid=a; Expires={HOUR}; Path=/", "sid=a; Path=/"),
        (f"sid=; Expires={HOUR}", None),
        ("sid=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_without_the_time_of_the_response_a_cookie_lasts_for_the_session(line: str, replayed: str | None) -> None:
    assert cookie(line) == (line if replayed is None else replayed)


@given(st.integers(-(10**7), 10**7))
def test_it_lasts_as_long_as_it_did(seconds: int) -> None:
    end = datetime(2020, 11, 25, 20, tzinfo=UTC) + timedelta(seconds=seconds)
    replayed = cookie(f"sid=a; Expires={end:%a, %d %b %Y %H:%M:%S} GMT", *DATE)
    assert (f"Max-Age={seconds}" in replayed) is (seconds > 0)
    assert ("Expires" in replayed) is (seconds <= 0)


TAPE = """
version: 1
interactions:
- request: {method: GET, uri: 'https://x.example/', headers: {}, body: null}
  response:
    status: {code: 200, message: OK}
    headers:
      Date: ['Wed, 25 Nov 2020 20:00:00 GMT']
      Set-Cookie: ['sid=Zz81kdQp29dkWm38; Path=/; Expires=Wed, 25 Nov 2020 21:00:00 GMT']
    body: {string: hello}
- request: {method: GET, uri: 'https://x.example/me', headers: {Cookie: ['sid=Zz81kdQp29dkWm38']}, body: null}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: it is me}}
x-tokens:
- name: sid
  class: token
  shape: {alphabet: letters-digits, length: 16}
  from: {interaction: 0, part: 'header:set-cookie'}
  back: [{interaction: 1, place: 'cookie:sid'}]
"""


def test_a_client_sends_the_cookie_of_an_old_recording_back(tmp_path: Path) -> None:
    file = tmp_path / "tape.yaml"
    file.write_text(TAPE)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with MockSite(cassette=file) as site:
        browser.open(f"{site.url}/").read()
        assert browser.open(f"{site.url}/me").read() == b"it is me"
