"""
WordPress core's part of an answer: its headers, which depend on its release.

It does not depend on the plugin; handlers get their responses from `Core`.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.reply import reason
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.release_number import order
from chatgptfree_mock.tape.model import Headers, Response

BUFFER: Final = 4096
"""PHP's output_buffering."""
HTML = "text/html; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
_EXPIRES = ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT")
_NOINDEX = ("X-Robots-Tag", "noindex")
_NOSNIFF = ("X-Content-Type-Options", "nosniff")


class CoreTraits(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between releases of WordPress on the wire."""

    since: str
    no_store: Literal["never", "logged-in", "always"] = "never"
    """The visitors for whom admin-ajax.php adds `no-store, private`."""
    frame_ancestors: bool = False
    """Whether a Content-Security-Policy is sent beside X-Frame-Options."""


TRAITS = (
    CoreTraits(since="4.4"),
    CoreTraits(since="6.3", no_store="logged-in"),
    CoreTraits(since="6.8", no_store="always"),
    CoreTraits(since="7.1", no_store="always", frame_ancestors=True),
)


def core_traits(release: str) -> CoreTraits:
    """
    Return the traits of a WordPress *release*; one between two known ones behaves as the older.

    Raises:
        SettingsError: *release* is not a release number, or older than any known.
    """
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){1,3}", release, re.ASCII):
        raise SettingsError(f"`{release}` is not a WordPress release; write it like 6.1.9 - at `$.wordpress`")
    fitting = [traits for traits in TRAITS if order(traits.since) <= order(release)]
    if not fitting:
        raise SettingsError(f"WordPress {release} is older than {TRAITS[0].since}, the oldest known - at `$.wordpress`")
    return fitting[-1]


class Core:
    """Makes the responses of one WordPress for one kind of visitor."""

    def __init__(self, *, traits: CoreTraits, logged_in: bool = False) -> None:
        self.traits = traits
        self.logged_in = logged_in
        self._heads: dict[tuple[str, bool], Headers] = {}

    def respond(self, body: str | bytes, *, status: int = 200, kind: str = HTML, early: bool = False) -> Response:
        """Return the response of admin-ajax.php with *body*; *early*: it ends before most of the headers are set."""
        response = _response(status, self.headers(kind, early=early), body)
        return replace(response, headers=self.overflowing(kind)) if len(response.body) >= BUFFER else response

    def overflowing(self, kind: str) -> Headers:
        """
        Return the headers of an answer that is longer than PHP's `output_buffering` of 4 KiB.

        They are sent before `wp_die` sets `Expires` and `Cache-Control` again, which would move these to the end.
        """
        return (("Content-Type", kind), _NOINDEX, _NOSNIFF, *self.not_to_keep, *self.frame)

    def headers(self, kind: str = HTML, *, early: bool = False) -> Headers:
        """Return the headers of a response by `respond`."""
        known = self._heads.get((kind, early))
        if known is None:
            frame = () if early else (_NOSNIFF, *self.frame)
            known = (("Content-Type", kind), _NOINDEX, *frame, *self.not_to_keep)
            self._heads[kind, early] = known
        return known

    def json(self, value: object, *, status: int = 200) -> Response:
        """Return *value* as `wp_send_json` does."""
        return self.respond(php.json_encode(value), status=status, kind=JSON)

    def success(self, data: object) -> Response:
        """Return *data* as `wp_send_json_success` does."""
        return self.json({"success": True, "data": data})

    def error(self, data: object, *, status: int = 200) -> Response:
        """Return *data* as `wp_send_json_error` does."""
        return self.json({"success": False, "data": data}, status=status)

    def stream_headers(self, kind: str, cache_control: str, *more: tuple[str, str]) -> Headers:
        """Return the headers of an answer that sets its own cache rules, in the order in which they are sent."""
        ruled = ("Cache-Control", cache_control)
        return (("Content-Type", kind), _NOINDEX, _NOSNIFF, _EXPIRES, *self.frame, ruled, *more)

    @property
    def frame(self) -> Headers:
        """Return the headers about referrers and frames."""
        plain = (("Referrer-Policy", "strict-origin-when-cross-origin"), ("X-Frame-Options", "SAMEORIGIN"))
        return (
            (*plain, ("Content-Security-Policy", "frame-ancestors 'self';")) if self.traits.frame_ancestors else plain
        )

    @property
    def not_to_keep(self) -> Headers:
        """Return the headers that keep an answer out of caches."""
        return (_EXPIRES, ("Cache-Control", self.cache_control))

    @property
    def cache_control(self) -> str:
        """Return the `Cache-Control` that forbids caching."""
        strict = self.traits.no_store == "always" or (self.traits.no_store == "logged-in" and self.logged_in)
        return "no-cache, must-revalidate, max-age=0" + (", no-store, private" if strict else "")


def _response(status: int, headers: Headers, body: str | bytes) -> Response:
    raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
    return Response(status=status, reason=reason(status), headers=headers, body=raw)


def api_link(base_url: str) -> Headers:
    """Return the header by which WordPress announces its REST API."""
    return (("Link", f'<{base_url}/wp-json/>; rel="https://api.w.org/"'),)


def server_headers(now: float) -> Headers:
    """Return the headers that the web server puts before all others."""
    return (("Server", "nginx/1.22.1"), ("Date", formatdate(int(now), usegmt=True)))
