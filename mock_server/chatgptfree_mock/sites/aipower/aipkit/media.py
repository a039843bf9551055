"""
Speech and images of the chat: text to speech, speech recognition, image generation.

The results are placeholders: a silent recording, one word, an image of one pixel.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.sites.aipower.aipkit.access import AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.action_answers import refuse, refuse_nonce, succeed
from chatgptfree_mock.sites.aipower.aipkit.audio import refuse_field, refuse_file, silence
from chatgptfree_mock.sites.aipower.aipkit.chat_request import owner_of
from chatgptfree_mock.sites.aipower.aipkit.chat_service import ChatService
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey, LogEntry
from chatgptfree_mock.sites.aipower.aipkit.speech_operations import SpeechOperations, operation_id
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.aipower.settings import Bot
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import ActionHandler, AjaxCall

_CLOUD: Final = "AIPufferCloud"
HEARD: Final = "Hello"
_PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Media:
    """Speech and images of one site."""

    def __init__(
        self, access: AccessCheck, store: Store, service: ChatService, release: PluginRelease, traits: AipkitTraits
    ) -> None:
        self._operations = SpeechOperations(store, broken=service.is_broken("speech"))
        self._access = access
        self._service = service
        self._traits = traits
        # A bot without the setting is as the release makes a new one, which its page shows in the same key.
        self._fresh_voice = any(row.slot == "enableVoiceInputUI" and row.value for row in release.page.keys)

    def handlers(self) -> Mapping[str, ActionHandler]:
        """Return the actions of this release with their handlers."""
        status: dict[str, ActionHandler] = (
            {"aipkit_speech_request_status": self.status} if self._traits.speech_status else {}
        )
        return {
            "aipkit_generate_speech": self.speak,
            "aipkit_transcribe_audio": self.transcribe,
            "aipkit_chat_generate_image": self.generate_image,
            **status,
        }

    def status(self, call: AjaxCall) -> SiteReply:
        """Return the state of a request for audio as the bot's settings have it; only the plugin's cloud has one."""
        if not self._access.nonce_fits(call):
            return refuse_nonce(call)
        if (refused := self._refuse_throttled(call)) is not None:
            return refused
        bot_id = bot_id_in(call.fields.post)
        bot = self._service.bot(bot_id)
        refused = self._operations.refuse_status(call, bot_id)
        if refused is not None or bot is None:
            return refused or refuse(call, 404, sentences.NO_AUDIO_REQUEST, code="speech_request_missing")
        return succeed(call, {"state": bot.cloud_state})

    def _refuse_throttled(self, call: AjaxCall) -> SiteReply | None:
        """Refuse an address that is banned or throttled, on releases that check it here."""
        if not self._traits.media_checks:
            return None
        refusal = self._service.refuse_address(call.request.remote, call.now, exempt=call.user.administrator)
        return None if refusal is None else refuse(call, refusal.status, refusal.words, code=refusal.code)

    def _refuse_speech(self, call: AjaxCall, bot: Bot | None) -> SiteReply | None:
        """Refuse speech for the reasons that apply to messages to *bot*: banned address, throttle, quota."""
        throttled = self._refuse_throttled(call)
        if throttled is not None or bot is None or not self._traits.media_checks:
            return throttled
        refusal = self._service.quotas.refuse(_quota_owner(call), bot.id, guest=not call.user.id)
        if refusal is not None:
            return refuse(call, refusal.status, refusal.words, code=refusal.code)
        return self._operations.begin(call, bot.id) if bot.provider == _CLOUD else None

    def _refuse_after_failure(self, call: AjaxCall, bot: Bot | None) -> SiteReply | None:
        """Report a failure of the provider, on releases that do: status (else 500), message, code and details."""
        reports = self._traits.media_failures == "provider"
        failure = self._service.media_failure(bot) if bot is not None and reports else None
        if bot is None or failure is None:
            return None
        more: dict[str, object] = {}
        if bot.provider == _CLOUD:
            more = {"operation_id": operation_id(call)} if operation_id(call) else {}
            more |= {"stop_batch": True} if failure.stops_batch else {}
            more |= {} if failure.answered else {"outcome_unknown": True}
        return refuse(call, failure.status, failure.words, code=failure.code, more=more)

    def _refuse_unknown_bot(self, call: AjaxCall, bot: Bot | None, code: str = "") -> SiteReply | None:
        known = bot is not None and bot.published
        return refuse(call, 400, sentences.NO_BOT, code=code) if self._traits.media_checks and not known else None

    def _refuse_without_voice(self, call: AjaxCall, bot: Bot | None) -> SiteReply | None:
        if bot is None or not self._traits.media_checks:
            return None
        heard = self._fresh_voice if bot.voice is None else bot.voice
        if not heard:
            return refuse(call, 403, sentences.NO_VOICE)
        return None if bot.transcriber else refuse(call, 400, sentences.NO_TRANSCRIBER)

    def _refuse_without_images(self, call: AjaxCall, bot: Bot | None) -> SiteReply | None:
        if bot is None or bot.images or not self._traits.media_checks:
            return None
        return refuse(call, 403, sentences.NO_IMAGES, code="chat_image_generation_disabled")

    def _refuse_without_image_model(self, call: AjaxCall, bot: Bot | None) -> SiteReply | None:
        if bot is None or bot.image_model or not self._traits.media_checks:
            return None
        return refuse(call, 400, sentences.NO_IMAGE_MODEL, code="chat_image_model_unavailable")

    def speak(self, call: AjaxCall) -> SiteReply:
        """Convert a text to speech, for bots with speech enabled."""
        post = call.fields.post
        if not self._access.nonce_fits(call):
            return refuse_nonce(call)
        text = php.sanitize_textarea_field(forms.scalar(post, "text") or "")
        bot = self._service.bot(bot_id_in(post))
        if php.empty(text):
            return refuse(call, 400, sentences.NO_SPEECH_TEXT)
        if not bot_id_in(post):
            return refuse(call, 400, sentences.NO_BOT_ID)
        if (unknown := self._refuse_unknown_bot(call, bot)) is not None:
            return unknown
        if bot is None or not bot.speech:
            return refuse(call, 400, sentences.NO_SPEECH)
        if (refused := self._refuse_speech(call, bot) or self._refuse_after_failure(call, bot)) is not None:
            return refused
        if (size := self._traits.speech_token) > 0:
            self._service.quotas.use(_quota_owner(call), bot.id, -(-len(text) // size))
        spoken = base64.b64encode(silence(len(text) * 60)).decode()
        return succeed(call, {"audio_data_base64": spoken, "mime_type": "audio/wav"})

    def transcribe(self, call: AjaxCall) -> SiteReply:
        """Transcribe a recording: an uploaded file, or base64 in a field as older pages send it."""
        bot_id = bot_id_in(call.fields.post)
        if self._access.foreign(call, bot_id):
            return refuse(call, 403, sentences.NO_EMBEDDING, code="embed_not_available")
        if not self._access.nonce_fits(call):
            return refuse_nonce(call, code="nonce_failure" if self._traits.media_checks else "")
        if not bot_id:
            return refuse(call, 400, sentences.NO_TRANSCRIBING_BOT_ID)
        bot = self._service.bot(bot_id)
        refused = (
            self._refuse_unknown_bot(call, bot)
            or self._refuse_without_voice(call, bot)
            or self._refuse_speech(call, bot)
        )
        if refused is not None:
            return refused
        file = call.fields.files.get("audio_file")
        problem = refuse_field(call) if file is None or file.error else refuse_file(file, self._traits)
        if problem is not None:
            return refuse(call, *problem)
        return self._refuse_after_failure(call, bot) or succeed(call, {"transcription": HEARD})

    def generate_image(self, call: AjaxCall) -> SiteReply:
        """Generate an image and log the prompt."""
        post = call.fields.post
        if not self._access.nonce_fits(call):
            return refuse_nonce(call)
        bot_id, session = bot_id_in(post), php.sanitize_text_field(forms.scalar(post, "session_id") or "")
        conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
        if not bot_id:
            return refuse(call, 400, sentences.NO_BOT_ID, code="missing_bot_id")
        if not conversation:
            return refuse(call, 400, sentences.NO_CONVERSATION, code="missing_conv_uuid")
        if not call.user.id and not session:
            return refuse(call, 400, sentences.NO_GUEST_SESSION, code="missing_session_id")
        bot = self._service.bot(bot_id)
        refused = (
            self._refuse_unknown_bot(call, bot, "invalid_bot_id")
            or self._refuse_without_images(call, bot)
            or self._refuse_throttled(call)
            or self._refuse_without_image_model(call, bot)
            or self._refuse_after_failure(call, bot)
        )
        if refused is not None:
            return refused
        prompt = php.sanitize_textarea_field(forms.scalar(post, "prompt") or "")
        place = ConversationKey(owner=owner_of(call, session), bot_id=bot_id, conversation=conversation)
        message_id = self._log_image(call, place, prompt)
        image = {"url": None, "b64_json": _PIXEL, "revised_prompt": prompt}
        return succeed(call, {"type": "image", "images": [image], "prompt": prompt, "message_id": message_id})

    def _log_image(self, call: AjaxCall, place: ConversationKey, prompt: str) -> str:
        """Log the prompt and the image under one id, as the plugin does, and return that id."""
        post = call.fields.post
        made = self._service.message_id(call.now).replace(".", "")
        message_id = php.sanitize_key(forms.scalar(post, "user_message_id") or "") or made
        original_prompt = php.sanitize_textarea_field(forms.scalar(post, "original_user_text") or prompt)
        placeholder = f'[Image generated for prompt: "{php.esc_html(prompt[:50])}..."]'
        for role, content in (("user", original_prompt), ("bot", placeholder)):
            entry = LogEntry(role=role, content=content, timestamp=int(call.now), message_id=message_id)
            self._service.log.add(place, entry)
        return message_id


def _quota_owner(call: AjaxCall) -> str:
    """
    Return the owner of the quota that speech counts towards.

    For a guest without a session it is, since 2.3.94, the address with the browser.
    """
    session = php.sanitize_text_field(forms.scalar(call.fields.post, "session_id") or "")
    agent = call.request.header("User-Agent") or ""
    return owner_of(call, session) if call.user.id or session else f"guest at {call.request.remote} with {agent}"
