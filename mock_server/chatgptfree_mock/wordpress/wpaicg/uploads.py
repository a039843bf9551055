"""Voice messages and pictures: what a release looks at before it takes them."""

from __future__ import annotations

from chatgptfree_mock.wordpress.forms import Upload, UploadError
from chatgptfree_mock.wordpress.releases.wpaicg import Traits

_SMALL = 10_000_000
_LARGE = 25 * 1024 * 1024
_AUDIO = ("mp3", "mp4", "mpeg", "mpga", "m4a", "wav", "webm")
_IMAGES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_FRAME = b"\x21\xf9\x04"
"""How a frame of a GIF begins; an animated one has several."""

BAD_IMAGE = "File type is not allowed. Only PNG, JPEG, WEBP, and non-animated GIF are supported."


def sent(upload: Upload | None) -> Upload | None:
    """Return *upload* if it came in whole."""
    return upload if upload is not None and upload.error == UploadError.OK else None


def refuse_audio(upload: Upload, traits: Traits) -> str | None:
    """Say why a voice message is not taken, or nothing."""
    known = upload.name.rpartition(".")[2].lower() in _AUDIO
    if traits.audio_check and (not known or len(upload.content) > _SMALL):
        return "Invalid file type or file too large."
    if not known:
        return "Accepted audio and video formats: MP3, MP4, MPEG, M4A, WAV, and WEBM."
    if len(upload.content) > _LARGE:
        return "Maximum audio file size: 25MB."
    return None if upload.content else "Failed to read the audio file."


def refuse_image(upload: Upload, traits: Traits) -> str | None:
    """Say why a picture is not taken, or nothing."""
    if not traits.image_check:
        return None
    good = any(upload.content.startswith(start) for start in _IMAGES.get(upload.type, ()))
    animated = upload.type == "image/gif" and upload.content.count(_FRAME) > 1
    return None if good and not animated else BAD_IMAGE
