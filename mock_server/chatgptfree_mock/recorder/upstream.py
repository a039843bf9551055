"""Connections to the recorded site: TLS, the request's bytes, and messages for failures."""

from __future__ import annotations

import asyncio
import socket
import ssl

import msgspec
from aiohttp import web

from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.tape.model import Headers, Request
from chatgptfree_mock.tape.origin import Origin
from chatgptfree_mock.tape.url_rewriting import Rewriting, to_site

_PATIENCE = 30.0
_NOT_PASSED_ON = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
        "expect",
        "accept-encoding",
        "content-length",
    }
)
_WITH_BODY = ("POST", "PUT", "PATCH")


class UpstreamError(MockError):
    """The site can't be reached; the message has the reason."""


class UpstreamConnection(msgspec.Struct, frozen=True, kw_only=True):
    """
    The recorded site; *secure*: whether its certificate is checked.

    Raises:
        SettingsError: it is not *secure*, and the site has no certificate.
    """

    site: Origin
    secure: bool = True

    def __post_init__(self) -> None:
        if not self.secure and self.site.scheme == "http":
            raise SettingsError(f"`--insecure` has no effect: {self.site} has no certificate; leave it out")

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """
        Open a connection.

        Raises:
            UpstreamError: it is down, refuses TLS, or has no valid certificate.
        """
        site = self.site
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.open_connection(site.host, site.port, ssl=self._tls())
        except TimeoutError as exc:
            raise UpstreamError(f"{site} does not answer: no connection within {_PATIENCE:.0f} s") from exc
        except ssl.SSLCertVerificationError as exc:
            raise UpstreamError(
                f"{site} has no valid certificate: {exc.verify_message} (--insecure ignores that)"
            ) from exc
        except ssl.SSLError as exc:
            raise UpstreamError(f"{site} refuses TLS: {exc.reason or exc} (is it a site on plain http?)") from exc
        except socket.gaierror as exc:
            reason = f"no such host ({exc.strerror}); check the address of the site, and the network"
            raise UpstreamError(f"{site}: {reason}") from exc
        except OSError as exc:
            raise UpstreamError(f"{site} can't be reached: {_reason(exc)}") from exc

    def _tls(self) -> ssl.SSLContext | None:
        if self.site.scheme == "http":
            return None
        context = ssl.create_default_context()
        if not self.secure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _reason(exc: OSError) -> str:
    if isinstance(exc, ConnectionRefusedError):
        return "connection refused"
    if isinstance(exc, ConnectionResetError):
        return "connection reset"
    return exc.strerror or str(exc)


def passed_on(request: web.BaseRequest, body: bytes, *, proxy: Origin, site: Origin) -> Request:
    """
    Return the request for the site.

    It asks for an uncompressed answer, so that addresses can be changed and chunk borders be kept.
    """
    headers: Headers = tuple(
        (_decoded(name), _decoded(value))
        for name, value in request.raw_headers
        if name.lower().decode("latin-1") not in _NOT_PASSED_ON
    )
    back = Rewriting(proxy, site)
    body = back.whole(body)
    target = back.whole(request.raw_path.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    extra = [("Accept-Encoding", "identity")]
    if body or request.method in _WITH_BODY:
        extra.append(("Content-Length", str(len(body))))
    return Request(
        method=request.method,
        uri=f"{site}{target.removeprefix(str(site)) or '/'}",
        headers=(*to_site(headers, proxy, site), *extra),
        body=body or None,
    )


def on_the_wire(request: Request, site: Origin) -> bytes:
    """Return the bytes of *request*."""
    lines = [f"{request.method} {request.uri.removeprefix(str(site))} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    head = "\r\n".join([*lines, "", ""])
    return head.encode("utf-8", "surrogateescape") + (request.body or b"")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
