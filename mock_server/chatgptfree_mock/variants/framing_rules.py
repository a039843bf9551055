"""The family `framing/`: other heads and framing for the same body, which HTTP/1.1 allows (RFC 9110, RFC 9112)."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Framing, drop
from chatgptfree_mock.tape.model import Headers
from chatgptfree_mock.variants.recorded_answer import AT_ONCE, RecordedAnswer, with_framing
from chatgptfree_mock.variants.rule import Rule
from chatgptfree_mock.variants.wire_bytes import DEFAULT_FORM, Answer, WireForm

_HEADERS_IN_ALL: Final = 120
_LONG: Final = 30 * 1024
_EARLY_HINTS: Final = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"


def _framed(
    answer: RecordedAnswer,
    framing: Framing,
    *,
    form: WireForm = DEFAULT_FORM,
    close: bool = False,
    fault: str | None = None,
) -> Answer:
    delivery = AT_ONCE if fault is None else Delivery.parse(pace="instant", fault=fault)
    return Answer(response=with_framing(answer.response, framing, close=close), delivery=delivery, form=form)


def _formed(answer: RecordedAnswer, form: WireForm) -> Answer:
    return answer.answer(form=form)


def _reason(answer: RecordedAnswer, reason: str) -> Answer:
    return Answer(response=replace(answer.response, reason=reason), delivery=AT_ONCE)


def _more_headers(answer: RecordedAnswer, headers: Headers) -> Answer:
    return Answer(response=replace(answer.response, headers=(*answer.response.headers, *headers)), delivery=AT_ONCE)


def _many_headers(answer: RecordedAnswer) -> Answer:
    more = _HEADERS_IN_ALL - len(with_framing(answer.response, Framing.CHUNKED).headers)
    return _more_headers(answer, tuple((f"X-Header-{number}", "value") for number in range(max(more, 0))))


def _backwards(answer: RecordedAnswer) -> Answer:
    """Reverse the order of the headers, except for repeated names, whose order matters (RFC 9110 section 5.3)."""
    names = [name.lower() for name, _ in answer.response.headers]
    once = [pair for pair in answer.response.headers if names.count(pair[0].lower()) == 1]
    others = [pair for pair in answer.response.headers if names.count(pair[0].lower()) > 1]
    return Answer(response=replace(answer.response, headers=(*once[::-1], *others)), delivery=AT_ONCE)


def _media_type(answer: RecordedAnswer, upper: bool) -> Answer | None:
    """Write the media type in another case (RFC 9110 section 8.3.1); the values of parameters keep theirs."""
    stored = answer.response.header("Content-Type")
    kind, semicolon, rest = stored.partition(";")
    if not kind:
        return None
    cased = kind.upper() if upper else "/".join(part.capitalize() for part in kind.split("/"))
    headers = (*drop(answer.response.headers, ["content-type"]), ("Content-Type", cased + semicolon + rest))
    return Answer(response=replace(answer.response, headers=headers), delivery=AT_ONCE)


def _without_other_headers(answer: RecordedAnswer) -> Answer:
    """Send only the headers that describe the body."""
    kept = ("content-type", "transfer-encoding", "content-length", "connection", "set-cookie")
    headers = tuple(pair for pair in answer.response.headers if pair[0].lower() in kept)
    return Answer(response=replace(answer.response, headers=headers), delivery=AT_ONCE)


def _chunked_with_a_tab(answer: RecordedAnswer) -> Answer:
    response = with_framing(answer.response, Framing.CLOSE)
    headers = (*drop(response.headers, ["connection"]), ("Transfer-Encoding", "chunked"))
    return Answer(response=replace(response, headers=headers), delivery=AT_ONCE, form=WireForm(blank=b"\t"))


_CHUNK_FORMS: Final[dict[str, tuple[str, WireForm]]] = {
    "upper-case-sizes": ("RFC 9112 section 7.1", WireForm(size=b"%X")),
    "leading-zeros": ("RFC 9112 section 7.1", WireForm(size=b"%08x")),
    "chunk-extension": ("RFC 9112 section 7.1.1", WireForm(extension=b";name=value")),
    "chunk-extension-without-value": ("RFC 9112 section 7.1.1", WireForm(extension=b";name")),
    "quoted-chunk-extension": ("RFC 9112 section 7.1.1", WireForm(extension=b';name="a; b"')),
}
_HEAD_FORMS: Final[dict[str, tuple[str, WireForm]]] = {
    "lower-case-headers": ("RFC 9110 section 5.1", WireForm(names="lower")),
    "upper-case-headers": ("RFC 9110 section 5.1", WireForm(names="upper")),
    "no-blank-after-colon": ("RFC 9112 section 5.1", WireForm(colon=b":")),
    "tab-after-colon": ("RFC 9112 section 5.1", WireForm(colon=b":\t")),
    "blanks-after-colon": ("RFC 9112 section 5.1", WireForm(colon=b":   ")),
    "blank-after-value": ("RFC 9112 section 5.1", WireForm(blank=b" ")),
}
_SHORT: Final = frozenset({"quoted-chunk-extension", "lower-case-headers", "no-blank-after-colon"})
"""The rules that run by default."""

FRAMING_RULES: Final[tuple[Rule, ...]] = (
    Rule("framing/length", partial(_framed, framing=Framing.LENGTH), "RFC 9112 section 6.3", short=True),
    Rule("framing/chunked", partial(_framed, framing=Framing.CHUNKED), "RFC 9112 section 6.3"),
    Rule("framing/close", partial(_framed, framing=Framing.CLOSE), "RFC 9112 section 6.3", short=True),
    Rule("framing/length-and-close", partial(_framed, framing=Framing.LENGTH, close=True), "RFC 9112 section 9.6"),
    Rule("framing/chunked-and-close", partial(_framed, framing=Framing.CHUNKED, close=True), "RFC 9112 section 9.6"),
    Rule(
        "framing/http-1.0",
        partial(_framed, framing=Framing.CLOSE, fault="http-1.0"),
        "RFC 9112 section 2.3",
        short=True,
    ),
    Rule("framing/trailers", partial(_framed, framing=Framing.CHUNKED, fault="trailers"), "RFC 9112 section 7.1.2"),
    *(
        Rule(f"framing/{name}", partial(_framed, framing=Framing.CHUNKED, form=form), source, short=name in _SHORT)
        for name, (source, form) in _CHUNK_FORMS.items()
    ),
    *(
        Rule(f"framing/{name}", partial(_formed, form=form), source, short=name in _SHORT)
        for name, (source, form) in _HEAD_FORMS.items()
    ),
    Rule("framing/reason", partial(_reason, reason="Fine By Me"), "RFC 9112 section 4"),
    Rule("framing/headers-backwards", _backwards, "RFC 9110 section 5.3"),
    Rule("framing/few-headers", _without_other_headers, "RFC 9110 section 6.3"),
    Rule(
        "framing/bytes-in-headers",
        partial(_more_headers, headers=(("X-Note", "\udce9t\udce9 caf\u00e9"),)),
        "RFC 9110 section 5.5: obs-text",
    ),
    Rule("framing/empty-header", partial(_more_headers, headers=(("X-Empty", ""),)), "RFC 9110 section 5.5"),
    Rule(
        "framing/doubled-header",
        partial(_more_headers, headers=(("X-Note", "1"), ("X-Note", "2"))),
        "RFC 9110 section 5.3",
    ),
    Rule(
        "framing/early-hints",
        partial(_formed, form=WireForm(before=_EARLY_HINTS)),
        "RFC 9110 section 15.2, RFC 8297; cpython#42550: urllib and urllib3 return the 103",
        grade=2,
        short=True,
    ),
    Rule(
        "framing/two-early-hints",
        partial(_formed, form=WireForm(before=_EARLY_HINTS * 2)),
        "RFC 8297 section 2: any number of them",
        grade=2,
    ),
    Rule(
        "framing/long-chunk-extension",
        partial(_framed, framing=Framing.CHUNKED, form=WireForm(extension=b';name="' + b"x" * 3000 + b'"')),
        "RFC 9112 section 7.1.1; of the extensions, Java's HttpClient fails on this one only",
        grade=2,
        short=True,
    ),
    Rule(
        "framing/many-headers",
        _many_headers,
        "120 headers in all; http.client of Python stops at 100",
        grade=2,
        short=True,
    ),
    Rule(
        "framing/long-header",
        partial(_more_headers, headers=(("X-Long", "x" * _LONG),)),
        "one header of 30 kB, below the 32 kB of the largest usual limits; aiohttp and Node stop before",
        grade=2,
        short=True,
    ),
    Rule(
        "framing/upper-case-media-type",
        partial(_media_type, upper=True),
        "RFC 9110 section 8.3.1; httpx-sse refuses it",
        grade=2,
        short=True,
    ),
    Rule("framing/capital-media-type", partial(_media_type, upper=False), "RFC 9110 section 8.3.1", grade=2),
    Rule(
        "framing/chunked-with-a-tab",
        _chunked_with_a_tab,
        "RFC 9112 section 5.1; fetch of Node 20 reads an empty body",
        grade=3,
        short=True,
    ),
    Rule(
        "framing/continue",
        partial(_formed, form=WireForm(before=b"HTTP/1.1 100 Continue\r\n\r\n")),
        "RFC 9110 section 15.2.1, unasked; fetch of Node fails",
        grade=3,
        short=True,
    ),
    Rule(
        "framing/processing",
        partial(_formed, form=WireForm(before=b"HTTP/1.1 102 Processing\r\n\r\n")),
        "RFC 2518 section 10.1; urllib and urllib3 return the 102",
        grade=3,
        short=True,
    ),
)
"""Equivalents: other framing and heads."""
