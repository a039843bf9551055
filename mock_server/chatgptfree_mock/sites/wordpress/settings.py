"""The settings of a WordPress and of the front between it and the visitor."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chatgptfree_mock.contract.settings import HttpStatus, SettingsPart
from chatgptfree_mock.tape.coding_streams import Coding
from chatgptfree_mock.tape.extra_keys import Count

UrlPath = Annotated[
    str,
    msgspec.Meta(pattern=r"^/[A-Za-z0-9._~/-]+$", description="a path such as /ajax.php, of letters, digits and ._~-"),
]
FrontScope = Literal["page", "ajax", "everywhere"]
"""The requests that something in front acts on: for pages, for admin-ajax.php, or all of them."""
Minification = Literal["no", "whitespace", "single-quotes", "no-quotes", "upper-case"]
"""What an optimiser changes: nothing, blanks removed, quotes swapped or removed, names in capitals."""


class Cloudflare(SettingsPart, frozen=True, kw_only=True):
    """A challenge page in front of the site."""

    status: Literal[200, 403, 503] = 403
    """The status of the challenge."""
    style: Literal["just-a-moment", "attention-required", "turnstile", "aliyun", "cloudfront"] = "just-a-moment"
    """
    Whose page it is: Cloudflare's (`just-a-moment`, `attention-required`, `turnstile`), Alibaba Cloud's or
    CloudFront's.
    """
    where: FrontScope = "everywhere"
    """The requests that get it: for pages, for admin-ajax.php, or all of them."""
    first: Count | None = None
    """The number of requests of a visitor that get it, from the first on; null: all."""


class PageCache(SettingsPart, frozen=True, kw_only=True):
    """A full-page cache whose copy is older than the nonce in it."""

    age_hours: Annotated[float, msgspec.Meta(ge=0)] = 48
    """The age of the cached copy in hours; a nonce is valid for 12 to 24."""
    bypass: Literal["query", "header", "either", "never"] = "either"
    """What bypasses the cache: an unknown parameter, `Cache-Control: no-cache`, either, or nothing."""
    comment_instead_of_nonce: bool = False
    """A failed ESI block: an HTML comment in place of the nonce."""


class RateLimit(SettingsPart, frozen=True, kw_only=True):
    """A limit on requests: a number of them pass in each window, further ones get 429 or another status."""

    requests: Count = 5
    """The number of requests that pass in each window, per visitor."""
    seconds: Count = 60
    """The length of the window."""
    status: HttpStatus = 429
    """The status of a request that is over the limit."""
    retry_after: str | None = "30"
    """The header Retry-After (RFC 9110, section 10.2.3): seconds or a date; null: no such header."""
    where: FrontScope = "ajax"
    """The requests that count: for pages, for admin-ajax.php, or all of them."""


class Redirect(SettingsPart, frozen=True, kw_only=True):
    """A redirect in front of the site."""

    what: Literal["language-prefix", "moved-folder", "www", "other-host", "loop"] = "language-prefix"
    """
    The target: below `/en` or `/wordpress`, the host with or without `www.`, another host, or the same address.
    """
    status: Literal[301, 302, 303, 307, 308] = 301
    """The status of the redirect; after 301, 302 and 303 most clients turn a POST into a GET."""
    where: FrontScope = "page"
    """The requests that are redirected: for pages, for admin-ajax.php, or all of them."""


class Broken(SettingsPart, frozen=True, kw_only=True):
    """An error page of the server in front, or of WordPress itself."""

    status: HttpStatus = 502
    """The status of the error page."""
    kind: Literal["nginx", "cloudflare", "wordpress-critical", "empty", "parked", "json"] = "nginx"
    """Whose error page it is; `empty` has no body, `parked` is a page of the domain's seller, `json` a JSON object."""
    where: FrontScope = "ajax"
    """The requests that fail: for pages, for admin-ajax.php, or all of them."""
    first: Count | None = None
    """The number of requests of a visitor that fail, from the first on; null: all."""


class FrontSettings(SettingsPart, frozen=True, kw_only=True):
    """The front of a site: everything between the visitor and WordPress."""

    challenge: Cloudflare | None = None
    """A challenge that only a browser or a person can solve."""
    cache: PageCache | None = None
    """A full-page cache."""
    minify: Minification = "no"
    """An optimiser changes the pages: blanks removed, quotes swapped or removed, names in capitals."""
    redirect: Redirect | None = None
    """A redirect in front of the site."""
    maintenance: bool = False
    """WordPress is being updated: 503 with its maintenance page."""
    broken: Broken | None = None
    """An error page in place of answers."""
    rate_limit: RateLimit | None = None
    """A limit on requests per visitor."""
    compression: list[Coding] = msgspec.field(default_factory=lambda: ["gzip"])
    """Codings offered for pages, in the server's order of preference."""
    compress_answers: bool = False
    """Answers of admin-ajax.php are compressed as well, streams too."""
    force_coding: Coding | None = None
    """A content coding that is used whatever `Accept-Encoding` allows."""
    nginx_buffer: bool = False
    """
    Streams are cut at nginx's FastCGI buffer of 4 KiB: the first chunk is shorter by the response head, each by 8 to 15
    bytes for each part that PHP flushed into it.  For pages, nginx joins several buffers.
    """
    buffer_all: bool = False
    """A proxy buffers the stream, so that it arrives at once."""
    ajax_path: UrlPath = "/wp-admin/admin-ajax.php"
    """The path of admin-ajax.php, which a security plugin may rename; the page has the new one."""
    php_notices: Literal["no", "before", "between", "after"] = "no"
    """display_errors is on: warnings are printed into answers."""
    charset: str | None = None
    """The page is encoded in, and announced as, this charset; by default UTF-8."""
    visitor_cookie: bool = False
    """A cookie set with the page must come back with the POST, else the nonce is refused."""


class WordPressSettings(SettingsPart, frozen=True, kw_only=True):
    """The settings of a WordPress, independent of its plugin."""

    wordpress: str | None = None
    """By default 6.1.9 under plugin 1.x and 7.1.4 under 2.x, as recorded."""
    title: str = "ChatGPT Free"
    """The title of the site."""
    nonce: Literal["fresh", "expired-on-first-page", "always-expired", "missing", "previous-tick"] = "fresh"
    """The state of the nonces in pages; `previous-tick` is still valid, in the second half of its life."""
    nonce_salt: str = "put your unique phrase here"
    """The secret from which nonces are made; two sites with one salt have the same nonces."""
    logged_in: bool | Literal["subscriber", "administrator"] = False
    """Visitors are logged in: as a subscriber (true is the same), or as an administrator."""
    front: FrontSettings = FrontSettings()
    """The front between the visitor and WordPress."""
    front_page_id: Count = 6
    """The post id of the front page."""
    chat_page_id: Count = 261
    """The post id of the page with the chat."""
