"""What goes before a page on the wire: the headers that WordPress sends with it, in their recorded order."""

from __future__ import annotations

from functools import lru_cache

from chatgptfree_mock.tape.model import Headers
from chatgptfree_mock.wordpress.core import HTML
from chatgptfree_mock.wordpress.pages.chats import is_aipkit
from chatgptfree_mock.wordpress.pages.spans import Named
from chatgptfree_mock.wordpress.settings import SiteSettings


def wordpress_of(settings: SiteSettings, release: Named) -> str:
    """Return the WordPress release that the site runs on: the one asked for, or the one that was recorded."""
    return settings.wordpress or ("7.1.4" if is_aipkit(release) else "6.1.9")


def page_headers(settings: SiteSettings, release: Named, *, post_id: int | None, base_url: str) -> Headers:
    """
    Return the headers of a page, without those of the web server and of the connection.

    A page that does not exist has no links to itself, and is not to be cached.
    """
    if post_id is None:
        return _missing_headers(base_url)
    return _headers(base_url, post_id, wordpress_of(settings, release), front=post_id == settings.front_page_id)


@lru_cache(maxsize=64)
def _headers(base_url: str, post_id: int, wordpress: str, *, front: bool) -> Headers:
    # WordPress 6.6 gave the alternate link a title.
    title = ' title="JSON";' if _order(wordpress) >= (6, 6) else ""
    return (
        ("Content-Type", HTML),
        ("Link", f'<{base_url}/wp-json/>; rel="https://api.w.org/"'),
        ("Link", f'<{base_url}/wp-json/wp/v2/pages/{post_id}>; rel="alternate";{title} type="application/json"'),
        ("Link", f"<{base_url}/{'' if front else f'?p={post_id}'}>; rel=shortlink"),
    )


def _missing_headers(base_url: str) -> Headers:
    return (
        ("Content-Type", HTML),
        ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
        ("Cache-Control", "no-cache, must-revalidate, max-age=0"),
        ("Link", f'<{base_url}/wp-json/>; rel="https://api.w.org/"'),
    )


def _order(wordpress: str) -> tuple[int, ...]:
    return tuple(int(part) for part in wordpress.split(".") if part.isdigit())
