"""Checks of voice messages and pictures."""

from __future__ import annotations

import re

from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.wordpress.forms import Upload, UploadError

_SMALL = 10_000_000
_LARGE = 25 * 1024 * 1024
_LET_IN = ("mp3", "wav", "ogg", "flac", "webm", "mp4", "mpeg", "m4a")
"""Endings that later releases accept, although not all of them can be transcribed."""
_HEARD = ("mp3", "m4a", "m4b", "mp4", "m4v", "mpeg", "mpg", "mpe", "wav", "webm")
_PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff")
"""Endings that WordPress corrects by the content of a picture."""
_MAGIC = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP", re.DOTALL)


def sent(upload: Upload | None) -> Upload | None:
    """Return *upload* if it arrived complete, else None."""
    return upload if upload is not None and upload.error == UploadError.OK else None


def refuse_audio(upload: Upload, traits: WpaicgTraits) -> str | None:
    """Return why a voice message is refused; None if it is not."""
    ending = _ending(upload)
    if traits.audio_check and (ending not in _LET_IN or len(upload.content) > _SMALL):
        return sentences.WRONG_AUDIO
    if ending not in _HEARD:
        return sentences.WRONG_AUDIO_FORMAT
    if len(upload.content) > _LARGE:
        return sentences.LARGE_AUDIO
    return None if upload.content else sentences.UNREADABLE_AUDIO


def refuse_image(upload: Upload, traits: WpaicgTraits) -> str | None:
    """
    Return why a picture is refused, or None.

    Its name and content decide, not the type that was sent; animated GIFs pass.
    """
    good = _ending(upload) in _PICTURES and _MAGIC.match(upload.content)
    return None if good or not traits.image_check else sentences.WRONG_IMAGE_TYPE


def _ending(upload: Upload) -> str:
    return upload.name.rpartition(".")[2].lower()
