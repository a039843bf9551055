"""
The chat elements of generation 1 (1.8.79 to 2.2) as data: each attribute, its value, and when it was there.

Only fresh-install defaults stand here; what a site's settings change is passed in by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chatgptfree_mock.sites.aipower.pages.version_range import ALWAYS, Named, VersionRange, in_force
from chatgptfree_mock.sites.wordpress import php

Kind = Literal["shortcode", "widget"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One `data-` attribute; a value of None means that the element of that kind lacks it."""

    name: str
    shortcode: str | None
    widget: str | None
    span: VersionRange = ALWAYS
    spaced: bool = False
    """Written with blanks around the equals sign."""


_AVATARS = VersionRange(until="1.8.96")
_LEADS = VersionRange(since="1.8.87")

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("user-bg-color", "#ccf5e1", "#444654"),
    Attribute("color", "#495057", "#ffffff"),
    Attribute("fontsize", "14", "13"),
    Attribute("use-avatar", "0", "", _AVATARS),
    Attribute("user-avatar", "", "", _AVATARS),
    Attribute("you", "You", "You", _AVATARS),
    Attribute("ai-avatar", "", "", _AVATARS),
    Attribute("ai-name", "AI", "AI", _AVATARS),
    Attribute("ai-bg-color", "#d1e8ff", "#343541"),
    Attribute("nonce", "", ""),
    Attribute("post-id", "", ""),
    Attribute("url", "", ""),
    Attribute("bot-id", "0", "0"),
    Attribute("width", "100%", "30%"),
    Attribute("height", "50%", "40%"),
    Attribute("footer", "false", "false"),
    Attribute("has-bar", "false", None),
    Attribute("speech", "", ""),
    Attribute("voice", "", ""),
    Attribute("elevenlabs-model", "", ""),
    Attribute("voice-error", "", ""),
    Attribute("typewriter-effect", "", "", spaced=True),
    Attribute("typewriter-speed", "1", "1"),
    Attribute("text_height", "60", "40"),
    Attribute("text_rounded", "8", "8"),
    Attribute("chat_rounded", "8", "8"),
    Attribute("voice_service", "", "en-US"),
    Attribute("voice_language", "en-US", "en-US"),
    Attribute("voice_name", "en-US-Studio-M", "en-US-Studio-M"),
    Attribute("voice_device", "", ""),
    Attribute("voice_speed", "1", "1"),
    Attribute("voice_pitch", "0", "0"),
    Attribute("openai_model", "tts-1", "tts-1"),
    Attribute("openai_voice", "alloy", "alloy"),
    Attribute("openai_output_format", "mp3", "mp3"),
    Attribute("openai_voice_speed", "1.0", "1.0"),
    Attribute("openai_stream_nav", "1", "1"),
    Attribute("autoload_chat_conversations", "0", "0"),
    Attribute("copy_btn", "", ""),
    Attribute("feedback_btn", "", "", spaced=True),
    Attribute("feedback_title", "Feedback", "Feedback", spaced=True),
    Attribute(
        "feedback_message", "Please provide details: (optional)", "Please provide details: (optional)", spaced=True
    ),
    Attribute("feedback_success", "Thank you for your feedback!", "Thank you for your feedback!", spaced=True),
    Attribute("user-voice-control", "", "", spaced=True),
    Attribute("voice-muted-by-default", "", ""),
    Attribute("memory-limit", "100", "100", VersionRange(since="1.8.80"), spaced=True),
    Attribute("lead-collection", "0", "0", _LEADS, spaced=True),
    Attribute("lead-title", "Let us know how to contact you", "Let us know how to contact you", _LEADS, spaced=True),
    Attribute("lead-name", "Name", "Name", _LEADS, spaced=True),
    Attribute("enable-lead-name", "1", "0", _LEADS, spaced=True),
    Attribute("lead-email", "Email", "Email", _LEADS, spaced=True),
    Attribute("enable-lead-email", "1", "0", _LEADS, spaced=True),
    Attribute("lead-phone", "Phone", "Phone", _LEADS, spaced=True),
    Attribute("enable-lead-phone", "1", "0", _LEADS, spaced=True),
    Attribute("bg_text_field", "#ffffff", "#ffffff", _LEADS, spaced=True),
    Attribute("bg_text_field_font_color", "#495057", "#495057", _LEADS, spaced=True),
    Attribute("bg_text_field_border_color", "#ced4da", "#cccccc", _LEADS, spaced=True),
    Attribute("assistant-enabled", "false", "false", VersionRange(since="1.8.95")),
    Attribute("sidebar-enabled", "", None, VersionRange(since="1.9.4")),
    Attribute("type", "shortcode", "widget"),
)

_CLASSES: Mapping[Kind, str] = {
    "shortcode": "wpaicg-chat-shortcode",
    "widget": "wpaicg-chatbox wpaicg-chat-widget-no-footer",
}

CUSTOM_SIZE: Mapping[str, str] = {"width": "350px", "height": "400px"}
"""What the shortcode of a bot of the site's own says of its size; a widget says what the default one says."""

STRAY = VersionRange(since="1.9.16")
"""Releases whose widget has a `<` before its post id, straight in the attribute."""
SIDEBAR = VersionRange(since="1.9.4")
"""Releases that wrap the shortcode's content for a sidebar, with a style before and a script inside."""
INNER_SCRIPT = VersionRange(since="1.9.4", until="1.9.14")
NAMED_TEXTAREA = VersionRange(since="1.8.88")
AVATAR_IN_GREETING = VersionRange(until="1.8.95")
MARKED = VersionRange(since="1.8.95")
"""Releases that load marked.js."""

_NARROW = VersionRange(until="1.9.16")
"""Releases whose texts name the limits of a value; 1.9.14 still does."""
_LANGUAGES: tuple[tuple[str, str, str], ...] = (
    ("source", "Sources", ""),
    ("no_result", "No result found", ""),
    ("wrong", "Something went wrong", ""),
    ("prompt_strength", "Please enter a valid prompt strength value", " between 0 and 1"),
    ("num_inference_steps", "Please enter a valid number of inference steps value", " between 1 and 500"),
    ("guidance_scale", "Please enter a valid guidance scale value", " between 1 and 20"),
    ("error_image", "Please select least one image for generate", ""),
    ("save_image_success", "Save images to media successfully", ""),
    ("select_all", "Select All", ""),
    ("unselect", "Unselect", ""),
    ("select_save_error", "Please select least one image to save", ""),
    ("alternative", "Alternative Text", ""),
    ("title", "Title", ""),
    ("edit_image", "Edit Image", ""),
    ("caption", "Caption", ""),
    ("description", "Description", ""),
    ("save", "Save", ""),
    ("removed_pdf", "Your pdf session is cleared", ""),
)
_ENDS_WITH_STOP = frozenset({"prompt_strength", "num_inference_steps", "guidance_scale"})
KATEX = VersionRange(since="1.9.11")
"""Releases whose `wpaicgParams` tell of KaTeX."""


def opening_tag(kind: Kind, release: Named, values: Mapping[str, str]) -> str:
    """
    Write the opening tag of a chat element as *release* does: one attribute a line, five blanks before it.

    *values* replaces defaults by attribute name; a nonce is written as it is: a cache may put a comment there.
    """
    lines = [f'<div class="{_CLASSES[kind]}"']
    for row in in_force(ATTRIBUTES, release):
        default = row.shortcode if kind == "shortcode" else row.widget
        if default is None:
            continue
        value = values[row.name] if row.name == "nonce" else php.esc_html(values.get(row.name, default))
        if row.name == "post-id" and kind == "widget" and STRAY.holds(release):
            value = "<" + value
        equals = " = " if row.spaced else "="
        lines.append(f'     data-{row.name}{equals}"{value}"')
    return "\n".join([*lines, ">"])


def params_line(release: Named, *, ajax_url: str, nonce: str, logged_in: bool) -> str:
    """Write the script line that every public page carries; its nonce is the chat's too."""
    narrow = _NARROW.holds(release)
    languages = {
        key: text + (limits if narrow else "") + ("." if key in _ENDS_WITH_STOP else "")
        for key, text, limits in _LANGUAGES
    }
    params: dict[str, object] = {
        "ajax_url": ajax_url,
        "search_nonce": nonce,
        "logged_in": "1" if logged_in else "0",
        "languages": languages,
    }
    if KATEX.holds(release):
        params["katex_enabled"] = "0"
    return f"var wpaicgParams = {php.json_encode(params)};"
