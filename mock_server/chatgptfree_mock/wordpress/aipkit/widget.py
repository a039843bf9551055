"""
The other actions of the chat on the page: the nonce, the list of conversations, their history, feedback, speech.

What a model hears and paints is made up: silence, one word, one pixel.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatgptfree_mock.wordpress import forms, php
from chatgptfree_mock.wordpress.aipkit.gate import NONCE_ACTION, NOT_PERMITTED, Gate, bot_id_in
from chatgptfree_mock.wordpress.aipkit.log import Entry, Log, Place
from chatgptfree_mock.wordpress.aipkit.turn import Turns, owner_of
from chatgptfree_mock.wordpress.call import Answered, Call, Handler
from chatgptfree_mock.wordpress.visitors import Visitors

_TITLE_WORDS: Final = 5
_TRANSCRIPT: Final = "Hello"
_PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one pixel, which is all that this model paints."""


class Widget:
    """The small actions of one site."""

    def __init__(self, gate: Gate, visitors: Visitors, turns: Turns) -> None:
        self._gate = gate
        self._visitors = visitors
        self._turns = turns
        self._log: Log = turns.log

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions that exist in every release."""
        return {
            "aipkit_get_conversations_list": self._guarded(self._conversations),
            "aipkit_get_conversation_history": self._guarded(self._history),
            "aipkit_store_feedback": self._guarded(self._feedback),
            "aipkit_delete_single_conversation": self._guarded(self._delete),
            "aipkit_generate_speech": self._guarded(self._speak),
            "aipkit_transcribe_audio": self._guarded(self._transcribe),
            "aipkit_chat_generate_image": self._guarded(self._paint),
        }

    def nonce(self, call: Call) -> Answered:
        """Give out a fresh nonce; nobody needs one for it."""
        if self._gate.foreign(call, bot_id_in(call.fields.request)):
            data = {"message": NOT_PERMITTED, "code": "cors_denied"}
            return Answered(response=call.core.error(data, status=403), why=("cors_denied",))
        nonce = self._visitors.issue(NONCE_ACTION, now=call.now, user=call.user)
        return Answered(response=call.core.success({"nonce": nonce}), why=("a fresh nonce",))

    def _guarded(self, action: Callable[[Call, Place], Answered]) -> Handler:
        def answer(call: Call) -> Answered:
            if not self._gate.nonce_fits(call):
                return _refuse(call, 403, "Security check failed (nonce).", code="nonce_failure")
            post = call.fields.post
            session = php.sanitize_text_field(forms.scalar(post, "session_id") or "")
            conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
            owner = owner_of(call, session) if call.user.id or session else ""
            return action(call, Place(owner=owner, bot_id=bot_id_in(post), conversation=conversation))

        return answer

    def _conversations(self, call: Call, place: Place) -> Answered:
        if not place.bot_id:
            return _refuse(call, 400, "Bot ID is required.")
        if not place.owner:
            return _refuse(call, 400, "User or Session ID is required.")
        listed = [
            {"id": conversation, "title": _title(conversation, entries), "timestamp": entries[-1].timestamp}
            for conversation, entries in self._log.conversations(place.owner, place.bot_id)
        ]
        return _succeed(call, {"conversations": listed})

    def _history(self, call: Call, place: Place) -> Answered:
        if not place.bot_id or not place.conversation:
            return _refuse(call, 400, "Bot ID and Conversation ID are required.")
        if not place.owner:
            return _refuse(call, 400, "Session ID is required for guest history.")
        return _succeed(call, {"history": [_shown(entry) for entry in self._log.entries(place)]})

    def _feedback(self, call: Call, place: Place) -> Answered:
        kind = php.sanitize_key(forms.scalar(call.fields.post, "feedback_type") or "")
        message_id = php.sanitize_key(forms.scalar(call.fields.post, "message_id") or "")
        if kind not in ("up", "down", "none") or not (message_id and place.bot_id and place.conversation):
            return _refuse(call, 400, "Missing required data for feedback.", code="invalid_feedback_data")
        if not place.owner:
            return _refuse(call, 400, "User or Session ID is required for feedback.", code="missing_identifier")
        if not self._log.entries(place):
            return _refuse(call, 404, "Conversation not found.", code="conversation_not_found")
        if not self._log.rate(place, message_id, None if kind == "none" else kind):
            return _refuse(call, 404, "Message not found within the conversation.", code="message_not_found")
        words = "Feedback removed." if kind == "none" else "Feedback saved."
        return _succeed(call, {"message": words, "feedback": kind})

    def _delete(self, call: Call, place: Place) -> Answered:
        if not place.bot_id or not place.conversation:
            return _refuse(call, 400, "Bot ID and Conversation ID are required.")
        if not place.owner:
            return _refuse(call, 400, "Cannot identify user or session.")
        if not self._log.delete(place):
            return _refuse(call, 404, "Conversation not found.", code="conversation_not_found")
        return _succeed(call, {"message": "Conversation deleted."})

    def _speak(self, call: Call, place: Place) -> Answered:
        text = php.sanitize_textarea_field(forms.scalar(call.fields.post, "text") or "")
        bot = self._turns.bot(place.bot_id)
        if php.empty(text):
            return _refuse(call, 400, "Text cannot be empty.")
        if not place.bot_id:
            return _refuse(call, 400, "Bot ID is required.")
        if bot is None or not bot.speech:
            return _refuse(call, 400, "Voice playback is not enabled for this chatbot.")
        spoken = base64.b64encode(_silence(len(text) * 60)).decode()
        return _succeed(call, {"audio_data_base64": spoken, "mime_type": "audio/wav"})

    def _transcribe(self, call: Call, place: Place) -> Answered:
        if not any(file.content for file in call.fields.files.values()):
            return _refuse(call, 400, "No audio data received.")
        return _succeed(call, {"transcription": _TRANSCRIPT})

    def _paint(self, call: Call, place: Place) -> Answered:
        prompt = php.trim(forms.scalar(call.fields.post, "prompt") or "")
        if not prompt:
            return _refuse(call, 400, "Image prompt cannot be empty.")
        asked = forms.scalar(call.fields.post, "original_user_text") or prompt
        sent_id = php.sanitize_key(forms.scalar(call.fields.post, "user_message_id") or "")
        self._log.add(place, Entry(role="user", content=asked, timestamp=int(call.now), message_id=sent_id))
        ident = self._turns.message_id(call.now).replace(".", "")
        image: dict[str, Any] = {"url": None, "b64_json": _PIXEL, "revised_prompt": prompt}
        return _succeed(call, {"images": [image], "message_id": ident})


def _title(conversation: str, entries: list[Entry]) -> str:
    """Return the first words of what was first asked."""
    first = next((entry.content for entry in entries if entry.role == "user"), entries[0].content)
    words = php.strip_all_tags(first).split()
    return " ".join(words[:_TITLE_WORDS]) + ("..." if len(words) > _TITLE_WORDS else "") if words else conversation


def _shown(entry: Entry) -> dict[str, Any]:
    usage = None if entry.tokens is None else {"total_tokens": entry.tokens}
    optional = {
        "provider": entry.provider,
        "model": entry.model,
        "usage": usage,
        "openai_response_id": entry.response_id,
        "feedback": entry.feedback,
    }
    shown: dict[str, Any] = {
        "message_id": entry.message_id,
        "role": entry.role,
        "content": entry.content,
        "timestamp": entry.timestamp,
    }
    return {**shown, **{name: value for name, value in optional.items() if value is not None}}


def _silence(ms: int) -> bytes:
    """Return so many milliseconds of nothing as a WAV file, ten seconds at most."""
    samples = b"\x80" * (8 * min(ms, 10_000))
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8) + struct.pack("<4sI", b"data", len(samples))
    return struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(samples), b"WAVE") + head + samples


def _succeed(call: Call, data: Mapping[str, Any]) -> Answered:
    return Answered(response=call.core.success(data), why=("done",))


def _refuse(call: Call, status: int, words: str, *, code: str = "") -> Answered:
    data = {"message": words, "code": code} if code else {"message": words}
    return Answered(response=call.core.error(data, status=status), why=(words,))
