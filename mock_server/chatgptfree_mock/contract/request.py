"""A request to an imitated site: a plain value, so that a site can be tested without a socket."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from chatgptfree_mock.tape.model import Headers, Request, header_of


class SiteRequest(Struct, frozen=True, kw_only=True, gc=False, cache_hash=True):
    """One HTTP request to one site."""

    method: str
    """In capitals, such as `POST`."""
    path: str
    """Below the site's mount, percent-encoded as received, starting with a slash: `/chat/ask`."""
    query: str = ""
    """The query, percent-encoded as received, without the question mark; empty (default) without one."""
    headers: Headers = ()
    """Pairs of name and value in the order received; none by default."""
    body: bytes = b""
    """Without framing; empty by default."""
    base_url: str = "http://127.0.0.1"
    """Scheme, host and the path of the mounted site, without a slash at the end; default `http://127.0.0.1`."""
    remote: str = "127.0.0.1"
    """The IP address of the client; default `127.0.0.1`."""

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, in any case; *default* (empty) if there is none."""
        return header_of(self.headers, name, default)

    def as_recorded(self, path: str | None = None) -> Request:
        """
        Return the request in the form of cassettes, at *path* (default: its own).

        Its `Host` is kept, since it may be a recorded one.
        """
        path = self.path if path is None else path
        target = f"{path}?{self.query}" if self.query else path
        scheme = self.base_url.partition("://")[0]
        uri = f"{scheme}://{self.header('Host') or 'mock'}{target}"
        return Request(method=self.method, uri=uri, headers=self.headers, body=self.body or None)


def as_site_request(request: Request, base_url: str | None = None) -> SiteRequest:
    """Return a recorded *request* as a site at *base_url* gets it, by default where it was recorded."""
    parts = urlsplit(request.uri)
    return SiteRequest(
        method=request.method,
        path=parts.path,
        query=parts.query,
        headers=request.headers,
        body=request.body or b"",
        base_url=f"{parts.scheme}://{parts.netloc}" if base_url is None else base_url,
    )
