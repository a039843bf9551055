"""
The ids of a bot and of a post in an element of 1.x that has them under names of no known release.

Such an element has many numbers: sizes, limits, switches.  An id is searched only among attributes that no known
release has: by a fitting name, else by elimination, if one id is missing and there is one new number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from chatgptfree.core.page.release_number import order
from chatgptfree.core.page.unfamiliar import Place

BOT: Final = "data-bot-id"
POST: Final = "data-post-id"
NAMES: Final = frozenset(
    f"data-{name}"
    for name in (
        *("ai-avatar", "ai-bg-color", "ai-name", "assistant-enabled", "autoload_chat_conversations", "bg_text_field"),
        *("bg_text_field_border_color", "bg_text_field_font_color", "bot-id", "chat_rounded", "color", "copy_btn"),
        *("elevenlabs-model", "enable-lead-email", "enable-lead-name", "enable-lead-phone", "feedback_btn"),
        *("feedback_message", "feedback_success", "feedback_title", "fontsize", "footer", "has-bar", "height"),
        *("lead-collection", "lead-email", "lead-name", "lead-phone", "lead-title", "memory-limit", "nonce"),
        *("openai_model", "openai_output_format", "openai_stream_nav", "openai_voice", "openai_voice_speed"),
        *("post-id", "sidebar-enabled", "speech", "text_height", "text_rounded", "type", "typewriter-effect"),
        *("typewriter-speed", "url", "use-avatar", "user-avatar", "user-bg-color", "user-voice-control", "voice"),
        *("voice-error", "voice-muted-by-default", "voice_device", "voice_language", "voice_name", "voice_pitch"),
        *("voice_service", "voice_speed", "width", "you"),
    )
)
"""The attributes that the chats of 1.8.79 to 1.9.18 have."""

_NAMED: Final = {
    BOT: re.compile(r"data-(?:(?:(?:chat|ro)?bot|assistant)(?:[-_]?(?:id|no|nr|num|number|ref|key))?|chat[-_]?id)"),
    POST: re.compile(r"data-(?:post|page|entry|article)(?:[-_]?(?:id|no|nr|num|number|ref|key))?"),
}
_FIRST_KNOWN: Final = (1, 8, 79)
_LONGEST: Final = 9
"""In digits; a nonce may be ten."""
_SWITCHES: Final = frozenset({"0", "1"})


def has_ids(attributes: Mapping[str, str], release: str | None) -> bool:
    """
    Return whether the element is of a release that always names bot and post.

    All known releases do.  If a page does not name its *release*, the attribute for streaming decides, since releases
    before it had no bots.
    """
    numbers = order(release)
    return "data-openai_stream_nav" in attributes if numbers is None else numbers >= _FIRST_KNOWN


def find(attributes: Mapping[str, str], missing: frozenset[str]) -> dict[str, Place]:
    """Return for each of the *missing* ids the attribute that has it; none for one that several could be."""
    new = {name: _digits(text) for name, text in attributes.items() if name.startswith("data-") and name not in NAMES}
    new = {name: text for name, text in new.items() if text}
    found: dict[str, str] = {}
    for usual in missing:
        fitting = [name for name in new if _NAMED[usual].fullmatch(name)]
        if len(fitting) == 1:
            found[usual] = fitting[0]
        elif fitting:
            return {}
    left = [name for name in new if name not in found.values()]
    lacking = missing - found.keys()
    # A lone 0 or 1 may as well be a switch.
    if len(left) == len(lacking) == 1 and new[left[0]] not in _SWITCHES:
        found[next(iter(lacking))] = left[0]
    return {usual: Place(path=name.removeprefix("data-"), value=new[name]) for usual, name in found.items()}


def _digits(text: str) -> str:
    """Return a number as digits, also after the stray bracket of 1.9.16; else an empty text."""
    text = text.strip().removeprefix("<")
    return text if text.isascii() and text.isdecimal() and len(text) <= _LONGEST else ""
