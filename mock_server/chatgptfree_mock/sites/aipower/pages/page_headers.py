"""The headers that WordPress sends with a page, in their recorded order."""

from __future__ import annotations

from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.wordpress.core import HTML, Core, api_link, core_traits
from chatgptfree_mock.sites.wordpress.release_number import order
from chatgptfree_mock.tape.model import Headers

_TITLED_ALTERNATE = "6.6"
"""The release of WordPress since which the alternate link has a title."""


def wordpress_of(settings: SiteSettings, release: PluginRelease) -> str:
    """Return the WordPress release that the site runs on: the one asked for, or the one that was recorded."""
    return settings.wordpress or ("7.1.4" if release.generation == "aipkit" else "6.1.9")


def home_id(settings: SiteSettings) -> int:
    """Return the post id of the front page, which is the chat page's if that is in its place."""
    return settings.chat_page_id if settings.page_on_front else settings.front_page_id


def page_headers(
    settings: SiteSettings, release: PluginRelease, *, post_id: int | None, base_url: str, listed: bool = False
) -> Headers:
    """
    Return the headers of a page, without those of the web server and of the connection.

    The "not found" page has no links to itself; like every page for a logged-in user, it must not be cached.
    A page that lists others (*listed*), such as search results, has no links to itself either.
    """
    logged_in = bool(settings.logged_in)
    wordpress = wordpress_of(settings, release)
    headers = [("Content-Type", HTML)]
    if logged_in or (post_id is None and not listed):
        headers += Core(traits=core_traits(wordpress), logged_in=logged_in).not_to_keep
    headers += api_link(base_url)
    if post_id is not None:
        title = ' title="JSON";' if order(wordpress) >= order(_TITLED_ALTERNATE) else ""
        page = f"{base_url}/wp-json/wp/v2/pages/{post_id}"
        headers.append(("Link", f'<{page}>; rel="alternate";{title} type="application/json"'))
        short = "" if post_id == home_id(settings) else f"?p={post_id}"
        headers.append(("Link", f"<{base_url}/{short}>; rel=shortlink"))
    return tuple(headers)
