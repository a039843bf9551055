"""
The files that the pages link to, under the paths where the real site has them.

All of them are our own: the chats' scripts speak the wire of the release that they are served for, and are told its
ways by one line on top.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from chatgptfree_mock.sites.aipower.pages.chats import PLUGIN_PATH
from chatgptfree_mock.sites.aipower.pages.version_range import Named, VersionRange
from chatgptfree_mock.tape.model import Response

_FOLDER: Final = Path(__file__).parent
_CSS: Final = "text/css"
_JS: Final = "application/javascript"
_SVG: Final = "image/svg+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    kind: str
    name: str = ""
    """The file in this folder; empty if nothing needs to be in it."""


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
    f"{PLUGIN_PATH}/public/js/wpaicg-chat.js": _File(kind=_JS, name="wpaicg-chat.js"),
    f"{PLUGIN_PATH}/public/js/marked.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/public/js/recorder.js": _File(kind=_JS),
    f"{PLUGIN_PATH}/dist/css/public-main.bundle.css": _File(kind=_CSS, name="aipkit-chat.css"),
    f"{PLUGIN_PATH}/dist/js/public-main.bundle.js": _File(kind=_JS, name="aipkit-chat.js"),
    f"{PLUGIN_PATH}/dist/vendor/js/markdown-it.min.js": _File(kind=_JS),
}
_WAYS: Final = {
    "wpaicg-chat.js": {
        "eventSource": VersionRange(until="1.8.80"),
        "historyLimitOnPage": VersionRange(since="1.8.80"),
        "historyHoldsMessage": VersionRange(until="1.9.4"),
        "chatIdAlways": VersionRange(until="1.9.4"),
        "clientIdFirst": VersionRange(until="1.9.4"),
    },
    "aipkit-chat.js": {
        "botInCacheCall": VersionRange(since="2.3.31"),
        "nonceRefresh": VersionRange(since="2.3.41"),
        "timestamp": VersionRange(since="2.3.41"),
        "status": VersionRange(since="2.3.93"),
        "interactions": VersionRange(since="2.4.67"),
    },
}
"""What the front end of a release does, by the name under which the script knows it."""


def static_file(path: str, release: Named) -> Response | None:
    """Return the file at *path*, as the release's site has it, or None if there is none."""
    file = _FILES.get(path)
    if file is None:
        return None
    body = _ways(file.name, release) + _read(file.name)
    headers = (
        ("Content-Type", file.kind),
        ("Cache-Control", "no-cache"),
        ("Content-Length", str(len(body))),
    )
    return Response(headers=headers, body=body)


@cache
def _read(name: str) -> bytes:
    return (_FOLDER / name).read_bytes() if name else b"/* nothing needed here */\n"


def _ways(name: str, release: Named) -> bytes:
    spans = _WAYS.get(name)
    if spans is None:
        return b""
    ways = {way: span.holds(release) for way, span in spans.items()}
    return f"window.chatReleaseWays = {json.dumps(ways)};\n".encode()
