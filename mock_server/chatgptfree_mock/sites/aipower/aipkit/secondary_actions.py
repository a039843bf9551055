"""The actions for a fresh nonce and for conversations: their list, their history, feedback, deletion."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.aipkit.access import NONCE_ACTION, AccessCheck, bot_id_in
from chatgptfree_mock.sites.aipower.aipkit.action_answers import refuse, refuse_nonce, succeed
from chatgptfree_mock.sites.aipower.aipkit.chat_request import owner_of
from chatgptfree_mock.sites.aipower.aipkit.chat_service import ChatService
from chatgptfree_mock.sites.aipower.aipkit.log import ConversationKey, Log, LogEntry
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import ActionHandler, AjaxCall
from chatgptfree_mock.sites.wordpress.visitors import Visitors

_TITLE_WORDS: Final = 5


class AipkitSecondaryActions:
    """The secondary actions of one site."""

    def __init__(self, access: AccessCheck, visitors: Visitors, service: ChatService, traits: AipkitTraits) -> None:
        self._access = access
        self._visitors = visitors
        self._service = service
        self._traits = traits
        self._log: Log = service.log

    def handlers(self) -> Mapping[str, ActionHandler]:
        """Return the actions that exist in every release."""
        return {
            "aipkit_get_conversations_list": self._guarded(self._conversations),
            "aipkit_get_conversation_history": self._guarded(self._history),
            "aipkit_store_feedback": self._guarded(self._feedback),
            "aipkit_delete_single_conversation": self._guarded(self._delete),
        }

    def nonce(self, call: AjaxCall) -> SiteReply:
        """Return a fresh nonce; the request itself needs no nonce."""
        if self._access.foreign(call, bot_id_in(call.fields.request)):
            return refuse(call, 403, sentences.NOT_PERMITTED, code="cors_denied")
        nonce = self._visitors.issue(NONCE_ACTION, now=call.now, user=call.user)
        return succeed(call, {"nonce": nonce})

    def form_submission(self, call: AjaxCall) -> SiteReply:
        """Accept a submitted form; without the paid triggers the plugin does nothing with it."""
        return self._guarded(self._form)(call)

    def _form(self, call: AjaxCall, place: ConversationKey) -> SiteReply:
        post, traits = call.fields.post, self._traits
        if not (place.bot_id and place.conversation and forms.scalar(post, traits.form_id_field)):
            return refuse(call, 400, sentences.NO_FORM_FIELDS, code="missing_params")
        if not _is_json_object(forms.scalar(post, traits.form_data_field) or ""):
            return refuse(call, 400, sentences.BAD_FORM_DATA, code="invalid_submitted_data")
        if not place.owner:
            return refuse(call, 400, sentences.NO_FORM_OWNER, code="missing_identifier")
        return succeed(call, {"message": sentences.FORM_SUBMITTED})

    def _guarded(self, action: Callable[[AjaxCall, ConversationKey], SiteReply]) -> ActionHandler:
        def answer(call: AjaxCall) -> SiteReply:
            if not self._access.nonce_fits(call):
                return refuse_nonce(call)
            post = call.fields.post
            session = php.sanitize_text_field(forms.scalar(post, "session_id") or "")
            conversation = php.sanitize_key(forms.scalar(post, "conversation_uuid") or "")
            owner = owner_of(call, session) if call.user.id or session else ""
            return action(call, ConversationKey(owner=owner, bot_id=bot_id_in(post), conversation=conversation))

        return answer

    def _conversations(self, call: AjaxCall, place: ConversationKey) -> SiteReply:
        if not place.bot_id:
            return refuse(call, 400, sentences.NO_BOT_ID)
        if not place.owner:
            return refuse(call, 400, sentences.NO_OWNER)
        listed = [
            {"id": conversation, "title": _title(conversation, entries), "timestamp": entries[-1].timestamp}
            for conversation, entries in self._log.conversations(place.owner, place.bot_id)
        ]
        return succeed(call, {"conversations": listed})

    def _history(self, call: AjaxCall, place: ConversationKey) -> SiteReply:
        if not place.bot_id or not place.conversation:
            return refuse(call, 400, sentences.NO_CONVERSATION_OR_BOT)
        if not place.owner:
            return refuse(call, 400, sentences.NO_HISTORY_SESSION)
        if not self._traits.pending_form:
            return succeed(call, {"history": [_entry_json(entry) for entry in self._log.entries(place)]})
        form_only = forms.scalar(call.fields.post, "pending_form_only") in ("1", "true")
        entries = [] if form_only else self._log.entries(place)
        return succeed(call, {"history": [_entry_json(entry) for entry in entries], "pending_form": None})

    def _feedback(self, call: AjaxCall, place: ConversationKey) -> SiteReply:
        kind = php.sanitize_key(forms.scalar(call.fields.post, "feedback_type") or "")
        message_id = php.sanitize_key(forms.scalar(call.fields.post, "message_id") or "")
        known = ("up", "down", "none") if self._traits.none_feedback else ("up", "down")
        if kind not in known or not (message_id and place.bot_id and place.conversation):
            return refuse(call, 400, sentences.NO_FEEDBACK_DATA, code="invalid_feedback_data")
        if not place.owner:
            return refuse(call, 400, sentences.NO_FEEDBACK_OWNER, code="missing_identifier")
        if not self._log.entries(place):
            return refuse(call, 404, sentences.UNKNOWN_CONVERSATION, code="conversation_not_found")
        if not self._log.rate(place, message_id, None if kind == "none" else kind):
            return refuse(call, 404, sentences.UNKNOWN_MESSAGE, code="message_not_found")
        words = sentences.FEEDBACK_REMOVED if kind == "none" else sentences.FEEDBACK_SAVED
        return succeed(call, {"message": words, "feedback": kind})

    def _delete(self, call: AjaxCall, place: ConversationKey) -> SiteReply:
        if not place.bot_id or not place.conversation:
            return refuse(call, 400, sentences.NO_CONVERSATION_OR_BOT)
        if not place.owner:
            return refuse(call, 400, sentences.NOBODY)
        if not self._log.delete(place):
            return refuse(call, 404, sentences.UNKNOWN_CONVERSATION, code="conversation_not_found")
        return succeed(call, {"message": sentences.CONVERSATION_DELETED})


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _title(conversation: str, entries: list[LogEntry]) -> str:
    """Return the first words of the first question."""
    first = next((entry.content for entry in entries if entry.role == "user"), entries[0].content)
    words = php.strip_all_tags(first).split()
    return " ".join(words[:_TITLE_WORDS]) + ("..." if len(words) > _TITLE_WORDS else "") if words else conversation


def _entry_json(entry: LogEntry) -> dict[str, Any]:
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
