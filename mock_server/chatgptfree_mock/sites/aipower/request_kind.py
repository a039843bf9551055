"""What a request is for: the page, the chat's answer, or something beside it.  Told from the request alone."""

from __future__ import annotations

from typing import Final, Literal

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress import forms

Role = Literal["page", "answer", "ajax", "other"]

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


def action(visit: SiteRequest) -> str:
    """Return the action that a request to admin-ajax.php names; empty if it names none."""
    value = forms.read(visit).request.get("action")
    return value if isinstance(value, str) else ""


def role(visit: SiteRequest, ajax_path: str) -> Role:
    """Return what *visit* is for on a site whose admin-ajax.php is at *ajax_path*, be it behind a redirect's prefix."""
    if visit.path.endswith(ajax_path):
        return "answer" if action(visit) in ANSWERS else "ajax"
    return "page" if visit.method == "GET" and is_page(visit.path, ajax_path) else "other"


def is_page(path: str, ajax_path: str) -> bool:
    """Say whether *path* leads to a page that visitors read."""
    return not path.endswith(ajax_path) and not path.startswith(_FILES)
