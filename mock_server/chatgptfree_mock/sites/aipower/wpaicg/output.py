"""
The output of the plugin: headers are sent with the first byte, and cannot change after that.

That is why a late JSON answer may come as one delta at the end of an event stream.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatgptfree_mock.sites.aipower.releases.event_format import AddedEvent
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.core import BUFFER, JSON, Core
from chatgptfree_mock.tape.model import Headers, Response

EVENT_STREAM = "text/event-stream;charset=UTF-8"


class Output:
    """The body of one answer while it is built; times are milliseconds since the request."""

    def __init__(self, core: Core, wording: Wording, added: Sequence[AddedEvent] = ()) -> None:
        """
        Start an empty output.

        *wording* has the sentences of a stream; *added* are the release's own events, sent before the first relayed
        bytes.
        """
        self._core = core
        self._wording = wording
        self._added = added
        self._chunks: list[tuple[int, bytes]] = []
        self._streams = False

    def open_stream(self) -> None:
        """Set the headers of a stream; they cannot change once the first byte is sent."""
        self._streams = True

    def echo(self, data: bytes, ms: int = 0) -> None:
        """Send *data* at once."""
        if data:
            self._chunks.append((ms, data))

    def relay(self, data: bytes, ms: int = 0) -> None:
        """Send *data* of the model's API, the first after the events that the release adds."""
        if data:
            for event in self._added:
                self.echo(f"event: {event.name}\ndata: {php.json_encode(event.data)}\n\n".encode(), ms)
            self._added = ()
            self.echo(data, ms)

    def event(self, value: object) -> None:
        """Send one JSON event, as the plugin frames its own."""
        self.open_stream()
        self.echo(f"data: {php.json_encode(self._wording.value(value))}\n\n".encode())

    def json(self, value: object, ms: int = 0) -> Response:
        """End with *value* as JSON."""
        return self.encoded(php.json_encode(self._wording.value(value) if self._chunks else value), ms)

    def encoded(self, text: str, ms: int = 0) -> Response:
        """End with encoded JSON: as the whole answer, or appended to the output so far."""
        body = text.encode("utf-8", "surrogateescape")
        if self._chunks:
            self.echo(body, ms)
            return self.end()
        # If stream headers were set, they include the cache rule, and only the type is set again.
        headers = self._core.stream_headers(JSON, "no-cache") if self._streams else self._headers(body)
        return Response(headers=headers, body=body, chunks=((ms, len(body)),))

    def _headers(self, body: bytes) -> Headers:
        return self._core.overflowing(JSON) if len(body) >= BUFFER else self._core.headers(JSON)

    def text(self, body: str) -> Response:
        """End with a bare text, as PHP's `die` does."""
        if self._chunks:
            self.echo(body.encode())
            return self.end()
        return self._core.respond(body)

    def end(self) -> Response:
        """End the stream."""
        return Response(
            headers=self._core.stream_headers(EVENT_STREAM, "no-cache"),
            body=b"".join(data for _, data in self._chunks),
            chunks=tuple((ms, len(data)) for ms, data in self._chunks),
        )
