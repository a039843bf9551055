"""
`aipkit_cache_sse_message`: the first of two calls, which stores the message and returns a key for it.

Bots, banned words and quotas are checked by the stream, not here.  Text that is not UTF-8 is removed before anything is
encoded, so the plugin's error `json_encode_failed` never occurs.
"""

from __future__ import annotations

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.aipkit import images
from chatgptfree_mock.sites.aipower.aipkit.access import AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.action_answers import refuse, refuse_nonce
from chatgptfree_mock.sites.aipower.aipkit.cache import FILE_FIELDS, CachedMessage, MessageCache
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall


class CacheAction:
    """The cache call of one site."""

    def __init__(self, access: AccessCheck, cache: MessageCache, traits: AipkitTraits, *, broken: bool) -> None:
        """Make the action that writes to *cache*; if its table is *broken*, no message can be stored."""
        self._access = access
        self._cache = cache
        self._traits = traits
        self._broken = broken

    def answer(self, call: AjaxCall) -> SiteReply:
        """Cache the message of *call*, or refuse it."""
        post = call.fields.post
        if self._access.foreign(call, bot_id_in(post)):
            return refuse(call, 403, sentences.NO_EMBEDDING, code="embed_not_available")
        if not self._access.posted_nonce_fits(call):
            return refuse_nonce(call, sentences.SESSION_EXPIRED, code="nonce_failure_cache_sse")
        sent = images.read(forms.scalar(post, "image_inputs"), check=self._traits.image_check)
        if isinstance(sent, images.ImageRefusal):
            return refuse(call, sent.status, sent.words, code=sent.code)
        text = self._message(post.get("message", ""))
        if php.empty(text) and not sent:
            return refuse(call, 400, sentences.NOTHING_TO_CACHE, code="empty_data_to_cache")
        if self._broken:
            return refuse(call, 500, sentences.NOT_CACHED, code="sse_cache_db_insert_failed")
        message = CachedMessage(
            text=text,
            images=sent,
            client_id=php.sanitize_key(forms.scalar(post, "user_client_message_id") or ""),
            names_file=any(not php.empty(forms.scalar(post, name) or "") for name in FILE_FIELDS),
            names_google_file=not php.empty(forms.scalar(post, "active_google_file_context_token") or ""),
            resumes_form=self._traits.form_resume and forms.scalar(post, "resume_after_form_submission") == "1",
            form_token=forms.scalar(post, "form_resume_token") or "",
        )
        key = self._cache.put(message, now=call.now)
        return SiteReply(response=call.core.success({"cache_key": key}), why=("the message is kept for a minute",))

    def _message(self, sent: forms.Value) -> str:
        # PHP converts an array to the text "Array"; WordPress' sanitizer converts it to an empty text.
        if isinstance(sent, str):
            return self._cached_text(sent)
        return "" if self._traits.cached_message == "cleaned" else "Array"

    def _cached_text(self, text: str) -> str:
        if not php.is_utf8(text):
            return ""
        text = text.replace("\0", "")
        return php.sanitize_textarea_field(text) if self._traits.cached_message == "cleaned" else text
