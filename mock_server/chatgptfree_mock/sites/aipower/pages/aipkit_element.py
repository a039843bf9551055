"""
The chat elements of AIPKit (2.3 to 2.4.97): `data-config`, and the opening tags around it.

The release's rows define its keys, texts and attributes and their order (see `releases.page`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.page_rows import ReleasePage, Row, Rows, filled
from chatgptfree_mock.sites.wordpress import php

_FLAGS: Final = php.Json.UNESCAPED_UNICODE | php.Json.HEX_TAG | php.Json.HEX_APOS | php.Json.HEX_AMP | php.Json.HEX_QUOT
THEME: Final[Mapping[str, Any]] = {
    "primary_color": "#0B5FFF",
    "secondary_color": "#F1F5FF",
    "accent_color": "#111111",
    "font_family": "inherit",
    "bubble_border_radius": 16,
    "container_max_width": 896,
    "popup_width": 380,
    "container_height": 620,
    "container_max_height": 90,
    "container_min_height": 320,
    "popup_height": 620,
    "popup_min_height": 320,
    "popup_max_height": 90,
}
THEME_STYLE: Final = (
    "--aipkit-chat-accent-color:#0B5FFF;--aipkit-chat-accent-rgb:11,95,255;--aipkit-chat-selection-rgb:11,95,255;"
    "--aipkit-chat-on-accent-color:#FFFFFF;--aipkit-chat-on-accent-rgb:255,255,255;"
    "--aipkit-chat-accent-hover-color:#2872FF;--aipkit-chat-accent-tint-color:#E2ECFF;"
    "--aipkit-chat-accent-on-tint-color:#0B5FFF;--aipkit-chat-accent-shadow-color:rgba(11,95,255,0.3);"
    "--aipkit-chat-header-avatar-bg-color:rgba(255,255,255,0.18);"
    "--aipkit-chat-header-status-text-color:rgba(255,255,255,0.85);"
)
"""The custom properties that the plugin computes from `THEME`."""
_POSITION: Final = "bottom-right"
ATTRIBUTE: Final = "config"
"""The slot of the attribute with the config, without `data-`."""


class ChatElement:
    """The chat of one bot: its config, and the opening tags that carry it."""

    def __init__(
        self,
        page: ReleasePage,
        traits: AipkitTraits,
        *,
        values: Mapping[str, Any],
        texts: Mapping[str, Any],
        fills: Mapping[str, Any],
    ) -> None:
        """
        Make the chat of a bot from the rows of *page*.

        *values* and *texts*, by slot, replace the defaults of rows, except where the release's file sets the value;
        *fills* replace the names in braces.
        """
        words = {row.name: filled(texts.get(row.slot, row.value), fills) for row in page.texts}
        self._page, self._traits, self._fills = page, traits, fills
        computed = {**values, "text": words}
        self._values = {
            row.slot: filled(row.value, fills) if row.given else computed.get(row.slot, filled(row.value, fills))
            for row in page.keys
        }
        self.config: Mapping[str, Any] = {row.name: self._values[row.slot] for row in page.keys}
        self._texts = {row.slot: words[row.name] for row in page.texts}

    def value(self, slot: str, default: Any = None) -> Any:
        """Return the value of a key by its slot, *default* if this release has no such key."""
        return self._values.get(slot, default)

    def text(self, slot: str) -> str:
        """Return a text by its slot, empty if this release has no such text."""
        return str(self._texts.get(slot, ""))

    def inline_tag(self) -> str:
        """Write the opening tag of a bot in the content; its config is an attribute of that element."""
        bot, themed = self._fills["bot_id"], self._theme()
        carried = self._carried({"bot-id": self._quoted(bot), ATTRIBUTE: self._config_attribute()})
        gap = " " if themed else "  "
        return f'<div class="{self._classes()}" id="aipkit_chat_container_{bot}"{carried}{themed}{gap}>'

    def popup_tags(self) -> tuple[str, str]:
        """Write the opening tags of a popup bot: the wrapper, which has the config, and the container inside it."""
        bot, traits = self._fills["bot_id"], self._traits
        classes = "aipkit_popup_wrapper" + (f" aipkit-popup-theme-{self._theme_name()}" if traits.popup_theme else "")
        classes += " aipkit-popup-standard" if traits.custom_theme else ""
        rows = {row.slot: row for row in self._page.attributes}
        known = {ATTRIBUTE: self._config_attribute(), "bot-id": self._quoted(bot)}
        if "icon-size" in rows:
            known["icon-size"] = self._quoted(rows["icon-size"].value)
        tail = (f' style="{THEME_STYLE}"' if traits.custom_theme else " ") if traits.wrapper_gap else ""
        wrapper = f'<div class="{classes}" id="aipkit_popup_wrapper_{bot}"{self._carried(known)}{tail}>'
        themed = self._theme()
        container = (
            f'<div class="{self._classes()}" id="aipkit_chat_container_{bot}" '
            f'aria-hidden="true"{" inert" if traits.inert else ""}{themed}{" " if themed else "  "}>'
        )
        return wrapper, container

    def _carried(self, known: Mapping[str, str]) -> str:
        """Write the `data-` attributes: the *known* ones in order, each followed by those added after it."""
        rows = self._page.attributes
        named = {row.slot: row for row in rows}
        added = _added_after(rows, known)
        parts = []
        for slot in ("", *known):
            if slot in named:
                row = named[slot]
                parts.append(f" data-{row.name}={self._given(row) if row.given else known[slot]}")
            parts += [f" data-{row.name}={self._given(row)}" for row in added.get(slot, ())]
        return "".join(parts)

    def _given(self, row: Row) -> str:
        return self._quoted(filled(row.value, self._fills))

    def _config_attribute(self) -> str:
        return f"'{php.esc_html(php.json_encode(self.config, _FLAGS))}'"

    @staticmethod
    def _quoted(value: object) -> str:
        return f'"{php.esc_html(str(value))}"'

    def _classes(self) -> str:
        popup = self.value("popupEnabled")
        slots = [
            "aipkit_chat_container" + (" aipkit_popup_content" if popup else ""),
            f"aipkit-theme-{self._theme_name()}",
            *([""] if self._traits.theme_slot else []),
            "",
            *([f"aipkit_popup_position-{self.value('popupPosition', _POSITION)}"] if popup else []),
            "aipkit-sidebar-state-closed",
            "aipkit-voice-input-enabled" if self.value("enableVoiceInputUI") else "",
            "aipkit-web-search-tool-allowed" if self.value("allowWebSearchTool") else "",
            "aipkit-google-search-grounding-allowed" if self.value("allowGoogleSearchGrounding") else "",
        ]
        return " ".join(slots)

    def _theme_name(self) -> str:
        """Return the theme for the class names, which have it even if the config does not."""
        return str(self.value("theme", "custom" if self._traits.custom_theme else "dark"))

    def _theme(self) -> str:
        if not self._traits.custom_theme:
            return ""
        return f" data-custom-theme='{php.esc_html(php.json_encode(THEME))}' style=\"{THEME_STYLE}\""


_OWN: Final = ("bot-id", ATTRIBUTE, "icon-size")


def _added_after(rows: Rows, known: Iterable[str]) -> dict[str, Rows]:
    """Return the rows that a release added, by the slot of the known row before them (empty: at the beginning)."""
    found: dict[str, Rows] = {}
    last = ""
    for row in rows:
        if row.slot in _OWN:
            last = row.slot if row.slot in known else last
        else:
            found[last] = (*found.get(last, ()), row)
    return found
