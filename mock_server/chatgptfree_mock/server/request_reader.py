"""
Read a request from the connection, within the limits of the server, in the form for the site at its path.

Requests that the web server itself refuses never reach a site or a journal.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from aiohttp import web

from chatgptfree_mock.contract.reply import reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import MockError, OneProcessError
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import Resolver
from chatgptfree_mock.server_log import log_refused_file
from chatgptfree_mock.wire.request_body import BodyTooLargeError, read_body

_CODING: Final = ("utf-8", "surrogateescape")
"""The charset of headers, and the treatment of bytes that are not in it."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


class RefusedRequestError(Exception):
    """A request that the web server answers with *status* and *text*; *close*: the connection ends, too."""

    def __init__(self, status: int, text: str, *, close: bool = False) -> None:
        super().__init__(text)
        self.status, self.close = status, close

    def response(self) -> web.Response:
        """Return the answer."""
        title = reason(self.status)
        response = web.Response(status=self.status, reason=title, text=f"{self.status} {title}: {self}\n")
        if self.close:
            response.force_close()
        return response


async def read_request(
    request: web.BaseRequest, find: Resolver, config: ServerConfig, *, at_root: bool
) -> tuple[MountedSite, SiteRequest]:
    """
    Return the site that *find* returns for *request*, and the request for the site.

    *at_root*: the site gets the request as if it were at the root of the host, wherever it is mounted.

    Raises:
        RefusedRequestError: the server refuses it.
        HTTPMovedPermanently: the slash after the site's path is missing.
    """
    path, _, query = _target(request).partition("?")
    host = request.headers.get("Host") or _address(request)
    if _HOST.fullmatch(host) is None:
        raise RefusedRequestError(400, "invalid Host header")
    try:
        mounted, below = find(path, query)
    except MockError as exc:
        log_refused_file(exc)
        raise RefusedRequestError(409 if isinstance(exc, OneProcessError) else 404, exc.public) from exc
    if not below:
        raise web.HTTPMovedPermanently(mounted.path + ("?" + query if query else ""))
    content = request.content
    # Most bodies arrive with the head; these need no waiting.
    whole = content.is_eof() and content.total_bytes <= config.body_limit
    return mounted, SiteRequest(
        method=request.method,
        path=below,
        query=query,
        headers=tuple([(str(name, *_CODING), str(value, *_CODING)) for name, value in request.raw_headers]),
        body=content.read_nowait() if whole else await _rest(request, config),
        base_url=f"{request.scheme}://{host}{'' if at_root else mounted.prefix}",
        remote=request.remote or "127.0.0.1",
    )


def _target(request: web.BaseRequest) -> str:
    """
    Return the path and query of *request*.

    Raises:
        RefusedRequestError: the target is not a path, or is for a service worker.
    """
    target = request.raw_path
    if not target.startswith("/"):
        target = _origin_form(target)
        if not target.startswith("/"):
            raise RefusedRequestError(400, f"`{request.raw_path[:100]}` is not a path")
    if request.headers.get("Service-Worker") == "script":
        # A service worker registered here could intercept the console's requests and read its token.
        raise RefusedRequestError(403, "service workers are not served, as they could take over the console")
    return target


def _origin_form(target: str) -> str:
    """Return the path of an absolute target, as proxies send it; other targets unchanged."""
    scheme, colon, rest = target.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        return target
    _, slash, path = rest.partition("/")
    return slash + path or "/"


def _address(request: web.BaseRequest) -> str:
    """Return the server's address, for clients that send no `Host`."""
    host, port = request.transport.get_extra_info("sockname")[:2] if request.transport else ("127.0.0.1", 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _rest(request: web.BaseRequest, config: ServerConfig) -> bytes:
    """Wait for the whole body, within the limits of the server."""
    try:
        async with asyncio.timeout(config.body_seconds):
            return await read_body(request, config.body_limit)
    except BodyTooLargeError:
        raise RefusedRequestError(413, f"more than {config.body_limit} bytes", close=True) from None
    except TimeoutError:
        raise RefusedRequestError(
            408, f"the body did not come within {config.body_seconds:.0f} seconds", close=True
        ) from None
    except (web.RequestPayloadError, ConnectionResetError):
        raise RefusedRequestError(400, "the body is cut off, or its framing is invalid", close=True) from None
