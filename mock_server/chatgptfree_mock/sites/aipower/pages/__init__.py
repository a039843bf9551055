"""
The pages of the imitated site, as each release of the plugin prints its chats into them.

Nothing here reads a clock or makes random numbers: nonces, the visitor's address and randomness are arguments.
"""

from chatgptfree_mock.sites.aipower.pages.chats import PLUGIN_PATH
from chatgptfree_mock.sites.aipower.pages.page import DECOYS, Pages, page_id, render
from chatgptfree_mock.sites.aipower.pages.page_headers import home_id, page_headers, wordpress_of
from chatgptfree_mock.sites.aipower.pages.templates import Templates

__all__ = [
    "DECOYS",
    "PLUGIN_PATH",
    "Pages",
    "Templates",
    "home_id",
    "page_headers",
    "page_id",
    "render",
    "wordpress_of",
]
