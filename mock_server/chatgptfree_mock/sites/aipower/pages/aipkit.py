"""
The chat elements of generation 2 (2.3 to 2.4.97) as data: each key of `data-config`, its value, and when it was there.

The order of the rows is the order on the wire.  Where only "changed between two recorded releases" is known, the row
takes the release in which neighbouring keys are known to have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatgptfree_mock.sites.aipower.pages.version_range import ALWAYS, Named, VersionRange, in_force
from chatgptfree_mock.sites.wordpress import php


@dataclass(frozen=True, slots=True)
class Key:
    """One key of `data-config`, or of the texts in it."""

    name: str
    value: Any
    span: VersionRange = ALWAYS


_FLAGS = php.Json.UNESCAPED_UNICODE | php.Json.HEX_TAG | php.Json.HEX_APOS | php.Json.HEX_AMP | php.Json.HEX_QUOT

_LABELS = VersionRange(since="2.3.41")
_HEADER = VersionRange(since="2.3.69")
_BANS = VersionRange(since="2.3.69", until="2.3.88")
_REALTIME = VersionRange(since="2.3.21")
_ONE_SHOT = VersionRange(until="2.4.1")
_GROUNDING = VersionRange(until="2.4.67")
_INTERACTIONS = VersionRange(since="2.4.67")
_STATUS = VersionRange(since="2.3.93")
_SEARCH = VersionRange(since="2.4.63")
_VOICE = VersionRange(since="2.4.65")
CUSTOM_THEME = VersionRange(since="2.4.63")
"""Releases whose fresh bots come with a theme of colours."""
LEAN = VersionRange(since="2.3.77", until="2.4.6")
"""Releases whose fresh bots have no full screen and no download."""
_RICH = VersionRange(since="2.4.6", until="2.4.43")
"""Releases whose fresh bots have full screen, download, sidebar and voice button."""
_BOLD = VersionRange(since="2.4.43")
"""Releases whose fresh bots are a popup with a large hint."""
_SPARK = VersionRange(since="2.3.69", until="2.4.63")
_AUDIO = VersionRange(since="2.4.84")

THEME: Mapping[str, Any] = {
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
THEME_STYLE = (
    "--aipkit-chat-accent-color:#0B5FFF;--aipkit-chat-accent-rgb:11,95,255;--aipkit-chat-selection-rgb:11,95,255;"
    "--aipkit-chat-on-accent-color:#FFFFFF;--aipkit-chat-on-accent-rgb:255,255,255;"
    "--aipkit-chat-accent-hover-color:#2872FF;--aipkit-chat-accent-tint-color:#E2ECFF;"
    "--aipkit-chat-accent-on-tint-color:#0B5FFF;--aipkit-chat-accent-shadow-color:rgba(11,95,255,0.3);"
    "--aipkit-chat-header-avatar-bg-color:rgba(255,255,255,0.18);"
    "--aipkit-chat-header-status-text-color:rgba(255,255,255,0.85);"
)
"""The custom properties that the plugin computes from `THEME`."""

STARTERS_3 = ["What can you do?", "Tell me a fun fact", "Help me write something"]

KEYS: tuple[Key, ...] = (
    Key("botId", 0),
    Key("ajaxUrl", ""),
    Key("nonce", ""),
    Key("postId", 0),
    Key("theme", "dark", VersionRange(until="2.4.63")),
    Key("theme", "custom", CUSTOM_THEME),
    Key("popupEnabled", False),
    Key("popupPosition", "bottom-right"),
    Key("popupDelay", 1, VersionRange(until="2.4.5")),
    Key("popupDelay", 0, VersionRange(since="2.4.5")),
    Key("popupIconType", "default"),
    Key("popupIconStyle", "circle", VersionRange(since="2.3.6")),
    Key("popupIconValue", "chat-bubble", VersionRange(until="2.3.69")),
    Key("popupIconValue", "spark", _SPARK),
    Key("popupIconValue", "chat-bubble", CUSTOM_THEME),
    Key("popupIconSize", "medium", _LABELS),
    Key("customThemePresetKey", "", VersionRange(since="2.3.73", until="2.4.63")),
    Key("customThemePresetKey", "ocean", CUSTOM_THEME),
    Key("themeDimensionOverrides", [""], VersionRange(since="2.4.96")),
    Key("popupLabelEnabled", False, VersionRange(since="2.3.41", until="2.3.73")),
    Key("popupLabelEnabled", True, VersionRange(since="2.3.73", until="2.4.5")),
    Key("popupLabelEnabled", False, VersionRange(since="2.4.5", until="2.4.43")),
    Key("popupLabelEnabled", True, _BOLD),
    Key("popupLabelText", "", VersionRange(since="2.3.41", until="2.3.73")),
    Key("popupLabelText", "Need help? Ask me!", VersionRange(since="2.3.73", until="2.4.5")),
    Key("popupLabelText", "", VersionRange(since="2.4.5", until="2.4.8")),
    Key("popupLabelText", "Need help? Ask me!", VersionRange(since="2.4.8")),
    Key("popupLabelMode", "on_delay", _LABELS),
    Key("popupLabelDelaySeconds", 2, VersionRange(since="2.3.41", until="2.4.43")),
    Key("popupLabelDelaySeconds", 1, _BOLD),
    Key("popupLabelAutoHideSeconds", 0, _LABELS),
    Key("popupLabelDismissible", True, _LABELS),
    Key("popupLabelFrequency", "once_per_visitor", _LABELS),
    Key("popupLabelShowOnMobile", True, _LABELS),
    Key("popupLabelShowOnDesktop", True, _LABELS),
    Key("popupLabelVersion", "", _LABELS),
    Key("popupLabelSize", "medium", VersionRange(since="2.3.41", until="2.4.43")),
    Key("popupLabelSize", "large", _BOLD),
    Key("streamEnabled", True, _ONE_SHOT),
    Key("footerText", ""),
    Key("headerAvatarType", "default", _SPARK),
    Key("headerAvatarType", "inherit", CUSTOM_THEME),
    Key("headerAvatarValue", "spark", _SPARK),
    Key("headerAvatarValue", "chat-bubble", CUSTOM_THEME),
    Key("headerAvatarUrl", "", _HEADER),
    Key("headerOnlineText", "Online", _HEADER),
    Key("enableFullscreen", True, VersionRange(until="2.3.77")),
    Key("enableFullscreen", False, LEAN),
    Key("enableFullscreen", True, VersionRange(since="2.4.6")),
    Key("enableDownload", True, VersionRange(until="2.3.77")),
    Key("enableDownload", False, LEAN),
    Key("enableDownload", True, _RICH),
    Key("enableDownload", False, _BOLD),
    Key("enableCopyButton", True),
    Key("enableFeedback", True),
    Key("enableSidebar", False, VersionRange(until="2.4.6")),
    Key("enableSidebar", True, _RICH),
    Key("enableSidebar", False, _BOLD),
    Key("formGateEnabled", False, VersionRange(since="2.4.77")),
    Key("pdfDownloadActive", False),
    Key("headerName", ""),
    Key("enableStarters", False, VersionRange(until="2.3.41")),
    Key("enableStarters", True, _LABELS),
    Key("starters", [], VersionRange(until="2.3.41")),
    Key("starters", STARTERS_3, VersionRange(since="2.3.41", until="2.4.5")),
    Key("starters", STARTERS_3[:2], VersionRange(since="2.4.5")),
    Key("userIp", "", VersionRange(until="2.3.88")),
    Key("bannedIpsConfig", {"ipsList": "", "message": ""}, _BANS),
    Key("bannedWordsConfig", {"wordsList": "", "message": ""}, _BANS),
    Key("requireConsentCompliance", False),
    Key("ttsEnabled", False),
    Key("ttsAutoPlay", False),
    Key("ttsProvider", "Google"),
    Key("ttsVoiceId", "", _GROUNDING),
    Key("ttsVoiceId", "Kore", _INTERACTIONS),
    Key("ttsGoogleModelId", "gemini-3.1-flash-tts-preview", _INTERACTIONS),
    Key("ttsOpenAIModelId", "tts-1"),
    Key("ttsElevenLabsModelId", "", _GROUNDING),
    Key("ttsElevenLabsModelId", "eleven_multilingual_v2", _INTERACTIONS),
    Key("enableVoiceInputUI", True, VersionRange(until="2.3.73")),
    Key("enableVoiceInputUI", False, VersionRange(since="2.3.73", until="2.4.6")),
    Key("enableVoiceInputUI", True, _RICH),
    Key("enableVoiceInputUI", False, _BOLD),
    Key("enableRealtimeVoiceUI", False, _REALTIME),
    Key("directVoiceMode", False, VersionRange(since="2.3.22")),
    Key("voiceEngine", "realtime", VersionRange(since="2.4.81")),
    Key("realtimeModel", "gpt-4o-realtime-preview", VersionRange(since="2.3.21", until="2.4.63")),
    Key("realtimeModel", "gpt-realtime-2.1", CUSTOM_THEME),
    Key("sttProvider", "OpenAI"),
    Key("sttLimits", {"maxInputBytes": 4_194_304}, _AUDIO),
    Key("imageTriggers", "/image, /generate"),
    Key("fileUploadEnabledUI", False),
    Key("imageUploadEnabledUI", False),
    Key("inputActionButtonEnabled", False),
    Key("provider", "OpenAI"),
    Key("fileUploadProvider", "openai", _INTERACTIONS),
    Key("vectorStoreProvider", "openai"),
    Key("enableOpenAIConversationState", False),
    Key("enableGoogleConversationState", False, _INTERACTIONS),
    Key("allowWebSearchTool", False),
    Key("webToggleDefaultOn", False, VersionRange(since="2.3.72")),
    Key("showSources", True, _STATUS),
    Key("allowGoogleSearchGrounding", False),
    Key("googleGroundingMode", "DEFAULT_MODE", _GROUNDING),
    Key("googleGroundingDynamicThreshold", 0.3, _GROUNDING),
    Key("customThemeSettings", [], VersionRange(until="2.4.63")),
    Key("customThemeSettings", THEME, CUSTOM_THEME),
    Key("text", {}),
    Key("customTypingText", "", _LABELS),
)

TEXTS: tuple[Key, ...] = (
    Key("sendMessage", "Send Message"),
    Key("sending", "Sending..."),
    Key("stopResponse", "Stop Response", VersionRange(since="2.4.6")),
    Key("typeMessage", "Type your message..."),
    Key("thinking", "Thinking...", VersionRange(until="2.3.41")),
    Key("thinking", "Thinking", _LABELS),
    Key("streaming", "Streaming..."),
    Key("statusThinking", "Thinking...", _STATUS),
    Key("statusProcessing", "Processing...", _STATUS),
    Key("statusSearchingWeb", "Searching web...", _STATUS),
    Key("statusRetrievingContext", "", _STATUS),
    Key("statusCallingTool", "Calling tool...", _STATUS),
    Key("errorPrefix", "Error:"),
    Key("userPrefix", "User"),
    Key("sources", "Sources", _STATUS),
    Key("source", "Source", _STATUS),
    Key("clearChat", "Clear Chat"),
    Key("closeChat", "Close Chat", VersionRange(until="2.3.69")),
    Key("fullscreen", "Fullscreen"),
    Key("exitFullscreen", "Exit Fullscreen"),
    Key("download", "Download Transcript"),
    Key("downloadTxt", "Download TXT"),
    Key("downloadPdf", "Download PDF"),
    Key("downloadEmpty", "Nothing to download."),
    Key("pdfError", "Could not generate PDF. jsPDF library might be missing.", VersionRange(until="2.4.9")),
    Key("pdfError", "Could not open the print window. Please allow popups and try again.", VersionRange(since="2.4.9")),
    Key("streamError", "Stream error. Please try again."),
    Key("connError", "Connection error. Please try again."),
    Key("initialGreeting", "Hello! How can I assist you?", VersionRange(until="2.3.69")),
    Key("initialGreeting", "Hello there!", _HEADER),
    Key("initialSubgreeting", "How can I help you today?", _HEADER),
    Key("sidebarToggle", "Toggle Conversation Sidebar"),
    Key("newChat", "New Chat"),
    Key("conversations", "Conversations"),
    Key("searchConversations", "Search conversations", _SEARCH),
    Key("historyGuests", "History unavailable for guests."),
    Key("historyEmpty", "No past conversations."),
    Key("historySidebarEmpty", "No conversations yet — start one to see it here.", _SEARCH),
    Key("historySearchEmpty", "No conversations match your search.", _SEARCH),
    Key("historyLoadingOlder", "Loading older conversations...", _SEARCH),
    Key("fileUploading", "Uploading %s", _SEARCH),
    Key("fileIndexing", "Indexing %s", _SEARCH),
    Key("detachFile", "Detach file", _SEARCH),
    Key("feedbackLikeLabel", "Like response"),
    Key("feedbackDislikeLabel", "Dislike response"),
    Key("feedbackSubmitted", "Feedback submitted"),
    Key("copyActionLabel", "Copy response"),
    Key("copySuccess", "Copied!", _SEARCH),
    Key("copyCodeLabel", "Copy code", _HEADER),
    Key("consentTitle", "Consent Required"),
    Key(
        "consentMessage",
        "Before starting the conversation, please agree to our Terms of Service and Privacy Policy.",
    ),
    Key("consentButton", "I Agree"),
    Key("playActionLabel", "Play audio"),
    Key("voiceInput", "Voice input", _VOICE),
    Key("voiceStarting", "Starting microphone...", _VOICE),
    Key("voiceRecording", "Listening...", _VOICE),
    Key("voiceRecordingLimit", "Listening… Up to %s seconds.", _AUDIO),
    Key("voiceClipTooLarge", "This recording is too large. Record a shorter clip.", _AUDIO),
    Key(
        "audioOutcomeUnknown",
        "The audio response was interrupted. Check its status before starting another request.",
        _AUDIO,
    ),
    Key(
        "audioMissing",
        "The original request cannot be checked. Starting again may use additional credits.",
        _AUDIO,
    ),
    Key("audioAllowNew", "Allow a new request", _AUDIO),
    Key("audioNewAllowed", "You can try again. This starts a new request.", _AUDIO),
    Key("audioCheckStatus", "Check status", _AUDIO),
    Key(
        "audioSettled",
        "This request used credits, but its audio or transcript could not be recovered. Starting again uses credits "
        "for a new request.",
        _AUDIO,
    ),
    Key("audioReleased", "This request did not use credits. You can try again.", _AUDIO),
    Key(
        "audioPending",
        "This request is still processing. Check again later before starting another request.",
        _AUDIO,
    ),
    Key("voiceCancelRecording", "Cancel recording", _VOICE),
    Key("voiceFinishRecording", "Finish recording", _VOICE),
    Key("voiceTranscribing", "Transcribing audio...", _VOICE),
    Key("voiceAlreadyActive", "Voice recording is already active in another chatbot.", _VOICE),
    Key("voiceUnavailableScriptError", "Voice input is currently unavailable.", _VOICE),
    Key("voiceRequiresHttps", "Voice recording requires a secure HTTPS connection.", _VOICE),
    Key("voiceBrowserUnsupported", "Voice recording is not supported by this browser.", _VOICE),
    Key("voiceRecordingFailedPrefix", "Recording failed", _VOICE),
    Key("voiceTranscriptionFailedPrefix", "Transcription failed", _VOICE),
    Key("voiceProcessingError", "Error processing recorded audio.", _VOICE),
    Key("voiceConfigError", "Failed to process audio: configuration error.", _VOICE),
    Key(
        "imageCommandEmptyPrompt",
        "Please provide a description after the image command (e.g., /image a cat playing with a ball).",
    ),
    Key("pauseActionLabel", "Pause audio"),
    Key("webSearchToggle", "Toggle Web Search"),
    Key("webSearchActive", "Web Search Active"),
    Key("webSearchInactive", "Web Search Inactive"),
    Key("googleSearchGroundingToggle", "Toggle Google Search Grounding"),
    Key("googleSearchGroundingActive", "Google Search Grounding Active"),
    Key("googleSearchGroundingInactive", "Google Search Grounding Inactive"),
    Key("dismissHint", "Dismiss", _LABELS),
)

DUPLICATES = VersionRange(since="2.3.24")
"""Releases that render a second shortcode of the same bot; before, it is an empty place."""
OLD_SHORTCODE = VersionRange(since="2.3.68")
"""Releases that print the shortcode of plugin 1.x as text; before, it is an empty place."""
LOADS_FOR_OLD_SHORTCODE = VersionRange(since="2.3.13", until="2.3.68")
"""Releases that load their files for a page with nothing but the shortcode of plugin 1.x."""
REFRESH = VersionRange(since="2.3.41")
"""Releases that can fetch a fresh nonce, and announce it in an inline script."""
MARKDOWN_IT = VersionRange(until="2.4.0")
STAMPED_CSS = VersionRange(since="2.4.63")
"""Releases whose stylesheet carries a file time in place of the plugin's release."""
BODY_WRAPPER = VersionRange(since="2.4.0")
NAMED_INPUT = VersionRange(since="2.4.63")
_ICON_SIZE = VersionRange(since="2.3.41")
_PRESET_SLOT = VersionRange(since="2.3.73", until="2.4.63")
_POPUP_THEME = VersionRange(since="2.3.73")
_WRAPPER_GAP = VersionRange(since="2.3.69")
"""Releases whose popup wrapper has a blank, or a style, before its `>`."""
_INERT = VersionRange(since="2.4.0")


def config(release: Named, values: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole `data-config` of a bot; *values* and *texts* replace defaults of keys that the release has."""
    words = {row.name: texts.get(row.name, row.value) for row in in_force(TEXTS, release)}
    return {
        row.name: words if row.name == "text" else values.get(row.name, row.value) for row in in_force(KEYS, release)
    }


def inline_tag(release: Named, bot_config: Mapping[str, Any]) -> str:
    """Write the opening tag of a bot that stands in the content; the element itself carries its config."""
    bot, themed = bot_config["botId"], _theme(release)
    gap = " " if themed else "  "
    return (
        f'<div class="{_container_classes(release, bot_config)}" id="aipkit_chat_container_{bot}" '
        f"data-bot-id=\"{bot}\" data-config='{_attribute(bot_config)}'{themed}{gap}>"
    )


def popup_tags(release: Named, bot_config: Mapping[str, Any]) -> tuple[str, str]:
    """Write the opening tags of a popup bot: the wrapper, which has the config, and the container, which has not."""
    bot, custom = bot_config["botId"], CUSTOM_THEME.holds(release)
    theme = bot_config["theme"]
    classes = "aipkit_popup_wrapper" + (f" aipkit-popup-theme-{theme}" if _POPUP_THEME.holds(release) else "")
    classes += " aipkit-popup-standard" if custom else ""
    size = ' data-icon-size="medium"' if _ICON_SIZE.holds(release) else ""
    tail = (f' style="{THEME_STYLE}"' if custom else " ") if _WRAPPER_GAP.holds(release) else ""
    wrapper = (
        f'<div class="{classes}" id="aipkit_popup_wrapper_{bot}" '
        f"data-config='{_attribute(bot_config)}' data-bot-id=\"{bot}\"{size}{tail}>"
    )
    inert = " inert" if _INERT.holds(release) else ""
    themed = _theme(release)
    container = (
        f'<div class="{_container_classes(release, bot_config)}" id="aipkit_chat_container_{bot}" '
        f'aria-hidden="true"{inert}{themed}{" " if themed else "  "}>'
    )
    return wrapper, container


def _container_classes(release: Named, bot_config: Mapping[str, Any]) -> str:
    popup = bot_config["popupEnabled"]
    slots = [
        "aipkit_chat_container" + (" aipkit_popup_content" if popup else ""),
        f"aipkit-theme-{bot_config['theme']}",
        *([""] if _PRESET_SLOT.holds(release) else []),
        "",
        *([f"aipkit_popup_position-{bot_config['popupPosition']}"] if popup else []),
        "aipkit-sidebar-state-closed",
        "aipkit-voice-input-enabled" if bot_config["enableVoiceInputUI"] else "",
        "aipkit-web-search-tool-allowed" if bot_config["allowWebSearchTool"] else "",
        "aipkit-google-search-grounding-allowed" if bot_config["allowGoogleSearchGrounding"] else "",
    ]
    return " ".join(slots)


def _theme(release: Named) -> str:
    if not CUSTOM_THEME.holds(release):
        return ""
    return f" data-custom-theme='{php.esc_html(php.json_encode(THEME))}' style=\"{THEME_STYLE}\""


def _attribute(bot_config: Mapping[str, Any]) -> str:
    return php.esc_html(php.json_encode(bot_config, _FLAGS))
