"""
The files that the pages link to, under the paths where the real site has them.

All of them are our own.  The chats' scripts use the protocol of their release, whose traits are in a generated first
line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from chatgptfree_mock.sites.aipower.pages.chats import PLUGIN_PATH
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.releases.page_rows import Rows, paths
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.tape.model import Response

_FOLDER: Final = Path(__file__).parent
_CSS: Final = "text/css"
_JS: Final = "application/javascript"
_SVG: Final = "image/svg+xml"
_WPAICG_CHAT: Final = "wpaicg-chat.js"
_AIPKIT_CHAT: Final = "aipkit-chat.js"
_SLOTS: Final = {"ajax_url": "ajaxUrl", "bot_id": "botId", "post_id": "postId"}
"""The script's names for the braces of a row, where they differ."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    name: str = ""
    """The file in this folder; empty for a file without content."""


_FILES: Final = {
    "/wp-includes/images/w-logo-blue-white-bg.png": _File(kind="image/png", name="icon.png"),
    "/wp-content/uploads/2024/05/site-icon.svg": _File(kind=_SVG, name="icon.svg"),
    "/wp-content/themes/quiet/style.css": _File(kind=_CSS, name="theme.css"),
    "/wp-includes/css/dist/block-library/style.min.css": _File(kind=_CSS),
    f"{PLUGIN_PATH}/admin/images/chatbot.png": _File(kind=_SVG, name="icon.svg"),
    f"{PLUGIN_PATH}/admin/images/default_profile.png": _File(kind=_SVG, name="icon.svg"),
    f"{PLUGIN_PATH}/public/css/wp-ai-content-generator-public.css": _File(kind=_CSS, name="wpaicg-chat.css"),
    f"{PLUGIN_PATH}/public/js/wp-ai-content-generator-public.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/public/js/wpaicg-init.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/public/js/wpaicg-chat.js": _File(kind=_JS, name=_WPAICG_CHAT),
    f"{PLUGIN_PATH}/public/js/marked.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/public/js/recorder.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/dist/css/public-main.bundle.css": _File(kind=_CSS, name="aipkit-chat.css"),
    f"{PLUGIN_PATH}/dist/css/public-chat-sidebar.bundle.css": _File(kind=_CSS),
    f"{PLUGIN_PATH}/dist/js/public-main.bundle.js": _File(kind=_JS, name=_AIPKIT_CHAT),
    f"{PLUGIN_PATH}/dist/vendor/js/markdown-it.min.js": _File(kind=_JS),
}


def static_file(path: str, release: PluginRelease) -> Response | None:
    """Return the file at *path*, as the release's site has it, or None if there is none."""
    file = _FILES.get(path)
    if file is None:
        return None
    body = _first_line(file.name, release) + _read(file.name)
    headers = (
        ("Content-Type", file.kind),
        ("Cache-Control", "no-cache"),
        ("Content-Length", str(len(body))),
    )
    return Response(headers=headers, body=body)


def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes() if name else b"/* nothing needed here */\n"


def _first_line(name: str, release: PluginRelease) -> bytes:
    """Return the first line of a chat's script: the traits of its release and the renamed values on the page."""
    traits = release.traits
    if name != (_WPAICG_CHAT if isinstance(traits, WpaicgTraits) else _AIPKIT_CHAT):
        return b""
    of_traits = _wpaicg_options(traits) if isinstance(traits, WpaicgTraits) else _aipkit_options(traits)
    attributes = {slot: path[0] for slot, path in _moved(release.page.attributes).items()}
    moved = {"attributes": attributes, "keys": _moved(release.page.keys)}
    renamed = {"texts": _moved(release.page.texts), "events": dict(release.events.names), "data": release.events.keys}
    renamed["actions"] = dict(release.actions)
    options = {**of_traits, **{key: value for key, value in {**moved, **renamed}.items() if value}}
    return f"window.chatReleaseOptions = {json.dumps(options)};\n".encode()


def _wpaicg_options(traits: WpaicgTraits) -> dict[str, object]:
    return {
        "eventSource": traits.front_end == "event-source",
        "historyLimitOnPage": traits.history_sent != "last-10",
        "historyHoldsMessage": traits.history_sent != "before-message",
        "chatIdAlways": traits.chat_id_buffered,
        "clientIdFirst": traits.client_id_first,
    }


def _aipkit_options(traits: AipkitTraits) -> dict[str, object]:
    return {
        "botInCacheCall": traits.front_end_bot_id,
        "nonceRefresh": traits.front_end_refresh,
        "timestamp": traits.front_end_refresh,
        "status": traits.front_end_status,
        "interactions": traits.front_end_interactions,
        "earlyStop": traits.front_end_early_stop,
    }


def _moved(rows: Rows) -> dict[str, list[str]]:
    """Return the paths of renamed values, by the names that the script uses."""
    there = {row.slot for row in rows if row.name == row.slot and not row.given and not isinstance(row.value, Mapping)}
    return {slot: path for name, path in paths(rows) if (slot := _SLOTS.get(name, name)) not in there}
