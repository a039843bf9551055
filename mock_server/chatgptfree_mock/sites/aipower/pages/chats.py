"""The chats of a page: its bots, their places, and their markup in either generation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

from markupsafe import Markup

from chatgptfree_mock.sites.aipower.pages import aipkit, wpaicg
from chatgptfree_mock.sites.aipower.pages.placeholders import mark
from chatgptfree_mock.sites.aipower.pages.templates import Templates, verbatim
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.aipkit import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.wpaicg import WpaicgTraits
from chatgptfree_mock.sites.aipower.settings import Bot, Dimension, SiteSettings, aipkit_bots
from chatgptfree_mock.sites.wordpress import php

PLUGIN_PATH: Final = "/wp-content/plugins/gpt3-ai-content-generator"
_DEFAULT_GREETING: Final = Bot().greeting
_CSS_TIME: Final = "1795394135"
_FLOATING: Final = ("widget", "popup")
_NONCE_ACTION: Final = "aipkit_get_frontend_chat_nonce"
_NOTHING: Final = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
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

    def _standing(self) -> Iterator[tuple[Bot, bool]]:
        """Yield each bot of this page, and whether this is its second occurrence."""
        for bot in self._bots() if self._settings.chat else ():
            if self._stands_here(bot):
                yield bot, False
                if bot.twice:
                    yield bot, True

    def _stands_here(self, bot: Bot) -> bool:
        if self._context.post_id is None:
            # A widget for the whole site is on the "not found" page as well.
            return bot.place in _FLOATING and bot.page == "both" and not bot.twice
        return self._settings.page_on_front or bot.page in ("both", self._context.path)


class WpaicgChats(Chats):
    """The chats of WPAICG: shortcodes in the content, widgets at the end of the page."""

    def __init__(self, context: PageContext, traits: WpaicgTraits) -> None:
        super().__init__(context)
        self._traits = traits

    def content(self) -> list[Markup]:
        """Return the shortcodes, and a widget that is on the page a second time."""
        found = []
        for bot, again in self._standing():
            if bot.place not in _FLOATING:
                found.append(self._shortcode(bot))
            elif again:
                found.append(self._widget(bot, 1))
        return found

    def footer(self) -> list[Markup]:
        """Return the widgets."""
        return [self._widget(bot, 0) for bot, again in self._standing() if bot.place in _FLOATING and not again]

    def head(self) -> Markup:
        """Return the links to the plugin's style and script."""
        return self._context.render("wpaicg_head.html.j2", release=self._context.release.name)

    def foot(self) -> Markup:
        """Return the script line with `wpaicgParams`, and the chat's scripts."""
        params = wpaicg.params_line(
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
            opening=self._opening("shortcode", bot, wpaicg.CUSTOM_SIZE if bot.id else {}),
            sidebar=self._traits.sidebar,
            inner_script=self._traits.inner_script,
            named_textarea=self._traits.named_textarea,
            **self._words(bot),
        )

    def _widget(self, bot: Bot, place: int) -> Markup:
        number = mark(f"widget_{self._settings.bots.index(bot)}_{place}")
        opening = self._opening("widget", bot, {})
        return self._context.render("wpaicg_widget.html.j2", opening=opening, number=number, **self._words(bot))

    def _opening(self, kind: wpaicg.Kind, bot: Bot, size: Any) -> Markup:
        values = {**self._values(bot), **size}
        fills = {
            "nonce": values["nonce"],
            "bot_id": values["bot-id"],
            "post_id": values["post-id"],
            "ajax_url": self._context.ajax_url,
            "release": self._context.release.name,
        }
        release = self._context.release
        return verbatim(wpaicg.opening_tag(kind, release.page, self._traits, values=values, fills=fills))

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
            "openai_stream_nav": "1" if _announces_stream(bot) else "0",
            "memory-limit": str((10 if bot.id else 100) if bot.memory_limit is None else bot.memory_limit),
        }


class AipkitChats(Chats):
    """The chats of AIPKit, which are in the content only."""

    def __init__(self, context: PageContext, traits: AipkitTraits) -> None:
        super().__init__(context)
        self._traits = traits

    def content(self) -> list[Markup]:
        """Return the bots, and before them the shortcode of plugin 1.x if it is printed."""
        chats = [self._bot(bot) for bot, again in self._standing() if not again or self._traits.duplicates]
        printed = self._has_old_shortcode and self._traits.old_shortcode == "printed"
        return [Markup("<p>[wpaicg_chatgpt]</p>"), *chats] if printed else chats

    def footer(self) -> list[Markup]:
        """Return nothing."""
        return []

    def head(self) -> Markup:
        """Return the link to the plugin's style, where its files are loaded."""
        if not self._loads_files():
            return _NOTHING
        version = _CSS_TIME if self._traits.stamped_css else self._context.release.name
        sidebar = self._traits.sidebar_css and any(self._has_sidebar(bot) for bot, _ in self._standing())
        release = self._context.release.name
        return self._context.render("aipkit_head.html.j2", css_version=version, release=release, sidebar=sidebar)

    def foot(self) -> Markup:
        """Return the chat's scripts, where the plugin's files are loaded."""
        if not self._loads_files():
            return _NOTHING
        return self._context.render(
            "aipkit_foot.html.j2",
            release=self._context.release.name,
            decoys=self._settings.decoys,
            decoy={name: mark(f"decoy_{name}") for name in ("token_usage", "semantic_search")},
            escaped_base=verbatim(php.json_encode(self._context.base_url)[1:-1]),
            markdown_it=self._traits.markdown_it,
            refresh=self._traits.front_end_refresh,
            nonce_action=self._context.release.actions.get(_NONCE_ACTION, _NONCE_ACTION),
        )

    def _bots(self) -> tuple[Bot, ...]:
        return () if self._context.post_id is None else aipkit_bots(self._settings)

    def _loads_files(self) -> bool:
        """Return whether the plugin loads its files: only on a page with a chat, or with the old shortcode."""
        once = self._has_old_shortcode and self._traits.loads_for_old_shortcode
        return once or any(True for _ in self._standing())

    @property
    def _has_old_shortcode(self) -> bool:
        return self._settings.old_shortcode and self._context.post_id is not None

    def _bot(self, bot: Bot) -> Markup:
        popup = bot.place in _FLOATING
        fills = {
            "nonce": str(mark("nonce")),
            "bot_id": bot.id,
            "post_id": self._context.post_id,
            "ajax_url": self._context.ajax_url,
            "release": self._context.release.name,
        }
        element = aipkit.ChatElement(
            self._context.release.page,
            self._traits,
            values=self._values(bot, popup=popup),
            texts={} if bot.greeting == _DEFAULT_GREETING else {"initialGreeting": bot.greeting},
            fills=fills,
        )
        wrapper, opening = element.popup_tags() if popup else ("", element.inline_tag())
        return self._context.render(
            "aipkit_chat.html.j2",
            bot=bot.id,
            wrapper=verbatim(wrapper),
            opening=verbatim(opening),
            body=self._traits.body_wrapper,
            inert=self._traits.inert,
            named_input=self._traits.named_input,
            name=bot.name,
            hint=element.value("popupLabelText", "") if element.value("popupLabelEnabled") else "",
            starters=element.value("starters", []) if element.value("enableStarters") else [],
            placeholder=element.text("typeMessage"),
            send=element.text("sendMessage"),
        )

    def _has_sidebar(self, bot: Bot) -> bool:
        """Return whether a bot lists its conversations beside the chat, which a popup never does."""
        if bot.place in _FLOATING:
            return False
        fresh = any(row.slot == "enableSidebar" and row.value for row in self._context.release.page.keys)
        return fresh if bot.sidebar is None else bot.sidebar

    def _stt_limits(self, chosen: dict[str, int]) -> dict[str, int]:
        """Return limits of speech: those of the provider first, then the site's own."""
        rows = self._context.release.page.keys
        own: dict[str, int] = next((row.value for row in rows if row.slot == "sttLimits"), {})
        of_provider = {name: most for name, most in chosen.items() if name not in own}
        return of_provider | {name: chosen.get(name, most) for name, most in own.items()}

    def _values(self, bot: Bot, *, popup: bool) -> dict[str, Any]:
        banned = self._settings.banned
        values: dict[str, Any] = {
            "botId": bot.id,
            "ajaxUrl": self._context.ajax_url,
            "nonce": str(mark("nonce")),
            "postId": self._context.post_id,
            "popupEnabled": popup,
            "streamEnabled": _announces_stream(bot),
            "headerName": bot.name,
            "userIp": str(mark("remote")),
            "bannedIpsConfig": {"ipsList": ", ".join(banned.ips), "message": ""},
            "bannedWordsConfig": {"wordsList": ", ".join(banned.words), "message": ""},
            "provider": bot.provider,
            "ttsEnabled": bot.speech,
            "enableOpenAIConversationState": bot.conversation_state and bot.provider == "OpenAI",
            "enableGoogleConversationState": bot.conversation_state and bot.provider == "Google",
        }
        if bot.provider == "AIPufferCloud":
            values |= {"ttsProvider": bot.provider, "sttProvider": bot.provider}
        if bot.theme_dimensions:
            chosen = [name for name in get_args(Dimension) if name in bot.theme_dimensions]
            values["themeDimensionOverrides"] = chosen
        if bot.stt_limits:
            values["sttLimits"] = self._stt_limits(bot.stt_limits)
        if popup or bot.sidebar is not None:
            values["enableSidebar"] = self._has_sidebar(bot)
        if bot.voice is not None:
            values["enableVoiceInputUI"] = bot.voice
        if bot.starters:
            values |= {"enableStarters": True, "starters": bot.starters}
        return values


def _announces_stream(bot: Bot) -> bool:
    return bot.stream if bot.announce_stream is None else bot.announce_stream


def chats_of(context: PageContext) -> Chats:
    """Return the chats of a page."""
    traits = context.release.traits
    return WpaicgChats(context, traits) if isinstance(traits, WpaicgTraits) else AipkitChats(context, traits)
