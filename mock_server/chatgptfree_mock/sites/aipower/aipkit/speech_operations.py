"""
Speech by the plugin's cloud: each request has an operation id that the page made, valid for one request.

With the id the page fetches the outcome later, by `aipkit_speech_request_status`.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.sites.aipower.aipkit.action_answers import refuse
from chatgptfree_mock.sites.aipower.releases import aipkit_sentences as sentences
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall

LIFE: Final = 86_400.0
"""Seconds during which the outcome can be fetched: one day."""
_MOST: Final = 10_000
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class _Operation(msgspec.Struct, frozen=True, kw_only=True):
    since: float
    remote: str
    bot_id: int


class SpeechOperations:
    """The requests for speech that one site has passed on to the cloud; all fail if their table is *broken*."""

    def __init__(self, store: Store, *, broken: bool = False) -> None:
        self._broken = broken
        self._operations = store.table("speech operations", _Operation, capacity=_MOST)

    def begin(self, call: AjaxCall, bot_id: int) -> SiteReply | None:
        """Record the operation that *call* names; return the refusal if its id is malformed or already used."""
        name = operation_id(call)
        if not _ID.fullmatch(name):
            return refuse(call, 400, sentences.NO_OPERATION_ID, code="invalid_operation_id")
        if self._broken:
            return refuse(call, 503, sentences.AUDIO_NOT_SAVED, code="speech_request_storage_failed")
        new = _Operation(since=call.now, remote=call.request.remote, bot_id=bot_id)
        # Compared by identity: of two requests with one id, only the first finds its own entry.
        if self._operations.update((name,), lambda old: old or new) is not new:
            return refuse(
                call,
                409,
                sentences.AUDIO_OUTCOME_UNKNOWN,
                code="cloud_outcome_unknown",
                more={"operation_id": name},
            )
        return None

    def refuse_status(self, call: AjaxCall, bot_id: int) -> SiteReply | None:
        """Return why *call* is refused: the operation must be of this bot and address, and less than a day old."""
        if self._broken:
            return refuse(call, 503, sentences.AUDIO_NOT_CHECKED, code="speech_status_unavailable")
        operation = self._operations.get((operation_id(call),))
        known = (
            operation is not None
            and (operation.remote, operation.bot_id) == (call.request.remote, bot_id)
            and call.now - operation.since <= LIFE
        )
        return None if known else refuse(call, 404, sentences.NO_AUDIO_REQUEST, code="speech_request_missing")


def operation_id(call: AjaxCall) -> str:
    """Return the operation id that *call* sends, empty if it sends none."""
    return php.sanitize_text_field(forms.scalar(call.fields.post, "operation_id") or "")
