"""The chats of a page, in the form that both generations share: the bots on it, and the output of the plugin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from markupsafe import Markup

from chatgptfree_mock.sites.aipower.pages.templates import Templates
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings

PLUGIN_PATH: Final = "/wp-content/plugins/gpt3-ai-content-generator"
FLOATING: Final = ("widget", "popup")


class PageContext(msgspec.Struct, frozen=True, kw_only=True):
    """The page to render and its site; *post_id* is None for the "not found" page, *path* is below the base URL."""

    settings: SiteSettings
    release: PluginRelease
    templates: Templates
    path: str
    post_id: int | None
    base_url: str

    @property
    def plugin_url(self) -> str:
        """Return the URL of the plugin's folder."""
        return self.base_url + PLUGIN_PATH

    @property
    def ajax_url(self) -> str:
        """Return the URL of admin-ajax.php, to which the chat sends its requests."""
        return self.base_url + self.settings.front.ajax_path

    def render(self, file: str, /, **values: Any) -> Markup:
        """Render a template of the plugin's."""
        return self.templates.render(file, plugin_url=self.plugin_url, **values)


class Chats(ABC):
    """All output of the plugin in one page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._settings = context.settings

    @abstractmethod
    def content(self) -> list[Markup]:
        """Return the elements in the page's text, in their order."""

    @abstractmethod
    def footer(self) -> list[Markup]:
        """Return the elements printed at the end of the page."""

    @abstractmethod
    def head(self) -> Markup:
        """Return the plugin's links in the page's head, which name its release."""

    @abstractmethod
    def foot(self) -> Markup:
        """Return the plugin's scripts at the end of the page, and the variables for them."""

    @abstractmethod
    def _bots(self) -> tuple[Bot, ...]:
        """Return the bots that may be on this page, with their ids in this generation."""

    def bots_here(self) -> Iterator[tuple[Bot, bool]]:
        """Yield each bot of this page, and whether this is its second occurrence."""
        for bot in self._bots() if self._settings.chat else ():
            if self._is_here(bot):
                yield bot, False
                if bot.twice:
                    yield bot, True

    def _is_here(self, bot: Bot) -> bool:
        if self._context.post_id is None:
            # A widget for the whole site is on the "not found" page as well.
            return bot.place in FLOATING and bot.page == "both" and not bot.twice
        return self._settings.page_on_front or bot.page in ("both", self._context.path)


def announces_stream(bot: Bot) -> bool:
    """Return whether the page announces that *bot* streams."""
    return bot.stream if bot.announce_stream is None else bot.announce_stream
