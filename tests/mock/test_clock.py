"""A test that freezes time still gets its answers: pace and faults run on a clock that nobody stops."""

from __future__ import annotations

import asyncio
import http.client
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import freezegun
import pytest
import time_machine

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.serving import MockSite

FREEZERS = [
    pytest.param(lambda: freezegun.freeze_time("2030-01-01"), id="freezegun"),
    pytest.param(lambda: freezegun.freeze_time("2030-01-01", real_asyncio=True), id="freezegun, real asyncio"),
    pytest.param(lambda: time_machine.travel("2030-01-01", tick=False), id="time-machine"),
]
DELIVERIES = [
    pytest.param("", id="as it comes"),
    pytest.param("pace=every:5ms", id="paced"),
    pytest.param("pace=every:1ms fault=delay-headers=20ms", id="a late head"),
    pytest.param("pace=every:1ms fault=reset@50%", id="a reset"),
    pytest.param("pace=every:1ms fault=stall@50%=20ms", id="a stall"),
]


def ask(url: str, nonce: str) -> bytes:
    fields = {"_wpnonce": nonce, "post_id": "6", "message": "Hi", "bot_id": "0"}
    body = urllib.parse.urlencode({**fields, "action": "wpaicg_chat_shortcode_message"}).encode()
    try:
        answer: bytes = urllib.request.urlopen(url + "/wp-admin/admin-ajax.php", body).read()
    except http.client.IncompleteRead as error:
        return error.partial
    except ConnectionError:
        return b"reset"
    return answer


@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_site_beside_a_frozen_test(freeze: Callable[[], Any], delivery: str) -> None:
    with MockSite(plugin="1.8.93", reply="All of it", delivery=delivery) as site, freeze():
        assert ask(site.url, site.nonce)
        assert site.journal


@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_site_that_starts_in_a_frozen_test(freeze: Callable[[], Any], delivery: str) -> None:
    with freeze(), MockSite(plugin="1.8.93", reply="All of it", delivery=delivery) as site:
        assert ask(site.url, site.nonce)
        assert site.journal


@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_site_in_a_loop_whose_time_is_frozen(freeze: Callable[[], Any], delivery: str) -> None:
    async def story() -> bytes:
        async with MockSite(plugin="1.8.93", reply="All of it", delivery=delivery) as site:
            return await asyncio.to_thread(ask, site.url, site.nonce)

    with freeze():
        assert asyncio.run(story())


@pytest.mark.parametrize("freeze", FREEZERS)
@pytest.mark.asyncio
async def test_a_site_whose_test_freezes_time_later(freeze: Callable[[], Any]) -> None:
    async with MockSite(plugin="1.8.93", reply="All of it", delivery="pace=every:5ms") as site:
        with freeze():
            assert b"[DONE]" in await asyncio.to_thread(ask, site.url, site.nonce)


@pytest.mark.parametrize("freeze", FREEZERS)
def test_the_wall_clock_is_the_tests(freeze: Callable[[], Any]) -> None:
    """Nonces age as the test lets time pass."""
    with freeze():
        assert SystemClock().time() == time.time() == 1_893_456_000
