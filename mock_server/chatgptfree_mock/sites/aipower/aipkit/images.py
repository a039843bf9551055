"""
Images of a message: a JSON list in a field, which later releases check before they store it.

The type of an image is taken from the browser and output unchecked.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final, Literal

import msgspec

from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.wordpress import php

ImageCheck = Literal["loose", "first", "all"]
"""Which images a release checks."""
MOST: Final = 4
LARGEST: Final = 20 * 1024 * 1024
TYPES: Final = ("image/jpeg", "image/png", "image/webp")


class ImageRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why images are refused."""

    status: int
    code: str
    words: str


INVALID: Final = ImageRefusal(status=400, code="invalid_image_payload", words=sentences.INVALID_IMAGES)
NO_DATA: Final = ImageRefusal(status=400, code="invalid_image_payload", words=sentences.INVALID_IMAGE)
TOO_MANY: Final = ImageRefusal(status=400, code="too_many_images", words=sentences.TOO_MANY_IMAGES.format(most=MOST))
WRONG_TYPE: Final = ImageRefusal(status=400, code="invalid_image_type", words=sentences.WRONG_IMAGE_TYPE)
TOO_LARGE: Final = ImageRefusal(status=413, code="image_too_large", words=sentences.LARGE_IMAGE)


def read(field: str | None, *, check: ImageCheck) -> tuple[dict[str, Any], ...] | ImageRefusal:
    """Return the images in *field*, or why one of them is refused; *check* is the trait `image_check`."""
    if php.empty(field or ""):
        return ()
    try:
        value = json.loads(field or "")
    except (ValueError, RecursionError):
        value = None
    if check == "loose":
        return tuple(item for item in value[:1] if _like_an_image(item)) if isinstance(value, list) else ()
    if check == "all" and isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or not value:
        return INVALID
    if check == "first":
        value = value[:1]
    if len(value) > MOST:
        return TOO_MANY
    for item in value:
        refusal = _look_at(item)
        if refusal is not None:
            return refusal
    return tuple(value)


def _like_an_image(item: object) -> bool:
    kind, data = (item.get("mime_type"), item.get("base64_data")) if isinstance(item, dict) else (None, None)
    return isinstance(kind, str) and kind.startswith("image/") and isinstance(data, str) and data != ""


def _look_at(item: object) -> ImageRefusal | None:
    if not isinstance(item, dict):
        return INVALID
    kind, data = (str(item.get(name) or "").strip() for name in ("mime_type", "base64_data"))
    if not kind or not data:
        return INVALID
    if kind.lower() not in TYPES:
        return WRONG_TYPE
    if data.startswith("data:"):
        data = data.partition("base64,")[2] or data
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return NO_DATA
    if not content:
        return NO_DATA
    return TOO_LARGE if len(content) > LARGEST else None
