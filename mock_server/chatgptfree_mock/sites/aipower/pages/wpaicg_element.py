"""
The chat elements of WPAICG (1.8.79 to 2.2), and the script line that every public page carries.

The release's rows define the attributes, their order and their defaults in a fresh installation (see `releases.page`);
values from a site's settings are arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from chatgptfree_mock.sites.aipower.releases.page_rows import ReleasePage, filled
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.wordpress import php

ElementKind = Literal["shortcode", "widget"]

_CLASSES: Mapping[ElementKind, str] = {
    "shortcode": "wpaicg-chat-shortcode",
    "widget": "wpaicg-chatbox wpaicg-chat-widget-no-footer",
}

CUSTOM_SIZE: Mapping[str, str] = {"width": "350px", "height": "400px"}
"""The size of the shortcode of a bot other than the default one; such a widget has the default size."""


def opening_tag(
    kind: ElementKind, page: ReleasePage, traits: WpaicgTraits, *, values: Mapping[str, str], fills: Mapping[str, str]
) -> str:
    """
    Write the opening tag of a chat element: one attribute per line, indented by five blanks.

    *values*, by slot, replace the defaults; *fills* replace the names in braces.  A nonce is written unescaped, as a
    cache may put an HTML comment in its place.
    """
    lines = [f'<div class="{_CLASSES[kind]}"']
    for row in page.attributes:
        if kind not in row.value:
            continue
        default = filled(row.value[kind], fills)
        if row.slot == "nonce" and not row.given:
            value = values["nonce"]
        else:
            value = php.esc_html(default if row.given else values.get(row.slot, default))
        if row.slot == "post-id" and kind == "widget" and traits.stray_post_id:
            value = "<" + value
        equals = " = " if row.spaced else "="
        lines.append(f'     data-{row.name}{equals}"{value}"')
    return "\n".join([*lines, ">"])


def params_line(page: ReleasePage, traits: WpaicgTraits, *, ajax_url: str, nonce: str, logged_in: bool) -> str:
    """Write the script line that every public page carries; its nonce is the chat's too."""
    params: dict[str, object] = {
        "ajax_url": ajax_url,
        "search_nonce": nonce,
        "logged_in": "1" if logged_in else "0",
        "languages": {row.name: row.value for row in page.texts},
    }
    if traits.katex:
        params["katex_enabled"] = "0"
    return f"var wpaicgParams = {php.json_encode(params)};"
