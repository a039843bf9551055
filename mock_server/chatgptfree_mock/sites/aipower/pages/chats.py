"""The chats of a page: which bots stand on it, where, and in which words of which generation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from markupsafe import Markup

from chatgptfree_mock.sites.aipower.pages import aipkit, wpaicg
from chatgptfree_mock.sites.aipower.pages.placeholders import mark
from chatgptfree_mock.sites.aipower.pages.templates import template, verbatim
from chatgptfree_mock.sites.aipower.pages.version_range import Named, VersionRange
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings, aipkit_bots
from chatgptfree_mock.sites.wordpress import php

PLUGIN_PATH: Final = "/wp-content/plugins/gpt3-ai-content-generator"
_AIPKIT: Final = VersionRange(since="2.3")
_DEFAULT_GREETING: Final = Bot().greeting
_CSS_TIME: Final = "1795394135"


def is_aipkit(release: Named) -> bool:
    """Tell whether *release* belongs to generation 2."""
    return _AIPKIT.holds(release)


class Chats:
    """Everything that the plugin prints into one page."""

    def __init__(
        self, settings: SiteSettings, release: Named, *, path: str, post_id: int | None, base_url: str
    ) -> None:
        self._settings, self._release = settings, release
        self._path, self._post_id, self._base_url = path, post_id, base_url
        self._plugin_url = base_url + PLUGIN_PATH
        self._ajax_url = base_url + settings.front.ajax_path

    def content(self) -> list[Markup]:
        """Return the elements that stand in the page's text, in their order."""
        chats = [element for bot, again in self._standing() for element in self._in_content(bot, again=again)]
        return [Markup("<p>[wpaicg_chatgpt]</p>"), *chats] if self._prints_old_shortcode() else chats

    def footer(self) -> list[Markup]:
        """Return the elements printed at the end of the page."""
        if is_aipkit(self._release):
            return []
        return [
            self._widget(bot, 0) for bot, again in self._standing() if bot.place in ("widget", "popup") and not again
        ]

    def head(self) -> Markup:
        """Return the plugin's links in the page's head, which name its release."""
        if is_aipkit(self._release) and not self._loads_files():
            return Markup("")
        if is_aipkit(self._release):
            stamped = aipkit.STAMPED_CSS.holds(self._release)
            return self._render("aipkit_head.html.j2", css_version=_CSS_TIME if stamped else self._release.name)
        return self._render("wpaicg_head.html.j2", release=self._release.name)

    def foot(self) -> Markup:
        """Return the plugin's scripts at the end of the page, and what they are told."""
        if is_aipkit(self._release) and not self._loads_files():
            return Markup("")
        if is_aipkit(self._release):
            return self._render(
                "aipkit_foot.html.j2",
                release=self._release.name,
                decoys=self._settings.decoys,
                decoy={name: mark(f"decoy_{name}") for name in ("token_usage", "semantic_search")},
                escaped_base=verbatim(php.json_encode(self._base_url)[1:-1]),
                markdown_it=aipkit.MARKDOWN_IT.holds(self._release),
                refresh=aipkit.REFRESH.holds(self._release),
            )
        params = wpaicg.params_line(
            self._release, ajax_url=self._ajax_url, nonce=str(mark("nonce")), logged_in=self._settings.logged_in
        )
        return self._render("wpaicg_foot.html.j2", params=verbatim(params), marked=wpaicg.MARKED.holds(self._release))

    def _loads_files(self) -> bool:
        """Tell whether generation 2 loads its files: only where a chat stands on the page, or once stood."""
        once = self._has_old_shortcode and aipkit.LOADS_FOR_OLD_SHORTCODE.holds(self._release)
        return once or any(True for _ in self._standing())

    @property
    def _has_old_shortcode(self) -> bool:
        return self._settings.old_shortcode and self._post_id is not None

    def _prints_old_shortcode(self) -> bool:
        return self._has_old_shortcode and aipkit.OLD_SHORTCODE.holds(self._release)

    def _standing(self) -> Iterator[tuple[Bot, bool]]:
        if not self._settings.chat or (self._post_id is None and is_aipkit(self._release)):
            return
        bots = aipkit_bots(self._settings) if is_aipkit(self._release) else self._settings.bots
        for bot in bots:
            if not self._stands_here(bot):
                continue
            yield bot, False
            if bot.twice:
                yield bot, True

    def _stands_here(self, bot: Bot) -> bool:
        if self._post_id is None:
            # A widget for the whole site is on the page for "not found" as well.
            return bot.place in ("widget", "popup") and bot.page == "both" and not bot.twice
        return self._settings.page_on_front or bot.page in ("both", self._path)

    def _in_content(self, bot: Bot, *, again: bool) -> Iterator[Markup]:
        if is_aipkit(self._release):
            if not again or aipkit.DUPLICATES.holds(self._release):
                yield self._aipkit(bot)
        elif bot.place not in ("widget", "popup"):
            yield self._shortcode(bot)
        elif again:
            yield self._widget(bot, 1)

    def _shortcode(self, bot: Bot) -> Markup:
        values = {**self._values(bot), **(wpaicg.CUSTOM_SIZE if bot.id else {})}
        return self._render(
            "wpaicg_shortcode.html.j2",
            opening=verbatim(wpaicg.opening_tag("shortcode", self._release, values)),
            sidebar=wpaicg.SIDEBAR.holds(self._release),
            inner_script=wpaicg.INNER_SCRIPT.holds(self._release),
            named_textarea=wpaicg.NAMED_TEXTAREA.holds(self._release),
            **self._wpaicg_words(bot),
        )

    def _widget(self, bot: Bot, place: int) -> Markup:
        number = mark(f"widget_{self._settings.bots.index(bot)}_{place}")
        return self._render(
            "wpaicg_widget.html.j2",
            opening=verbatim(wpaicg.opening_tag("widget", self._release, self._values(bot))),
            number=number,
            **self._wpaicg_words(bot),
        )

    def _wpaicg_words(self, bot: Bot) -> dict[str, Any]:
        avatar = wpaicg.AVATAR_IN_GREETING.holds(self._release)
        return {"name": bot.name, "greeting": bot.greeting, "avatar": avatar, "img_nonce": mark("decoy_img")}

    def _values(self, bot: Bot) -> dict[str, str]:
        announced = bot.stream if bot.announce_stream is None else bot.announce_stream
        return {
            "user-avatar": f"{self._plugin_url}/admin/images/default_profile.png",
            "ai-avatar": f"{self._plugin_url}/admin/images/chatbot.png",
            "ai-name": bot.name,
            "nonce": str(mark("nonce")),
            "post-id": "" if self._post_id is None else str(self._post_id),
            "url": str(mark("address")) if self._post_id is None else self._base_url + self._path.rstrip("/"),
            "bot-id": str(bot.id),
            "openai_stream_nav": "1" if announced else "0",
            "memory-limit": str((10 if bot.id else 100) if bot.memory_limit is None else bot.memory_limit),
        }

    def _aipkit(self, bot: Bot) -> Markup:
        popup = bot.place in ("popup", "widget")
        config = aipkit.config(self._release, self._config(bot, popup=popup), self._texts(bot))
        wrapper, opening = aipkit.popup_tags(self._release, config) if popup else ("", "")
        hint = config["popupLabelText"] if config.get("popupLabelEnabled") else ""
        return self._render(
            "aipkit_chat.html.j2",
            bot=bot.id,
            wrapper=verbatim(wrapper),
            opening=verbatim(opening or aipkit.inline_tag(self._release, config)),
            body=aipkit.BODY_WRAPPER.holds(self._release),
            named_input=aipkit.NAMED_INPUT.holds(self._release),
            name=bot.name,
            hint=hint,
            starters=config["starters"] if config["enableStarters"] else [],
            placeholder=config["text"]["typeMessage"],
            send=config["text"]["sendMessage"],
        )

    def _config(self, bot: Bot, *, popup: bool) -> dict[str, Any]:
        banned = self._settings.banned
        values: dict[str, Any] = {
            "botId": bot.id,
            "ajaxUrl": self._ajax_url,
            "nonce": str(mark("nonce")),
            "postId": self._post_id,
            "popupEnabled": popup,
            "streamEnabled": bot.stream if bot.announce_stream is None else bot.announce_stream,
            "headerName": bot.name,
            "userIp": str(mark("remote")),
            "bannedIpsConfig": {"ipsList": ", ".join(banned.ips), "message": ""},
            "bannedWordsConfig": {"wordsList": ", ".join(banned.words), "message": ""},
            "provider": bot.provider,
            "ttsEnabled": bot.speech,
            "enableOpenAIConversationState": bot.conversation_state and bot.provider == "OpenAI",
            "enableGoogleConversationState": bot.conversation_state and bot.provider == "Google",
        }
        if popup:
            values["enableSidebar"] = False
        if bot.starters:
            values |= {"enableStarters": True, "starters": bot.starters}
        return values

    def _texts(self, bot: Bot) -> dict[str, str]:
        return {} if bot.greeting == _DEFAULT_GREETING else {"initialGreeting": bot.greeting}

    def _render(self, file: str, /, **values: Any) -> Markup:
        return verbatim(template(file).render(plugin_url=self._plugin_url, **values))
