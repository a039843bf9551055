"""
The small actions around the chat: feedback, the form that asks who a visitor is, speech, the search.

They exist and check their nonce; what they say beyond that was never recorded, so speech and search, for which no site
is set up here, only say that something went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from chatgptfree_mock.wordpress import php
from chatgptfree_mock.wordpress.call import Answered, Call, Handler, Parts
from chatgptfree_mock.wordpress.forms import scalar
from chatgptfree_mock.wordpress.releases.wpaicg import Traits
from chatgptfree_mock.wordpress.wpaicg.gate import NONCE

_REFUSED = "Nonce verification failed"
_FEEDBACK, _LEAD = "wpaicg_submit_feedback", "wpaicg_submit_lead"
_NONCE_FIELDS = {
    "wpaicg_google_speech": "nonce",
    "wpaicg_openai_speech": "nonce",
    "wpaicg_text_to_speech": "nonce",
    "wpaicg_speech_error_log": "nonce",
    "wpaicg_search_data": "_wpnonce",
}
"""Actions that other parts of the plugin's scripts call, and the field in which they send the chat's nonce."""


class Sidelines:
    """Answers the small actions of one site."""

    def __init__(self, parts: Parts, traits: Traits) -> None:
        self._visitors = parts.visitors
        self._forms = {_FEEDBACK, _LEAD} if traits.leads else {_FEEDBACK}

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions that this release has, and who answers them."""
        taken: dict[str, Handler] = {action: partial(self._take, action) for action in self._forms}
        return taken | {action: partial(self._fail, field) for action, field in _NONCE_FIELDS.items()}

    def _take(self, action: str, call: Call) -> Answered:
        if not self._good(call, "_wpnonce"):
            return Answered(response=call.core.error(_REFUSED), why=("the nonce is not accepted",), nonce_refused=True)
        if php.empty(php.trim(scalar(call.fields.post, "chatId") or "")):
            return Answered(response=call.core.error("Missing chatId"), why=("no chatId",))
        said = "Feedback submitted successfully." if action == _FEEDBACK else "Lead submitted successfully."
        return Answered(response=call.core.success(said), why=("written down",))

    def _fail(self, field: str, call: Call) -> Answered:
        good = self._good(call, field)
        response = call.core.json({"status": "error", "msg": "Something went wrong" if good else _REFUSED})
        why = "no site is set up for this" if good else "the nonce is not accepted"
        return Answered(response=response, why=(why,), nonce_refused=not good)

    def _good(self, call: Call, field: str) -> bool:
        nonce = scalar(call.fields.request, field) or ""
        return bool(self._visitors.check(nonce, NONCE, now=call.now, user=call.user))
