"""What goes before a page on the wire: the headers that WordPress sends with it, in their recorded order."""

from __future__ import annotations

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
    headers = [("Content-Type", HTML)]
    if post_id is None:
        headers.append(("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"))
        headers.append(("Cache-Control", "no-cache, must-revalidate, max-age=0"))
    headers.append(("Link", f'<{base_url}/wp-json/>; rel="https://api.w.org/"'))
    if post_id is not None:
        # WordPress 6.6 gave the alternate link a title.
        title = ' title="JSON";' if _order(wordpress_of(settings, release)) >= (6, 6) else ""
        route = f"{base_url}/wp-json/wp/v2/pages/{post_id}"
        headers.append(("Link", f'<{route}>; rel="alternate";{title} type="application/json"'))
        front = post_id == settings.front_page_id
        headers.append(("Link", f"<{base_url}/{'' if front else f'?p={post_id}'}>; rel=shortlink"))
    return tuple(headers)


def _order(wordpress: str) -> tuple[int, ...]:
    return tuple(int(part) for part in wordpress.split(".") if part.isdigit())
