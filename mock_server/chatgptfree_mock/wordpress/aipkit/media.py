"""
Speech and images of the chat: answers read out, messages spoken, pictures painted.

What the models behind them hear and make is made up: silence, one word, one pixel.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Final

from chatgptfree_mock.wordpress import forms, php
from chatgptfree_mock.wordpress.aipkit.gate import NO_EMBEDDING, Gate, bot_id_in
from chatgptfree_mock.wordpress.aipkit.log import Entry, Place
from chatgptfree_mock.wordpress.aipkit.turn import Turns, owner_of
from chatgptfree_mock.wordpress.aipkit.wording import refuse, refuse_nonce, succeed
from chatgptfree_mock.wordpress.call import Answered, Call, Handler

LARGEST_AUDIO: Final = 4 * 1024 * 1024
HEARD: Final = "Hello"
_ENDINGS: Final = (".webm", ".wav", ".mp3", ".ogg")
_TYPES: Final = ("audio/webm", "audio/wav", "audio/x-wav", "audio/mpeg", "audio/mp3", "audio/ogg")
_PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Media:
    """Speech and images of one site."""

    def __init__(self, gate: Gate, turns: Turns) -> None:
        self._gate = gate
        self._turns = turns

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions, which exist in every release."""
        return {
            "aipkit_generate_speech": self.speak,
            "aipkit_transcribe_audio": self.transcribe,
            "aipkit_chat_generate_image": self.paint,
        }

    def speak(self, call: Call) -> Answered:
        """Read a text out, for bots that may."""
        post = call.fields.post
        if not self._gate.nonce_fits(call):
            return refuse_nonce(call)
        text = php.sanitize_textarea_field(forms.scalar(post, "text") or "")
        bot = self._turns.bot(bot_id_in(post))
        if php.empty(text):
            return refuse(call, 400, "Text cannot be empty.")
        if not bot_id_in(post):
            return refuse(call, 400, "Bot ID is required.")
        if bot is None or not bot.speech:
            return refuse(call, 400, "Voice playback is not enabled for this chatbot.")
        spoken = base64.b64encode(_silence(len(text) * 60)).decode()
        return succeed(call, {"audio_data_base64": spoken, "mime_type": "audio/wav"})

    def transcribe(self, call: Call) -> Answered:
        """Understand a recording: a file, or base64 in a field as older pages send it."""
        bot_id = bot_id_in(call.fields.post)
        if self._gate.foreign(call, bot_id):
            return refuse(call, 403, NO_EMBEDDING, code="embed_not_available")
        if not self._gate.nonce_fits(call):
            return refuse_nonce(call, code="")
        if not bot_id:
            return refuse(call, 400, "Bot ID is required for transcription.")
        file = call.fields.files.get("audio_file")
        trouble = _look_at_field(call) if file is None or file.error else _look_at_file(file)
        if trouble is not None:
            return refuse(call, *trouble)
        return succeed(call, {"transcription": HEARD})

    def paint(self, call: Call) -> Answered:
        """Paint an image and log the wish for it."""
        post = call.fields.post
        if not self._gate.nonce_fits(call):
            return refuse_nonce(call)
        bot_id, session = bot_id_in(post), php.sanitize_text_field(forms.scalar(post, "session_id") or "")
        conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
        if not bot_id:
            return refuse(call, 400, "Bot ID is required.", code="missing_bot_id")
        if not conversation:
            return refuse(call, 400, "Conversation ID is required.", code="missing_conv_uuid")
        if not call.user.id and not session:
            return refuse(call, 400, "Session ID is missing for guest.", code="missing_session_id")
        prompt = php.sanitize_textarea_field(forms.scalar(post, "prompt") or "")
        place = Place(owner=owner_of(call, session), bot_id=bot_id, conversation=conversation)
        message_id = self._note_image(call, place, prompt)
        image = {"url": None, "b64_json": _PIXEL, "revised_prompt": prompt}
        return succeed(call, {"type": "image", "images": [image], "prompt": prompt, "message_id": message_id})

    def _note_image(self, call: Call, place: Place, prompt: str) -> str:
        """Log the wish and the image under one id, as the plugin does, and return it."""
        post = call.fields.post
        made = self._turns.message_id(call.now).replace(".", "")
        message_id = php.sanitize_key(forms.scalar(post, "user_message_id") or "") or made
        wish = php.sanitize_textarea_field(forms.scalar(post, "original_user_text") or prompt)
        painted = f'[Image generated for prompt: "{php.esc_html(prompt[:50])}..."]'
        for role, content in (("user", wish), ("bot", painted)):
            entry = Entry(role=role, content=content, timestamp=int(call.now), message_id=message_id)
            self._turns.log.add(place, entry)
        return message_id


def _look_at_file(file: forms.Upload) -> tuple[int, str] | None:
    if not file.content:
        return 400, "Uploaded audio file is empty."
    if len(file.content) > LARGEST_AUDIO:
        return 413, f"Audio file too large. Max size: {LARGEST_AUDIO} bytes."
    known = file.type.partition(";")[0] in _TYPES or file.name.lower().endswith(_ENDINGS)
    return None if known else (400, "Unsupported audio MIME type.")


def _look_at_field(call: Call) -> tuple[int, str] | None:
    sent = forms.scalar(call.fields.post, "audio_data") or ""
    head, mark, data = sent.partition("base64,")
    try:
        content = base64.b64decode(data if mark else head, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        return 400, "Invalid or empty audio data received."
    if len(content) > LARGEST_AUDIO:
        return 413, f"Audio data too large after decoding. Max size: {LARGEST_AUDIO} bytes."
    return None


def _silence(ms: int) -> bytes:
    """Return so many milliseconds of nothing as a WAV file, ten seconds at most."""
    samples = b"\x80" * (8 * min(ms, 10_000))
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8) + struct.pack("<4sI", b"data", len(samples))
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(samples), b"WAVE") + head + samples
