"""
The pages of the imitated site, as each release of the plugin prints its chats into them.

Nothing here reads a clock or rolls dice: nonces, the visitor's address and randomness come in as arguments.
"""

from chatgptfree_mock.wordpress.pages.chats import PLUGIN_PATH
from chatgptfree_mock.wordpress.pages.heads import api_link, home_id, page_headers, wordpress_of
from chatgptfree_mock.wordpress.pages.page import DECOYS, Pages, page_id, render

__all__ = ["DECOYS", "PLUGIN_PATH", "Pages", "api_link", "home_id", "page_headers", "page_id", "render", "wordpress_of"]
