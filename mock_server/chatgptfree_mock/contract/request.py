"""A request as the imitated site sees it: a plain value, so that the site can be asked without a socket."""

from __future__ import annotations

from msgspec import Struct

from chatgptfree_mock.tape.model import Headers, header_of


class SiteRequest(Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP request to one site."""

    method: str
    path: str
    """Below the site's mount, percent-encoded as received, starting with a slash: `/wp-admin/admin-ajax.php`."""
    query: str = ""
    """As received, without the question mark."""
    headers: Headers = ()
    body: bytes = b""
    base_url: str = "http://127.0.0.1"
    """Scheme, host and the path under which this WordPress is mounted; no slash at the end."""
    remote: str = "127.0.0.1"

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, whatever its case."""
        return header_of(self.headers, name, default)
