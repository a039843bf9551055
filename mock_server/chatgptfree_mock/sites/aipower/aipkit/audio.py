"""Recordings of speech: which ones the plugin accepts, and a silent one."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final

from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.wordpress import forms
from chatgptfree_mock.sites.wordpress.call import AjaxCall

LARGEST_AUDIO: Final = 4 * 1024 * 1024
_ENDINGS: Final = (".webm", ".wav", ".mp3", ".ogg")
_TYPES: Final = ("audio/webm", "audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp3", "audio/ogg")
_MORE_ENDINGS: Final = (*_ENDINGS, ".aiff", ".aac", ".flac", ".mp4", ".m4a")
_MORE_TYPES: Final = (
    *_TYPES,
    *("audio/vnd.wave", "audio/aiff", "audio/x-aiff", "audio/aac", "audio/flac", "audio/x-flac"),
    *("audio/mp4", "video/mp4", "application/mp4", "audio/m4a", "audio/x-m4a"),
)


def refuse_file(file: forms.Upload, traits: AipkitTraits) -> tuple[int, str] | None:
    """Return status and words of the refusal of an uploaded recording; None if it is accepted."""
    if not file.content:
        return 400, sentences.EMPTY_AUDIO
    if len(file.content) > LARGEST_AUDIO:
        return 413, sentences.LARGE_AUDIO_FILE.format(most=LARGEST_AUDIO)
    many = traits.audio_types == "many"
    types, endings = (_MORE_TYPES, _MORE_ENDINGS) if many else (_TYPES, _ENDINGS)
    known = file.type.partition(";")[0] in types or file.name.lower().endswith(endings)
    known = known or (traits.audio_type_from == "content" and _is_audio(file.content))
    return None if known else (400, sentences.WRONG_AUDIO_TYPE)


def _is_audio(content: bytes) -> bool:
    """Return whether the content begins with the magic number of WAV, AIFF, Ogg, FLAC, MP3 or MP4."""
    head = content[:12]
    return (
        head.startswith((b"OggS", b"fLaC", b"ID3", b"\xff\xfb"))
        or (head[:4], head[8:])
        in (
            (b"RIFF", b"WAVE"),
            (b"FORM", b"AIFF"),
        )
        or head[4:8] == b"ftyp"
    )


def refuse_field(call: AjaxCall) -> tuple[int, str] | None:
    """Return status and words of the refusal of a recording in base64; None if it is accepted."""
    sent = forms.scalar(call.fields.post, "audio_data") or ""
    head, mark, data = sent.partition("base64,")
    try:
        content = base64.b64decode(data if mark else head, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        return 400, sentences.INVALID_AUDIO
    if len(content) > LARGEST_AUDIO:
        return 413, sentences.LARGE_AUDIO.format(most=LARGEST_AUDIO)
    return None


def silence(ms: int) -> bytes:
    """Return a silent WAV file of that many milliseconds, ten seconds at most."""
    samples = b"\x80" * (8 * min(ms, 10_000))
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8) + struct.pack("<4sI", b"data", len(samples))
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(samples), b"WAVE") + head + samples
