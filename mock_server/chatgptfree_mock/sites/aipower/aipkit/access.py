"""
Access checks of the chat: the Origin and the nonce.

The free edition allows no foreign origin; a request without an Origin header counts as same-origin.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from chatgptfree_mock.sites.aipower.releases.aipkit_traits import AipkitTraits
from chatgptfree_mock.sites.wordpress import forms, php
from chatgptfree_mock.sites.wordpress.call import AjaxCall
from chatgptfree_mock.sites.wordpress.nonces import Freshness
from chatgptfree_mock.sites.wordpress.visitors import Visitors

NONCE_ACTION: Final = "aipkit_frontend_chat_nonce"


class AccessCheck:
    """The checks of Origin and nonce, which run before all others."""

    def __init__(self, visitors: Visitors, traits: AipkitTraits) -> None:
        self._visitors = visitors
        self._origin = traits.origin

    def foreign(self, call: AjaxCall, bot_id: int) -> bool:
        """Return whether an action that answers as JSON refuses the Origin of *call*."""
        origin = call.request.header("Origin")
        if not origin or bot_id <= 0 or self._origin == "ignored":
            return False
        return self._origin == "refused" or not _same_site(origin, call.request.base_url)

    def foreign_to_stream(self, call: AjaxCall, bot_id: int) -> bool:
        """Return whether the stream refuses *call*; one release refuses every stream of a bot."""
        return self.foreign(call, bot_id) or (self._origin == "refused" and bot_id > 0)

    def nonce_fits(self, call: AjaxCall) -> bool:
        """Return whether *call* brings a nonce of this visitor's, as core looks for it: in the body or in the query."""
        sent = call.fields.request
        given = sent.get("_ajax_nonce", sent.get("_wpnonce", ""))
        return self._fresh(call, given if isinstance(given, str) else "")

    def posted_nonce_fits(self, call: AjaxCall) -> bool:
        """Return whether the nonce fits as the cache call looks for it: in one field of the body, in any case."""
        return self._fresh(call, php.sanitize_key(forms.scalar(call.fields.post, "_ajax_nonce") or ""))

    def _fresh(self, call: AjaxCall, nonce: str) -> bool:
        fresh = self._visitors.check(nonce, NONCE_ACTION, now=call.now, user=call.user)
        return fresh is not Freshness.REFUSED


def bot_id_in(array: forms.Array) -> int:
    """Return the bot that a request names, or 0; a sign is dropped, as PHP's absint does."""
    text = forms.scalar(array, "bot_id")
    digits = (text or "").strip().lstrip("+-")
    head = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    return int(head[:18]) if head else 0


def _same_site(origin: str, base_url: str) -> bool:
    try:
        theirs, ours = urlsplit(origin), urlsplit(base_url)
    except ValueError:
        return False
    return (theirs.scheme, theirs.hostname) == (ours.scheme, ours.hostname)
