"""The kind of a request (page, answer of the chat, or other), derived from the request alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatgptfree_mock.contract.pack import RequestKind
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress import forms

ANSWERS: Final = frozenset(
    {
        "wpaicg_chat_shortcode_message",
        "wpaicg_chatbox_message",
        "aipkit_frontend_chat_stream",
        "aipkit_frontend_chat_message",
    }
)
"""The actions whose reply is the model's answer."""

_FILES: Final = (
    "/wp-content/",
    "/wp-includes/",
    "/wp-json/",
    "/wp-admin/",
    "/wp-login.php",
    "/wp-cron.php",
    "/wp-comments-post.php",
    "/wp-sitemap",
    "/xmlrpc.php",
    "/robots.txt",
    "/feed",
    "/favicon",
)


def action(request: SiteRequest) -> str:
    """Return the action that a request to admin-ajax.php names; empty if it names none."""
    value = forms.read(request).request.get("action")
    return value if isinstance(value, str) else ""


def kind_of_request(request: SiteRequest, ajax_path: str, names: Mapping[str, str]) -> RequestKind:
    """
    Return the kind of *request*, on a site with its admin-ajax.php at *ajax_path* or at that path after a prefix.

    *names* are the new names of actions that the site's release renames, by their original names.

    A call of admin-ajax.php whose reply is not an answer is an `ask`, even if it is for another plugin.
    """
    if request.path.endswith(ajax_path):
        answers = {names.get(original, original) for original in ANSWERS} if names else ANSWERS
        return "answer" if action(request) in answers else "ask"
    return "page" if request.method in ("GET", "HEAD") and not request.path.startswith(_FILES) else "other"
