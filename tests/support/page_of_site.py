"""Renders pages of the imitated site without a site around them."""

from random import Random

from chatgptfree_mock.sites.aipower.pages.page import Pages
from chatgptfree_mock.sites.aipower.releases import built_in
from chatgptfree_mock.sites.aipower.settings import SiteSettings

NONCE = "0123456789"


def decoy_nonce(action: str) -> str:
    """Make ten hex digits that differ from action to action and are never the chat's."""
    return f"{sum(i * b for i, b in enumerate(action.encode(), 1)):010x}"


def page(settings: SiteSettings, path: str = "/chat/", base_url: str = "http://site.test", nonce: str = NONCE) -> str:
    """Render one page for a visitor at 203.0.113.9."""
    pages = Pages(settings, built_in().find(settings.plugin))
    body = pages.body(
        path=path,
        base_url=base_url,
        nonce=nonce,
        decoy_nonce=decoy_nonce,
        remote="203.0.113.9",
        random=Random(1),
    )
    return body.decode()
