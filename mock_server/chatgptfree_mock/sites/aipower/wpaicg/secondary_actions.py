"""
The secondary actions of the chat: feedback, the contact form, speech, the search.

Feedback and leads belong to an answer in the log, which a bot may not keep.  Speech and search only check their nonce
and then report an error, as on a site without them: their other answers were never recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.parts import Parts
from chatgptfree_mock.sites.aipower.releases import wpaicg_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.wpaicg_traits import WpaicgTraits
from chatgptfree_mock.sites.aipower.wpaicg.access import NONCE, refuse_nonce
from chatgptfree_mock.sites.aipower.wpaicg.usage_store import UsageStore
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.call import ActionHandler, AjaxCall
from chatgptfree_mock.sites.wordpress.forms import scalar

_NONCE_FIELDS = {
    "wpaicg_google_speech": "nonce",
    "wpaicg_openai_speech": "nonce",
    "wpaicg_text_to_speech": "nonce",
    "wpaicg_speech_error_log": "nonce",
    "wpaicg_search_data": "_wpnonce",
}
"""Actions for other parts of the plugin's scripts, each with the field in which it sends the chat's nonce."""


class WpaicgSecondaryActions:
    """Answers the secondary actions of one site."""

    def __init__(self, parts: Parts, traits: WpaicgTraits, usage: UsageStore) -> None:
        self._parts, self._traits, self._usage = parts, traits, usage
        self._forms: dict[str, ActionHandler] = {"wpaicg_submit_feedback": self._feedback}
        if traits.leads:
            self._forms["wpaicg_submit_lead"] = self._lead

    def handlers(self) -> Mapping[str, ActionHandler]:
        """Return the actions of this release, with their handlers."""
        return self._forms | {action: partial(self._fail, field) for action, field in _NONCE_FIELDS.items()}

    def _feedback(self, call: AjaxCall) -> SiteReply:
        refused = self._refuse(call)
        if refused is not None:
            return refused
        chat, opinion = _sent(call, "chatId"), _sent(call, "feedbackType")
        if php.empty(chat) or php.empty(opinion):
            return _error(call, error=sentences.INVALID_FEEDBACK)
        return self._store(call, chat, sentences.FEEDBACK_SAVED)

    def _lead(self, call: AjaxCall) -> SiteReply:
        refused = self._refuse(call)
        if refused is not None:
            return refused
        if all(php.empty(_sent(call, field)) for field in ("lead_name", "lead_email", "lead_phone")):
            return _error(call, error=sentences.NO_LEAD)
        chat = _sent(call, "chatId").replace("wpaicg-chat-message-", "")
        if php.empty(chat):
            return _error(call, error=sentences.NO_CHAT_ID)
        return self._store(call, chat, sentences.LEAD_SAVED)

    def _store(self, call: AjaxCall, chat: str, thanks: str) -> SiteReply:
        if not self._usage.remembers(chat):
            return _error(call, error=sentences.UNKNOWN_CHAT)
        return SiteReply(response=call.core.success(thanks), why=("stored",))

    def _refuse(self, call: AjaxCall) -> SiteReply | None:
        refused = refuse_nonce(call, self._parts, self._traits)
        if refused is None or self._traits.nonce_refusal != "json":
            return refused
        # The chat sends this as an error, the forms do not.
        return SiteReply(response=call.core.json({"msg": sentences.BAD_NONCE}), why=refused.why, refused="nonce")

    def _fail(self, field: str, call: AjaxCall) -> SiteReply:
        nonce = scalar(call.fields.request, field) or ""
        good = bool(self._parts.visitors.check(nonce, NONCE, now=call.now, user=call.user))
        response = call.core.json(
            {"status": "error", "msg": sentences.SOMETHING_WRONG if good else sentences.BAD_NONCE}
        )
        why = "no site is set up for this" if good else "the nonce is not accepted"
        return SiteReply(response=response, why=(why,), refused=None if good else "nonce")


def _sent(call: AjaxCall, field: str) -> str:
    return php.sanitize_text_field(scalar(call.fields.post, field) or "")


def _error(call: AjaxCall, *, error: str) -> SiteReply:
    return SiteReply(response=call.core.error(error), why=(error,))
