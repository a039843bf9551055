"""A real Chromium for tests: no network but loopback, and everything that it complains of is kept."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
INPUT = ".wpaicg-chat-shortcode-typing, .wpaicg-chatbox-typing, .aipkit_chat_input_field"
SEND = ".wpaicg-chat-shortcode-send, .wpaicg-chatbox-send, .aipkit_send_btn"
LOG = "[role=log]"
USER = ".wpaicg-user-message, .wpaicg-chat-user-message, .aipkit_user_bubble"
ANSWER = (
    f":is({LOG}) > :is(.wpaicg-ai-message, .wpaicg-chat-ai-message, .aipkit_bot_bubble):not(.wpaicg-chat-error)"
    f" :is(.wpaicg-chat-message, .aipkit_bubble_text)"
)
ERROR = "[role=alert]"


@dataclass(slots=True)
class Tab:
    """A page, and what went wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def ask(self, message: str) -> None:
        """Type *message* into the first chat once no chat is busy, and send it with the Enter key."""
        from playwright.async_api import expect

        await expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        await self.page.locator(INPUT).first.fill(message)
        await self.page.locator(INPUT).first.press("Enter")

    @property
    def answer(self) -> Locator:
        """Return the latest message of the bot."""
        return self.page.locator(ANSWER).last

    @property
    def error(self) -> Locator:
        """Return the latest error that the chat shows."""
        return self.page.locator(ERROR).last


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium: the one of $CHROMIUM, or Debian's."""
    from playwright.async_api import async_playwright

    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, *, phone: bool = False, dark: bool = False) -> AsyncIterator[Tab]:
    """Open a tab with an empty profile; a refused request is no complaint, an error in a script is."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 780} if phone else {"width": 1200, "height": 850},
        has_touch=phone,
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(10_000)
    opened = Tab(await context.new_page())
    page = opened.page
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            opened.complaints.append(message.text)
            if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource")
            else None
        ),
    )
    page.on(
        "response",
        lambda got: opened.complaints.append(f"{got.status} {got.url}") if got.status == 404 else None,
    )
    try:
        yield opened
    finally:
        await context.close()
