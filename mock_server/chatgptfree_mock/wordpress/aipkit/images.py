"""
Images that come with a message: a JSON list in a field, which later releases look at before they keep it.

Recorded is only the refusal of what is no image at all; the words for too many, too large and of a wrong type are ours.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

MOST: Final = 4
LARGEST: Final = 20 * 1024 * 1024
_MARKS: Final = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRefusal:
    """Why images are not taken."""

    status: int
    code: str
    words: str


INVALID: Final = ImageRefusal(status=400, code="invalid_image_payload", words="Invalid image upload payload.")
TOO_MANY: Final = ImageRefusal(status=400, code="too_many_images", words=f"You can upload up to {MOST} images.")
WRONG_TYPE: Final = ImageRefusal(
    status=400, code="invalid_image_type", words="Only JPEG, PNG and WebP images are allowed."
)
TOO_LARGE: Final = ImageRefusal(status=413, code="image_too_large", words="The image is too large.")


def read(field: str | None, *, check: bool) -> tuple[dict[str, Any], ...] | ImageRefusal:
    """Return the images in *field*; without *check* whatever is no list of images counts as none."""
    if not field:
        return ()
    try:
        value = json.loads(field)
    except (ValueError, RecursionError):
        value = None
    if not check:
        return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
    if not isinstance(value, list):
        return INVALID
    if len(value) > MOST:
        return TOO_MANY
    for item in value:
        refusal = _look_at(item)
        if refusal is not None:
            return refusal
    return tuple(value)


def _look_at(item: object) -> ImageRefusal | None:
    if not isinstance(item, dict):
        return INVALID
    kind, data = item.get("mime_type"), item.get("base64_data")
    if not isinstance(kind, str) or not isinstance(data, str) or not data:
        return INVALID
    if kind not in _MARKS:
        return WRONG_TYPE
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return INVALID
    if len(content) > LARGEST:
        return TOO_LARGE
    return None if content.startswith(_MARKS[kind]) else WRONG_TYPE
