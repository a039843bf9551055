"""A request to an imitated site: a plain value, so that a site can be tested without a socket."""

from __future__ import annotations

from msgspec import Struct

from chatgptfree_mock.tape.model import Headers, header_of


class SiteRequest(Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP request to one site."""

    method: str
    """In capitals, such as `POST`."""
    path: str
    """Below the site's mount, percent-encoded as received, starting with a slash: `/wp-admin/admin-ajax.php`."""
    query: str = ""
    """As received, without the question mark."""
    headers: Headers = ()
    """Pairs of name and value in the order received; none by default."""
    body: bytes = b""
    """Without framing; empty by default."""
    base_url: str = "http://127.0.0.1"
    """Scheme, host and the path under which this WordPress is mounted; no slash at the end."""
    remote: str = "127.0.0.1"
    """The address of the client."""

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, in any case; *default* (empty) if there is none."""
        return header_of(self.headers, name, default)
