"""The chats of WPAICG on a page: shortcodes in the content, widgets at the end."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from chatgptfree_mock.sites.aipower.pages import wpaicg_element
from chatgptfree_mock.sites.aipower.pages.chats import FLOATING, Chats, PageContext, announces_stream
from chatgptfree_mock.sites.aipower.pages.placeholders import mark
from chatgptfree_mock.sites.aipower.pages.templates import verbatim
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.settings import Bot


class WpaicgChats(Chats):
    """The chats of WPAICG: shortcodes in the content, widgets at the end of the page."""

    def __init__(self, context: PageContext, traits: WpaicgTraits) -> None:
        super().__init__(context)
        self._traits = traits

    def content(self) -> list[Markup]:
        """Return the shortcodes, and a widget that is on the page a second time."""
        found = []
        for bot, again in self.bots_here():
            if bot.place not in FLOATING:
                found.append(self._shortcode(bot))
            elif again:
                found.append(self._widget(bot, 1))
        return found

    def footer(self) -> list[Markup]:
        """Return the floating widgets, which follow the contents of the page."""
        return [self._widget(bot, 0) for bot, again in self.bots_here() if bot.place in FLOATING and not again]

    def head(self) -> Markup:
        """Return the links to the plugin's style and script."""
        return self._context.render("wpaicg_head.html.j2", release=self._context.release.name)

    def foot(self) -> Markup:
        """Return the script line with `wpaicgParams`, and the chat's scripts."""
        params = wpaicg_element.params_line(
            self._context.release.page,
            self._traits,
            ajax_url=self._context.ajax_url,
            nonce=str(mark("nonce")),
            logged_in=bool(self._settings.logged_in),
        )
        return self._context.render("wpaicg_foot.html.j2", params=verbatim(params), marked=self._traits.marked)

    def _bots(self) -> tuple[Bot, ...]:
        return tuple(self._settings.bots)

    def _shortcode(self, bot: Bot) -> Markup:
        return self._context.render(
            "wpaicg_shortcode.html.j2",
            opening=self._opening("shortcode", bot, wpaicg_element.CUSTOM_SIZE if bot.id else {}),
            sidebar=self._traits.sidebar,
            inner_script=self._traits.inner_script,
            named_textarea=self._traits.named_textarea,
            **self._words(bot),
        )

    def _widget(self, bot: Bot, place: int) -> Markup:
        number = mark(f"widget_{self._settings.bots.index(bot)}_{place}")
        opening = self._opening("widget", bot, {})
        return self._context.render("wpaicg_widget.html.j2", opening=opening, number=number, **self._words(bot))

    def _opening(self, kind: wpaicg_element.ElementKind, bot: Bot, size: Any) -> Markup:
        values = {**self._values(bot), **size}
        fills = {
            "nonce": values["nonce"],
            "bot_id": values["bot-id"],
            "post_id": values["post-id"],
            "ajax_url": self._context.ajax_url,
            "release": self._context.release.name,
        }
        release = self._context.release
        return verbatim(wpaicg_element.opening_tag(kind, release.page, self._traits, values=values, fills=fills))

    def _words(self, bot: Bot) -> dict[str, Any]:
        avatar = self._traits.avatar_in_greeting
        return {"name": bot.name, "greeting": bot.greeting, "avatar": avatar, "img_nonce": mark("decoy_img")}

    def _values(self, bot: Bot) -> dict[str, str]:
        context = self._context
        there = context.base_url + context.path.rstrip("/")
        return {
            "user-avatar": f"{context.plugin_url}/admin/images/default_profile.png",
            "ai-avatar": f"{context.plugin_url}/admin/images/chatbot.png",
            "ai-name": bot.name,
            "nonce": str(mark("nonce")),
            "post-id": "" if context.post_id is None else str(context.post_id),
            "url": str(mark("address")) if context.post_id is None else there,
            "bot-id": str(bot.id),
            "openai_stream_nav": "1" if announces_stream(bot) else "0",
            "memory-limit": str((10 if bot.id else 100) if bot.memory_limit is None else bot.memory_limit),
        }
