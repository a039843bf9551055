"""HTTP with the standard library, chunk by chunk, with the habits that concern it."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlencode, urljoin, urlsplit

from tests.support.naive.habits import Habit, Habits

PATIENCE = 1.5
_TOTAL = 0.3
_REDIRECTS = 5


class GaveUpError(Exception):
    """What a client raises that knows that something went wrong."""


class RefusedNonceError(GaveUpError):
    """The site wants another nonce or another key, or its page has none: a fresh page may help."""


class Response:
    """A reply, its body still to be read."""

    def __init__(self, raw: HTTPResponse, url: str, habits: Habits) -> None:
        self.status = raw.status
        self.url = url
        self.kind = raw.getheader("Content-Type", "")
        self.streams = "event-stream" in self.kind
        self._raw = raw
        self._habits = habits
        self.broken = False
        """Whether the body ended as it should not."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the chunks, decompressed."""
        unpack = self._unpacker()
        until = time.monotonic() + _TOTAL
        while True:
            try:
                data = self._raw.read1(1 << 20)
                if not data and self._raw.length:
                    raise HTTPException("the body is shorter than announced")
            except (HTTPException, OSError) as error:
                self.broken = True
                if isinstance(error, TimeoutError) and Habit.IGNORES_HOW_IT_ENDED not in self._habits:
                    raise GaveUpError("nothing came for too long") from error
                return
            if not data:
                return
            data = data if unpack is None else unpack.decompress(data)
            if Habit.READS_ONCE in self._habits and self.streams:
                # Where the buffer ends depends on Python's buffers: 8 KiB to 3.13, 128 KiB from 3.14 on.
                yield data[: data.rfind(b"\n\n") + 2] or data
                return
            yield data
            if Habit.LIMITS_THE_WHOLE_CALL in self._habits and time.monotonic() > until:
                return

    def read(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.pieces())

    def _unpacker(self) -> zlib._Decompress | None:
        coding = self._raw.getheader("Content-Encoding", "identity")
        if coding == "identity" or Habit.IGNORES_CODING in self._habits:
            return None
        if self.streams and Habit.IGNORES_CODING_OF_STREAMS in self._habits:
            return None
        if coding != "gzip":
            raise GaveUpError(f"nobody asked for {coding}")
        return zlib.decompressobj(31)


class Http:
    """Sends requests, and keeps cookies."""

    def __init__(self, habits: Habits, timeout: float = PATIENCE) -> None:
        self._habits = habits
        self._timeout = timeout
        self._cookies: dict[str, str] = {}
        self._open: list[HTTPConnection] = []

    def get(self, url: str, fields: Mapping[str, str] | None = None, *, fresh: bool = False) -> Response:
        """Fetch *url*, with *fields* in the query; *fresh* asks caches for nothing old."""
        headers = {"Cache-Control": "no-cache"} if fresh else {}
        for _ in range(_REDIRECTS):
            response, target = self._send("GET", url + ("?" + urlencode(fields) if fields else ""), headers)
            if target is None or Habit.FOLLOWS_NO_REDIRECT in self._habits:
                return response
            url, fields = urljoin(url, target), None
        raise GaveUpError("too many redirects")

    def post(self, url: str, fields: Mapping[str, str]) -> Response:
        """Send *fields* as a form, and don't follow a redirect that would lose them."""
        form = urlencode(fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if Habit.SENDS_THE_QUERY in self._habits:
            url, form = f"{url}?{form}", ""
        response, _ = self._send("POST", url, headers, form)
        return response

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open:
            connection.close()

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], form: str | None = None
    ) -> tuple[Response, str | None]:
        try:
            raw = self._once(method, url, headers, form)
        except (ConnectionError, HTTPException) as error:
            if Habit.GIVES_UP_AT_ONCE in self._habits:
                raise GaveUpError("the connection died") from error
            raw = self._once(method, url, headers, form)
        except TimeoutError as error:
            raise GaveUpError("no answer in time") from error
        for cookie in raw.msg.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Response(raw, url, self._habits), raw.getheader("Location") if raw.status // 100 == 3 else None

    def _once(self, method: str, url: str, headers: Mapping[str, str], form: str | None) -> HTTPResponse:
        parts = urlsplit(url)
        patience = None if Habit.HAS_NO_TIMEOUT in self._habits else self._timeout
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=patience)
        self._open.append(connection)
        sent = dict(headers)
        if self._cookies and Habit.FORGETS_COOKIES not in self._habits:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, form, sent)
        return connection.getresponse()
