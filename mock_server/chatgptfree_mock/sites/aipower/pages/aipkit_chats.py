"""The chats of AIPKit on a page: their elements and the config in them."""

from __future__ import annotations

from typing import Any, Final, get_args

from markupsafe import Markup

from chatgptfree_mock.sites.aipower.pages import aipkit_element
from chatgptfree_mock.sites.aipower.pages.chats import FLOATING, Chats, PageContext, announces_stream
from chatgptfree_mock.sites.aipower.pages.placeholders import mark
from chatgptfree_mock.sites.aipower.pages.templates import verbatim
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import Bot, Dimension, aipkit_bots
from chatgptfree_mock.sites.wordpress import php

_DEFAULT_GREETING: Final = Bot().greeting
_CSS_TIME: Final = "1795394135"
_NONCE_ACTION: Final = "aipkit_get_frontend_chat_nonce"
_NOTHING: Final = Markup("")


class AipkitChats(Chats):
    """The chats of AIPKit, which are in the content only."""

    def __init__(self, context: PageContext, traits: AipkitTraits) -> None:
        super().__init__(context)
        self._traits = traits

    def content(self) -> list[Markup]:
        """Return the bots, and before them the shortcode of plugin 1.x if it is printed."""
        chats = [self._bot(bot) for bot, again in self.bots_here() if not again or self._traits.duplicates]
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
        sidebar = self._traits.sidebar_css and any(self._has_sidebar(bot) for bot, _ in self.bots_here())
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
        return once or any(True for _ in self.bots_here())

    @property
    def _has_old_shortcode(self) -> bool:
        return self._settings.old_shortcode and self._context.post_id is not None

    def _bot(self, bot: Bot) -> Markup:
        popup = bot.place in FLOATING
        fills = {
            "nonce": str(mark("nonce")),
            "bot_id": bot.id,
            "post_id": self._context.post_id,
            "ajax_url": self._context.ajax_url,
            "release": self._context.release.name,
        }
        element = aipkit_element.ChatElement(
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
        if bot.place in FLOATING:
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
            "streamEnabled": announces_stream(bot),
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
