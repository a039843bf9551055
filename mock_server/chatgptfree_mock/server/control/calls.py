"""The common part of all calls of the control API: access, the request body, and the answers to errors."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from chatgptfree_mock.contract.settings import convert
from chatgptfree_mock.control_characters import escaped_json
from chatgptfree_mock.errors import MockError, SettingsError, UnknownReleaseError
from chatgptfree_mock.server.control.keys import ACCESS, CHANGES, SITES
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.site_registry import NoSuchSiteError
from chatgptfree_mock.server_log import log_refused_file
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.json_value import duplicate_keys
from chatgptfree_mock.wire import request_body

_BODY: Final = 16 * 1024 * 1024
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""The longest body that is read."""
RULES: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of all responses of the API, by which browsers treat them as data."""

REFUSAL_AS_DATA: Final = "refusal=data"
"""
The header `Prefer` of the console (RFC 7240): a refusal is answered with 200, its status and its reason in the body.

Browsers log each response of 400 or more as an error, also one that a script handles.
"""

T = TypeVar("T")
CallHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(handler: CallHandler, parameters: Sequence[str] | None = ()) -> CallHandler:
    """
    Turn errors into responses with status and reason, or with both in the body if the request prefers that.

    *parameters*: those that the call takes in its query; None if neither these nor a body are checked.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        response = await answered(request)
        preferred = request.headers.get("Prefer") == REFUSAL_AS_DATA
        return _as_data(response) if preferred and response.status >= 400 and response.status != 401 else response

    async def answered(request: web.Request) -> web.StreamResponse:
        access = request.app[ACCESS]
        if access.misdirected(request):
            return refusal(403, f"`{request.host[:100]}` is not a name of this server; use its address or localhost")
        if not access.allows(request):
            return _unauthorized()
        if request.method in ("POST", "PUT", "PATCH") and request.content_type != "application/json":
            return refusal(415, "send JSON, with `Content-Type: application/json`")
        try:
            if parameters is not None:
                _check_use(request, parameters)
            request.app[CHANGES].catch_up()
            return await handler(request)
        except (NoSuchSiteError, UnknownReleaseError) as exc:
            return refusal(404, str(exc))
        except RecursionError:
            return refusal(400, "the body is nested too deep")
        except MockError as exc:
            log_refused_file(exc)
            return refusal(400, exc.public)

    return guarded


def _check_use(request: web.Request, parameters: Sequence[str]) -> None:
    """Refuse what the call does not take: a parameter in the query, one that is given twice, or a body."""
    for key in request.query:
        if key not in parameters:
            hint = nearest_or_all(key, parameters) if parameters else "; this call takes none"
            raise SettingsError(f"no such parameter in the query: `{key[:40]}`{hint}")
        if len(request.query.getall(key)) > 1:
            raise SettingsError(f"`{key}` is in the query twice; give it once")
    if request.method in ("GET", "DELETE") and request.body_exists:
        raise SettingsError(f"this call takes no body with {request.method}")


async def read_body(request: web.Request, kind: type[T]) -> T:
    """
    Return the JSON body of *request* as a *kind*.

    Raises:
        SettingsError: it is not JSON, is too long, or does not fit *kind*.
    """
    body = await _sent(request) or b"{}"
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(_why_not_read(body, exc)) from exc
    for place in duplicate_keys(body):
        raise SettingsError(f"duplicate key `{place.rpartition('.')[2]}` - at `${place}`")
    return convert(value, kind)


def _why_not_read(body: bytes, error: Exception) -> str:
    """Return why msgspec refuses *body*; for half a surrogate pair msgspec may report a truncated body."""
    if _SURROGATE.search(body):
        with suppress(ValueError, RecursionError):
            json.loads(body)
            return "a text in the body has half of a surrogate pair, such as `\\ud83d` alone"
    return f"the body is not JSON: {error}"


async def _sent(request: web.Request) -> bytes:
    try:
        return await request_body.read_body(request, _BODY)
    except request_body.BodyTooLargeError as exc:
        raise SettingsError(f"the body has more than {_BODY} bytes") from exc
    except web.RequestPayloadError as exc:
        raise SettingsError("the body is cut off, or its framing is invalid") from exc


def named_site(request: web.Request) -> MountedSite:
    """Return the site that the path names; raises NoSuchSiteError if there is none."""
    return request.app[SITES].by_name(request.match_info["name"])


def as_json(value: Any, *, status: int = 200) -> web.Response:
    """Return *value* as the JSON body of a response."""
    return web.Response(body=json_bytes(value), status=status, content_type="application/json", headers=RULES)


def json_bytes(value: Any) -> bytes:
    """Return *value* as JSON; a lone surrogate, which represents a byte that is not UTF-8, is escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return escaped_json(msgspec.to_builtins(value)).encode()


def refusal(status: int, text: str) -> web.Response:
    """Return the response of an error, in words."""
    return as_json({"error": text}, status=status)


def _as_data(response: web.StreamResponse) -> web.StreamResponse:
    """Return a refusal in the form for the console; see `REFUSAL_AS_DATA`."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    answer = as_json({"refused": {"status": response.status, **msgspec.json.decode(response.body)}})
    answer.headers["Preference-Applied"] = REFUSAL_AS_DATA
    return answer


def _unauthorized() -> web.Response:
    """Ask for the token as RFC 6750, section 3 requires."""
    response = refusal(401, "send `Authorization: Bearer TOKEN` with the token that the server printed at its start")
    response.headers["WWW-Authenticate"] = 'Bearer realm="chatgptfree-mock"'
    return response
