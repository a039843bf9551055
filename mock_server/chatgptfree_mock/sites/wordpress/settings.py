"""The settings of a WordPress and of the front between it and the visitor."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chatgptfree_mock.contract.settings import Count, HttpStatus, SettingsPart

Coding = Literal["gzip", "deflate", "br", "zstd"]
Path = Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._~/-]+$")]


class Cloudflare(SettingsPart, frozen=True, kw_only=True):
    """A challenge page in front of the site."""

    status: Literal[200, 403, 503] = 403
    style: Literal["just-a-moment", "attention-required", "turnstile", "aliyun", "cloudfront"] = "just-a-moment"
    where: Literal["page", "ajax", "everywhere"] = "everywhere"
    first: Count | None = None
    """Only the first so many requests of a visitor; None is all."""


class PageCache(SettingsPart, frozen=True, kw_only=True):
    """A full-page cache whose copy is older than the nonce in it."""

    age_hours: Annotated[float, msgspec.Meta(ge=0)] = 48
    bypass: Literal["query", "header", "either", "never"] = "either"
    """What makes it fetch a fresh page: an unknown parameter, `Cache-Control: no-cache`, one of both, nothing."""
    comment_instead_of_nonce: bool = False
    """A failed ESI block: an HTML comment in place of the nonce."""


class RateLimit(SettingsPart, frozen=True, kw_only=True):
    """So many requests pass, then 429 (or another status) until the window is over."""

    requests: Count = 5
    seconds: Count = 60
    status: HttpStatus = 429
    retry_after: str | None = "30"
    where: Literal["page", "ajax", "everywhere"] = "ajax"


class Redirect(SettingsPart, frozen=True, kw_only=True):
    """A redirect in front of the site."""

    what: Literal["language-prefix", "moved-folder", "www", "other-host", "loop"] = "language-prefix"
    status: Literal[301, 302, 303, 307, 308] = 301
    where: Literal["page", "ajax", "everywhere"] = "page"


class Broken(SettingsPart, frozen=True, kw_only=True):
    """An error page of the server in front, or of WordPress itself."""

    status: HttpStatus = 502
    kind: Literal["nginx", "cloudflare", "wordpress-critical", "empty", "parked", "json"] = "nginx"
    where: Literal["page", "ajax", "everywhere"] = "ajax"
    first: Count | None = None


class FrontSettings(SettingsPart, frozen=True, kw_only=True):
    """The front of a site: everything between the visitor and WordPress."""

    challenge: Cloudflare | None = None
    cache: PageCache | None = None
    minify: Literal["no", "whitespace", "single-quotes", "no-quotes", "upper-case"] = "no"
    redirect: Redirect | None = None
    maintenance: bool = False
    broken: Broken | None = None
    rate_limit: RateLimit | None = None
    compression: list[Coding] = msgspec.field(default_factory=lambda: ["gzip"])
    """Codings offered for pages, in the server's order of preference."""
    compress_answers: bool = False
    """Answers of admin-ajax.php are compressed as well, streams too."""
    force_coding: Coding | None = None
    """Sent whatever the client asked for."""
    nginx_buffer: bool = False
    """Answers are cut at nginx's FastCGI buffer of 4 KiB (first chunk with the response head)."""
    buffer_all: bool = False
    """The stream is held back and arrives at once."""
    ajax_path: Path = "/wp-admin/admin-ajax.php"
    """A security plugin may have renamed it; the page has the new name."""
    php_notices: Literal["no", "before", "between", "after"] = "no"
    """display_errors is on: warnings are printed into answers."""
    charset: str | None = None
    """The page is encoded in, and announced as, this charset; by default UTF-8."""
    visitor_cookie: bool = False
    """A cookie set with the page must come back with the POST, else the nonce is refused."""


class WordPressSettings(SettingsPart, frozen=True, kw_only=True):
    """A WordPress, whichever plugin it has."""

    wordpress: str | None = None
    """By default 6.1.9 under plugin 1.x and 7.1.4 under 2.x, as recorded."""
    title: str = "ChatGPT Free"
    nonce: Literal["fresh", "expired-on-first-page", "always-expired", "missing", "previous-tick"] = "fresh"
    nonce_salt: str = "put your unique phrase here"
    logged_in: bool = False
    front: FrontSettings = FrontSettings()
    front_page_id: Count = 6
    chat_page_id: Count = 261
