"""Redirects in front of a site: the requests that they apply to, their targets, and the request after one."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.core import HTML
from chatgptfree_mock.sites.wordpress.settings import Redirect
from chatgptfree_mock.tape.model import Response

_PREFIXES: Final = {"language-prefix": "/en", "moved-folder": "/wordpress"}
_LOOPBACK: Final = {"127.0.0.1": "localhost", "localhost": "127.0.0.1", "[::1]": "localhost"}


def target(request: SiteRequest, redirect: Redirect, *, first_host: str) -> str | None:
    """
    Return the redirect's target for *request*; None if *request* is at the target already.

    *first_host* is the host of the visitor's first request; redirects between hosts lead to another one.  On loopback,
    where `www.` does not resolve, the machine's other name (`localhost` or `127.0.0.1`) is used.
    """
    query = f"?{request.query}" if request.query else ""
    prefix = _PREFIXES.get(redirect.what)
    if prefix is not None:
        return None if _below(request.path, prefix) else f"{request.base_url}{prefix}{request.path}{query}"
    if redirect.what == "loop":
        return f"{request.base_url}{request.path}{query}"
    scheme, _, rest = request.base_url.partition("://")
    host, slash, folder = rest.partition("/")
    if request.header("Host") != first_host:
        return None
    return f"{scheme}://{_other(host, redirect)}{slash}{folder}{request.path}{query}"


def inside(request: SiteRequest, redirect: Redirect) -> SiteRequest:
    """Return *request* without the prefix that a redirect added; for `moved-folder`, `base_url` then includes it."""
    prefix = _PREFIXES.get(redirect.what)
    if prefix is None or not _below(request.path, prefix):
        return request
    home = request.base_url + (prefix if redirect.what == "moved-folder" else "")
    return replace(request, path=request.path[len(prefix) :] or "/", base_url=home)


def answer(location: str, status: int) -> Response:
    """Return the redirect itself, as WordPress sends one."""
    headers = (("Content-Type", HTML), ("X-Redirect-By", "WordPress"), ("Location", location), ("Content-Length", "0"))
    return Response(status=status, reason=reason(status), headers=headers)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _other(host: str, redirect: Redirect) -> str:
    name, colon, port = host.rpartition(":") if host.rpartition(":")[2].isdigit() else (host, "", "")
    if name in _LOOPBACK:
        return _LOOPBACK[name] + colon + port
    if redirect.what == "www":
        return (name.removeprefix("www.") if name.startswith("www.") else f"www.{name}") + colon + port
    return "chat." + name + colon + port
