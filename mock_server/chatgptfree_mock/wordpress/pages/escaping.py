"""How PHP and WordPress escape what they print into a page; the bytes have to be theirs, so no library does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})
_HEX = str.maketrans({"&": "\\u0026", "<": "\\u003C", ">": "\\u003E", "'": "\\u0027", "/": "\\/"})


def esc_html(text: str) -> str:
    """Escape as `esc_html` and `esc_attr` do."""
    return text.translate(_HTML)


def config_json(value: Any) -> str:
    """Encode as `wp_json_encode` does with the flags UNESCAPED_UNICODE and HEX_TAG, _APOS, _AMP, _QUOT."""
    match value:
        case str():
            return '"' + _config_string(value) + '"'
        case Mapping():
            inner = ",".join(f"{config_json(str(key))}:{config_json(item)}" for key, item in value.items())
            return "{" + inner + "}"
        case Sequence():
            return "[" + ",".join(map(config_json, value)) + "]"
        case _:
            return json.dumps(value)


def script_json(value: Any) -> str:
    """Encode as `wp_json_encode` does without flags: slashes and everything beyond ASCII escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def _config_string(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)[1:-1]
    # json.dumps writes a quote as \" and a backslash as \\, so every \" outside a pair of backslashes is a quote.
    pieces = [piece.replace('\\"', "\\u0022") for piece in quoted.split("\\\\")]
    return "\\\\".join(pieces).translate(_HEX).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
