"""
The small actions around the chat: feedback on an answer, and the form that asks who the visitor is.

What they say in so many words was never recorded; their shape and status are those of `wp_send_json_success`.
"""

from __future__ import annotations

from functools import partial

from chatgptfree_mock.wordpress import php
from chatgptfree_mock.wordpress.call import Answered, Call, Handler, Parts
from chatgptfree_mock.wordpress.forms import scalar
from chatgptfree_mock.wordpress.releases.wpaicg import Traits
from chatgptfree_mock.wordpress.wpaicg.gate import NONCE

_FEEDBACK, _LEAD = "wpaicg_submit_feedback", "wpaicg_submit_lead"


class Sidelines:
    """Answers feedback and leads of one site."""

    def __init__(self, parts: Parts, traits: Traits) -> None:
        self._visitors = parts.visitors
        self._actions = {_FEEDBACK, _LEAD} if traits.leads else {_FEEDBACK}

    def handler(self, action: str) -> Handler | None:
        """Return what answers *action* if this release has it."""
        return partial(self._answer, action) if action in self._actions else None

    def _answer(self, action: str, call: Call) -> Answered:
        nonce = scalar(call.fields.request, "_wpnonce") or ""
        if not self._visitors.check(nonce, NONCE, now=call.now, user=call.user):
            return Answered(response=call.core.error("Nonce verification failed"), why=("the nonce is not accepted",))
        if php.empty(php.trim(scalar(call.fields.post, "chatId") or "")):
            return Answered(response=call.core.error("Missing chatId"), why=("no chatId",))
        said = "Feedback submitted successfully." if action == _FEEDBACK else "Lead submitted successfully."
        return Answered(response=call.core.success(said), why=("written down",))
