"""
Requests that the web server refuses as too long for its buffers.

nginx reads a request line and each header line into one of `large_client_header_buffers`, 4 of 8 KiB by default; see
https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers and the recordings
`1.8.93/x_ajax_long_query` and `1.8.93/x_ajax_huge_cookie`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.front.block_pages import header_too_large, nginx_error
from chatgptfree_mock.tape.model import Response

BUFFER: Final = 8192
"""The longest line in bytes, with its line end."""
BUFFERS: Final = 4

_AROUND_TARGET: Final = len("  HTTP/1.1\r\n")
_AROUND_HEADER: Final = len(": \r\n")


def refuse(request: SiteRequest) -> Response | None:
    """Return nginx's answer to a *request* whose request line or headers are too long, or None."""
    sizes = [len(name) + len(value) + _AROUND_HEADER for name, value in request.headers]
    line = len(request.method) + len(request.base_url) + len(request.path) + len(request.query)
    if line + sum(sizes) < BUFFER // 2:
        return None  # the usual case: all lines together are shorter than the limit for one
    target = len(urlsplit(request.base_url).path) + len(request.path) + (len(request.query) + 1 if request.query else 0)
    if len(request.method) + target + _AROUND_TARGET > BUFFER:
        return _closing(nginx_error(414))
    if max(sizes, default=0) > BUFFER or sum(sizes) > BUFFER * BUFFERS:
        return _closing(header_too_large())
    return None


def _closing(response: Response) -> Response:
    return replace(response, headers=(*response.headers, ("Connection", "close")))
