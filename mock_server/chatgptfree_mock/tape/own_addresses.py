"""
Replace the addresses of the recorded sites in their answers by those of the mock.

Clients follow pages, redirects and cookies, so these lead to the mock; data is only changed on request.  A chunk border
keeps its time and its place in the text: a border after an address moves with the text that follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.model import Headers, Request, Response
from chatgptfree_mock.tape.origin import NoSiteError, Origin
from chatgptfree_mock.tape.replay_options import RewriteScope
from chatgptfree_mock.tape.url_rewriting import Rewriting, is_page, is_rewritten

_ANY_VALUE: Final = re.compile(r"^(?=/(?!/))")
_FOLLOWED: Final = {
    **dict.fromkeys(("location", "content-location", "operation-location", "azure-asyncoperation"), _ANY_VALUE),
    **dict.fromkeys(("hx-redirect", "hx-location", "x-inertia-location"), _ANY_VALUE),
    "refresh": re.compile(r"^\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(?=/(?!/))", re.IGNORECASE),
    "link": re.compile(r"<\s*(?=/(?!/))"),  # RFC 8288, section 3
}
"""Headers with addresses that clients follow, in lower case, and what comes before a path in each."""


class OwnAddresses:
    """
    Rewrite the addresses of the sites at *uris* (any address of each) to *base_url*, with or without `www.`.

    All recorded sites are there, so a redirect from one to another stays at the mock.  *base_url* may end with a path,
    where the mock's site does not lie at the root; it has no slash at its end.  Where it is the address of one of the
    sites, as behind the intercepting proxy, nothing is changed.
    """

    def __init__(self, uris: Iterable[str], base_url: str, mode: RewriteScope) -> None:
        self._mode = mode
        self._prefix = urlsplit(base_url).path
        self._rewritings = tuple(_rewritings(uris, base_url, self._prefix)) if mode != "off" else ()

    def response(self, response: Response) -> Response:
        """Return *response* with its addresses rewritten, as far as the mode goes."""
        if not self._rewritings:
            return response
        headers = tuple(self._headers(response))
        if not is_rewritten(response.header("Content-Type"), self._mode):
            return response if headers == response.headers else replace(response, headers=headers)
        edits = self._edits(response.body)
        if not edits:
            return response if headers == response.headers else replace(response, headers=headers)
        body = _edited(response.body, edits)
        return replace(
            response,
            headers=resized(headers, len(body) - len(response.body)),
            body=body,
            chunks=moved(response.chunks, [(start, end, len(new)) for start, end, new in edits]),
            raw=None,
            raw_chunks=(),
        )

    def _edits(self, data: bytes) -> list[tuple[int, int, str]]:
        """Return start, end and replacement of each address; in order, and never overlapping."""
        found = sorted(edit for rewriting in self._rewritings for edit in rewriting.edits(data))
        kept: list[tuple[int, int, str]] = []
        for edit in found:
            if not kept or edit[0] >= kept[-1][1]:
                kept.append(edit)
        return kept

    def _headers(self, response: Response) -> Iterator[tuple[str, str]]:
        page = is_page(response.header("Content-Type"))
        for name, value in response.headers:
            lower = name.lower()
            if lower == "set-cookie":
                yield name, self._cookie(value)
            elif lower in _FOLLOWED or page or self._mode == "all":
                yield name, self._in_folder(lower, self._value(value))
            else:
                yield name, value

    def _value(self, value: str) -> str:
        data = value.encode("utf-8", "surrogateescape")
        return _edited(data, self._edits(data)).decode("utf-8", "surrogateescape")

    def _in_folder(self, name: str, value: str) -> str:
        """Return *value* with the mock's folder before the paths that clients follow."""
        before = _FOLLOWED.get(name)
        return before.sub(lambda found: found[0] + self._prefix, value) if before and self._prefix else value

    def _cookie(self, value: str) -> str:
        """Rewrite a cookie for the mock: without `Secure` and `Domain`, and with the mock's folder in its `Path`."""
        first, *attributes = value.split(";")
        kept = [first]
        for attribute in attributes:
            name, equals, setting = attribute.strip().partition("=")
            lower = name.lower()
            if lower in ("domain", "secure", "partitioned") or (lower == "samesite" and setting.lower() == "none"):
                continue
            if lower == "path" and self._prefix and setting.startswith("/"):
                attribute = f" {name}{equals}{self._prefix}{setting}"
            kept.append(attribute)
        return ";".join(kept)


class AddressesSent:
    """
    Replace the mock's address by the recorded site's in what requests send, such as `?back=http%3A%2F%2Fsite%2F`.

    A client has it from a page or a redirect, in which it replaced the site's.  *requests*: the recorded ones, which
    show what the site's address is there; of several sites, the first that occurs counts.
    """

    def __init__(self, requests: Iterable[Request]) -> None:
        requests = tuple(requests)
        texts = [text for request in requests for text in (_query(request), request.body or b"") if text]
        origins = dict.fromkeys(filter(None, (_origin(request.uri) for request in requests)))
        self._site = next((each for each in origins if any(map(Rewriting(each, each).edits, texts))), None)

    def as_recorded(self, request: Request, base_url: str) -> Request:
        """Return *request* to the mock's site at *base_url* with the recorded site's address in query and body."""
        here = _origin(base_url)
        if self._site is None or here is None or here == self._site:
            return request
        rewriting, prefix = Rewriting(here, self._site), urlsplit(base_url).path
        head, mark, _ = request.uri.partition("?")
        query = _edited(_query(request), _with_prefix(rewriting, _query(request), prefix))
        body = request.body and _edited(request.body, _with_prefix(rewriting, request.body, prefix))
        return replace(request, uri=head + mark + query.decode("utf-8", "surrogateescape"), body=body)


def _query(request: Request) -> bytes:
    return request.uri.partition("?")[2].encode("utf-8", "surrogateescape")


def _with_prefix(rewriting: Rewriting, data: bytes, prefix: str) -> list[tuple[int, int, str]]:
    """Return the edits of *rewriting* in *data*; the folder *prefix* of the mock's site goes with its address."""
    spelled = [prefix.replace("/", slash).lower().encode() for slash in ("/", "\\/", "%2F", "\\u002F") if prefix]
    found: list[tuple[int, int, str]] = []
    for start, end, new in rewriting.edits(data):
        folder = next((each for each in spelled if data[end : end + len(each)].lower() == each), b"")
        found.append((start, end + len(folder), new))
    return found


def _rewritings(uris: Iterable[str], base_url: str, prefix: str) -> Iterator[Rewriting]:
    there = _origin(base_url)
    origins = dict.fromkeys(filter(None, map(_origin, uris)))
    if there is None or (there in origins and not prefix):
        return
    for each in origins:
        bare = each.host.removeprefix("www.")
        for host in (bare, f"www.{bare}"):
            yield Rewriting(Origin(each.scheme, host, each.port), there, prefix=prefix)


def _origin(uri: str) -> Origin | None:
    """Return the origin of *uri*; None if it names none."""
    try:
        parts = urlsplit(uri)
        return Origin.parse(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    except (NoSiteError, ValueError):
        return None


def _edited(data: bytes, edits: list[tuple[int, int, str]]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for start, end, new in edits:
        parts += (data[at:start], new.encode())
        at = end
    return b"".join([*parts, data[at:]])


def resized(headers: Headers, by: int) -> Headers:
    """Add *by* bytes to `Content-Length`; a wrong length stays wrong by as much."""
    return tuple(
        (name, str(int(value) + by) if name.lower() == "content-length" and value.strip().isdecimal() else value)
        for name, value in headers
    )
