"""One exchange: a request, the decision and its reasons, the response with its times, and how it ended."""

from __future__ import annotations

import base64
import re
from itertools import accumulate, pairwise
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Struct

from chatgptfree_mock.tape.content_coding import codings_of, decode_chunks, is_known
from chatgptfree_mock.tape.forms import form_of
from chatgptfree_mock.tape.model import Headers, Request, header_of

BODY: Final = 64 * 1024
"""Bytes of each body that a journal keeps by default."""
OPEN: Final = "open"
"""The `Exchange.end` of a pending answer."""
_EXCHANGE_BYTES: Final = 2048
"""The approximate memory of an exchange in bytes, without its contents."""
_CHUNK_BYTES: Final = 128
"""The approximate memory of a pair of numbers in bytes."""
_FIELDS_SHOWN: Final = tuple(
    map(
        re.compile,
        (r"action", r"(?:\w+_)?message", r"\w*nonce|\w*csrf\w*|\w*token", r"(?:bot|chat|model)_?id", r"\w+_key"),
    )
)
"""The names of fields that are shown on one line, in this order."""
_LONGEST_VALUE: Final = 60
_LINES_OF_TIME: Final = 40


class Exchange(Struct, kw_only=True, gc=False):
    """One request and its response; its fields are filled in while the response is sent."""

    number: int
    """From 1; a server and all its sites number their exchanges together."""
    site: str
    """The name of the site, empty for the root site."""
    at: float
    """Unix seconds by the site's own clock, which can be turned."""
    began: float = 0.0
    """Unix seconds by the machine's clock, which orders exchanges of several sites."""
    base: str = ""
    """The address of the site, without a slash at its end; *target* is below it."""
    method: str
    """The request's method, in capitals."""
    target: str
    """Path and query of the request, percent-encoded as received."""
    headers: Headers
    """The request's headers: pairs of name and value in the order received."""
    body: bytes
    """The first bytes of the request's body, as many as the journal stores."""
    body_size: int
    """The size of the request's whole body in bytes."""
    status: int = 0
    """The response's status; 0 until it was decided."""
    reason: str = ""
    """The reason phrase of the response."""
    response_headers: Headers = ()
    """The response's headers, as decided; delivery may change `Content-Length` and `Transfer-Encoding`."""
    why: tuple[str, ...] = ()
    """The decisions that led to the response, one line each."""
    unmatched: bool = False
    """Whether no recording fits the request; the first of *why* is then a report of several lines."""
    chunks: tuple[tuple[float, int], ...] = ()
    """The chunks of the body as sent: milliseconds since the request was received, and bytes."""
    chunks_left_out: int = 0
    """The number of further chunks, beyond the journal's limit."""
    sent: int = 0
    """The number of bytes of the answer's body that were sent."""
    response_body: bytes = b""
    """The first bytes of the answer's body, as many as the journal stores."""
    end: str = OPEN
    """How the answer ended, a word of `tape.model.End`; `open` (default) while it is pending."""
    ms: float | None = None
    """When it ended, in milliseconds since the request; None: it is pending, or the server stopped first."""
    faults: tuple[tuple[str, int], ...] = ()
    """The applied faults, in words, and the number of bytes of the body sent before each; -1 is before the head."""
    journals: int = 0
    """The number of journals that store it."""

    def __repr__(self) -> str:
        return f"<Exchange {self.headline()}>"

    @property
    def request_memory(self) -> int:
        """Return the approximate memory of the request in bytes."""
        return _EXCHANGE_BYTES + len(self.target) + len(self.body) + sum([len(value) for _, value in self.headers])

    @property
    def response_memory(self) -> int:
        """Return the approximate memory of the response, and of the reasons for it, in bytes."""
        return len(self.response_body) + sum(map(len, self.why)) + _CHUNK_BYTES * len(self.chunks)

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    @property
    def fields(self) -> dict[str, str]:
        """Return the fields of query and form; the form wins over the query, the first of each name counts."""
        query = parse_qsl(self.target.partition("?")[2], keep_blank_values=True, errors="replace")
        both: dict[str, str] = {}
        for name, value in [
            *form_of(Request(method=self.method, uri=self.target, headers=self.headers, body=self.body)),
            *query,
        ]:
            both.setdefault(name, value)
        return both

    @property
    def url(self) -> str:
        """Return the absolute URL of the request."""
        return self.base + self.target

    @property
    def seconds(self) -> float:
        """Return the seconds from the request to the answer's last chunk."""
        return self.chunks[-1][0] / 1000 if self.chunks else 0.0

    def headline(self) -> str:
        """Return request and response on one line."""
        fields = self.fields
        names = [name for shown in _FIELDS_SHOWN for name in fields if shown.fullmatch(name)]
        asked = " ".join(f"{name}={_displayed_value(fields[name])}" for name in names)
        kind = header_of(self.response_headers, "content-type")
        answered = f"{self.status} {kind}".strip() if self.status else "no answer yet"
        chunks = len(self.chunks) + self.chunks_left_out
        return (
            f"#{self.number} {self.method} {self.path} {asked}".rstrip()
            + f" -> {answered}, {self.sent} bytes in {chunks} chunk{'s' * (chunks != 1)}"
            + f", {self.seconds * 1000:.0f} ms, {self.end}"
        )

    def text(self) -> str:
        """Return the whole exchange as text: the request, the decision, and a time line of the chunks sent."""
        lines = [self.headline(), *(f"    why   {line}" for why in self.why for line in why.splitlines())]
        shown = self.chunks[:_LINES_OF_TIME]
        coding = header_of(self.response_headers, "content-encoding")
        at = 0
        for ms, size in shown:
            content = f"({coding})" if coding else _short_bytes(self.response_body[at : at + size])
            lines.append(f"    {ms:7.0f} ms {size:6d}  {content}")
            at += size
        hidden = len(self.chunks) + self.chunks_left_out - len(shown)
        if hidden:
            lines.append(f"    … and {hidden} more chunks")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """
        Return plain data for JSON; bytes that are not UTF-8 show as replacement characters.

        A compressed answer is decoded, as far as it is stored; `decoded_chunks` are then the numbers of decoded bytes
        in each chunk.
        """
        body, sizes = self._decoded()
        return {
            "number": self.number,
            "site": self.site,
            "at": self.at,
            "began": self.began,
            "ms": None if self.ms is None else round(self.ms, 3),
            "request": {
                "method": self.method,
                "target": self.target,
                "url": self.url,
                "headers": [list(header) for header in self.headers],
                "body": self.body.decode("utf-8", "replace"),
                "size": self.body_size,
                "fields": self.fields,
            },
            "response": {
                "status": self.status,
                "reason": self.reason,
                "headers": [list(header) for header in self.response_headers],
                "body": body.decode("utf-8", "replace"),
                "base64": _unless_text(body),
                "size": self.sent,
                "chunks": [[round(ms, 3), size] for ms, size in self.chunks],
                "chunks_left_out": self.chunks_left_out,
                "decoded_chunks": sizes,
                "end": self.end,
                "faults": [list(fault) for fault in self.faults],
            },
            "why": list(self.why),
        }

    def _decoded(self) -> tuple[bytes, list[int] | None]:
        """Return the body without its content codings and the sizes of its chunks; None: it has no known coding."""
        codings = codings_of(header_of(self.response_headers, "content-encoding"))
        if not codings or not all(map(is_known, codings)):
            return self.response_body, None
        ends = [0, *accumulate(size for _, size in self.chunks)]
        if self.chunks_left_out:
            ends.append(len(self.response_body))
        chunks, _ = decode_chunks((self.response_body[start:end] for start, end in pairwise(ends)), codings, limit=BODY)
        if not any(chunks):
            return self.response_body, None
        return b"".join(chunks), [len(chunk) for chunk in chunks]


def _displayed_value(value: str) -> str:
    plain = re.fullmatch(r"[\w.-]+", value)
    cut = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return cut if plain else repr(cut)


def _unless_text(data: bytes) -> str | None:
    """Return *data* in base64 if it is not UTF-8, so that nothing of it is lost."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()
    return None


def _short_bytes(data: bytes) -> str:
    shown = repr(data[:_LONGEST_VALUE])[2:-1]
    return shown + "…" if len(data) > _LONGEST_VALUE else shown
