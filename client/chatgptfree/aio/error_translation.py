"""Translate aiohttp's errors before a response into the errors of this client."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from aiohttp.client_exceptions import UnixClientConnectorError

from chatgptfree.errors import ChatConnectionError, ChatTimeoutError, Phase, ProtocolError
from chatgptfree.messages import Timeout


class DroppedError(ChatConnectionError):
    """The connection was closed before the first byte of a response."""


@contextmanager
def translated(url: str, timeout: Timeout) -> Iterator[None]:
    """Translate what the block raises before there is a response; *url* and *timeout* are for the messages."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise out_of_time(timeout, "connect", url=url) from error
    except TimeoutError as error:  # aiohttp's, or our own where the loop's clock is frozen
        raise out_of_time(timeout, "idle", url=url) from error
    except aiohttp.ClientHttpProxyError as error:
        raise ChatConnectionError(
            f"the proxy refuses to connect: {error.status} {error.message}", status=error.status, url=url
        ) from error
    except aiohttp.ClientConnectorError as error:
        raise ChatConnectionError(_no_connection(error), url=url) from error
    except aiohttp.ClientResponseError as error:
        raise ProtocolError(f"the response is not HTTP: {error.message.partition(chr(10))[0]}", url=url) from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise ProtocolError(f"the site redirects to {error}, which is not an http or https address", url=url) from error
    except UnicodeError as error:
        raise ChatConnectionError(
            f"no connection: the name of the host can't be looked up: {error}", url=url
        ) from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError) as error:
        raise DroppedError(f"the connection was closed before anything came: {first_line(error)}", url=url) from error
    except aiohttp.ClientError as error:
        raise ChatConnectionError(f"the request failed: {first_line(error)}", url=url) from error


def out_of_time(timeout: Timeout, phase: Phase, *, url: str, status: int | None = None) -> ChatTimeoutError:
    """Return the error for the limit of *timeout* that ran out in *phase*."""
    what = {"connect": "no connection within", "idle": "nothing came for", "total": "the whole call took more than"}
    seconds: float | None = getattr(timeout, phase)
    limit = "the time that the machine allows" if seconds is None else f"{seconds:g} s"
    return ChatTimeoutError(f"{what[phase]} {limit}", phase=phase, url=url, status=status)


def _no_connection(error: aiohttp.ClientConnectorError) -> str:
    """Describe which address can't be reached, and why; aiohttp's own message lists arguments of its calls."""
    cause = error.os_error
    if isinstance(error, UnixClientConnectorError) or not isinstance(cause, OSError):
        return f"no connection: {first_line(error)}"
    proxy = "the proxy " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
    if cause.errno is None or isinstance(cause, ssl.SSLError | socket.gaierror):
        why = cause.strerror or first_line(cause)
    else:
        why = os.strerror(cause.errno)
    return f"no connection to {proxy}{error.host}:{error.port}: {why}"


def first_line(error: BaseException) -> str:
    """Return the first line of the message of *error*, or the name of its class if that is empty."""
    return str(error).partition("\n")[0] or type(error).__name__
