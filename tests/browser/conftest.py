"""One Chromium for all tests of this folder, and a fresh tab for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest_asyncio
from tests.support.chromium import Tab, chromium, tab

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Return a running Chromium."""
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[Tab]:
    """Return a tab as wide as a desk's screen; at the end, no script may have failed in it."""
    async with tab(browser) as opened:
        yield opened
        assert opened.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser) -> AsyncIterator[Tab]:
    """Return a tab as narrow as a phone's screen."""
    async with tab(browser, phone=True) as opened:
        yield opened
        assert opened.complaints == []
