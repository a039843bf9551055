"""
TLS on a connection, below an HTTP server's own protocol.

Unlike asyncio's, this transport hides nothing of the connection below: what is written is encrypted and handed to the
socket's transport at once, a chunk in a record of its own (up to 16 KiB, RFC 8446 section 5.1), and the size of the
write buffer, its limits and all pauses are those of the socket.  So the wire can reset, cut and pace a connection as
exactly as a plain one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, cast

_READ: Final = 64 * 1024
_HANDSHAKE_SECONDS: Final = 30.0


_UNTRUSTED: Final = (
    ", as if the client did not trust the certificate: the CA is in SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, "
    "NODE_EXTRA_CA_CERTS and JAVA_TOOL_OPTIONS of its process, and it must not use another list, such as certifi's"
)


class _NamedSession(ssl.SSLObject):
    """A TLS session that knows the host that its client named."""

    named: str | None = None
    choose: Callable[[str | None], ssl.SSLContext]


def _session(
    incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, choose: Callable[[str | None], ssl.SSLContext]
) -> _NamedSession:
    """Return the server's end of a session; *choose* returns the context for the name that the client gives."""
    context = choose(None)
    context.sslobject_class = _NamedSession
    context.sni_callback = _with_name
    session = cast("_NamedSession", context.wrap_bio(incoming, outgoing, server_side=True))
    session.choose = choose
    return session


def _with_name(session: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
    if isinstance(session, _NamedSession):
        session.named = name
        session.context = session.choose(name)


class TlsSession(asyncio.Protocol):
    """
    The server's end of one TLS session, between the *raw* transport of a socket and the protocol *inner*.

    *context*: returns the context with the certificate for the host that the client names (SNI, RFC 6066 section 3) or
    for None.  *close_notify*: whether the session ends with that alert (RFC 8446, section 6.1).  *failed*: called with
    the reason if the handshake fails.
    """

    def __init__(
        self,
        raw: asyncio.Transport,
        inner: asyncio.BaseProtocol,
        context: Callable[[str | None], ssl.SSLContext],
        *,
        close_notify: bool = True,
        failed: Callable[[str], None],
    ) -> None:
        self.raw = raw
        self.inner = inner
        self._close_notify = close_notify
        self._failed = failed
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = _session(self._incoming, self._outgoing, context)
        self._established = False
        self._timer: asyncio.TimerHandle | None = None
        self.handshake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once the handshake has succeeded or failed."""

    @property
    def context(self) -> ssl.SSLContext:
        """Return the context whose certificate the client gets."""
        return self._session.context

    def begin(self, data: bytes) -> None:
        """Take the connection over; *data* are the bytes of the session received so far."""
        self._timer = asyncio.get_running_loop().call_later(_HANDSHAKE_SECONDS, self.raw.abort)
        self.raw.set_protocol(self)
        self.data_received(data)

    def data_received(self, data: bytes) -> None:
        """Decrypt *data*, and pass the plain bytes on."""
        self._incoming.write(data)
        if self._established or self._shake_hands():
            self.read()

    def eof_received(self) -> bool | None:
        """Forward the end of the input; the connection is then closed, as with asyncio's TLS sessions."""
        if self._established and isinstance(self.inner, asyncio.Protocol):
            self.inner.eof_received()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session."""
        if self._established:
            self.inner.connection_lost(exc)
        elif self._stop_timer():
            self._failed(f"the client left during the TLS handshake{_UNTRUSTED}")

    def pause_writing(self) -> None:
        """Forward the call to the protocol of the session."""
        if self._established:
            self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Forward the call to the protocol of the session."""
        if self._established:
            self.inner.resume_writing()

    def read(self) -> None:
        """Pass on everything that can be decrypted now."""
        while self.raw.is_reading() and not self.raw.is_closing():
            try:
                data = self._session.read(_READ)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError:
                self.raw.abort()
                return
            if not data:
                self.eof_received()
                self.close()
                return
            if isinstance(self.inner, asyncio.Protocol):
                self.inner.data_received(data)
        self._flush()  # such as the answer to a KeyUpdate

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt *data* and pass it to the socket."""
        rest = memoryview(data)
        while rest and not self.raw.is_closing():
            rest = rest[self._session.write(rest) :]
        self._flush()

    def close(self) -> None:
        """End the session, and the connection once all written bytes are sent."""
        if self._close_notify and not self.raw.is_closing():
            with suppress(ssl.SSLError):  # the client's own alert is not waited for
                self._session.unwrap()
            self._flush()
        self.raw.close()

    def _shake_hands(self) -> bool:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as exc:
            self._stop_timer()
            self._flush()
            self.raw.close()
            reason = (exc.reason or str(exc)).lower().replace("_", " ")
            self._failed(f"the TLS handshake failed: {reason}{self._advice(reason)}")
            return False
        self._stop_timer()
        self._flush()
        self._established = True
        self.inner.connection_made(TlsTransport(self))
        return True

    def _advice(self, reason: str) -> str:
        """Return what the client has to change, if *reason* is that it refuses the certificate."""
        if "alert" not in reason:
            return ""
        named = self._session.named
        if "unknown ca" in reason or named is None:
            return _UNTRUSTED
        return f"{_UNTRUSTED}, or because it is not for `{named[:100]}`, the name that the client gave (SNI)"

    def _stop_timer(self) -> bool:
        """Stop the timer, and return whether it still ran."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            self.handshake.set_result(None)
        return timer is not None

    def _flush(self) -> None:
        if self._outgoing.pending and not self.raw.is_closing():
            self.raw.write(self._outgoing.read())


class TlsTransport(asyncio.Transport):
    """The plain side of a *session*; see the head of this module."""

    def __init__(self, session: TlsSession) -> None:
        super().__init__()
        self._session = session
        self._raw = session.raw

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return `sslcontext`, or what the socket's transport has under *name*."""
        return self._session.context if name == "sslcontext" else self._raw.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Encrypt *data* and pass it to the socket."""
        self._session.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        """Write all of them."""
        self._session.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """Return False: one direction of a TLS session cannot be closed alone."""
        return False

    def close(self) -> None:
        """End the session, and the connection once all written bytes are sent."""
        self._session.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._raw.abort()

    def is_closing(self) -> bool:
        """Return whether the connection is closed or closing."""
        return self._raw.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Set the protocol that gets the received data."""
        self._session.inner = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that gets the received data."""
        return self._session.inner

    def is_reading(self) -> bool:
        """Return whether received data is read."""
        return self._raw.is_reading()

    def pause_reading(self) -> None:
        """Pause reading."""
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        """Resume reading, first the data received meanwhile."""
        self._raw.resume_reading()
        asyncio.get_running_loop().call_soon(self._session.read)

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that the socket has not accepted."""
        return self._raw.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the limits of the socket's transport."""
        return self._raw.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the limits of the socket's transport."""
        self._raw.set_write_buffer_limits(high, low)
