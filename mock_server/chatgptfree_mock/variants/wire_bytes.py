"""
The exact bytes of an answer, head and framing included, each part with the time at which it is due.

`replay` schedules the answer; a `WireForm` has the choices that HTTP/1.1 leaves in writing it (RFC 9112).  Two answers
with equal `WireBytes` are the same to every client.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Literal

from msgspec import Struct

from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.model import End, Response

_CRLF = b"\r\n"


class WireForm(Struct, frozen=True, kw_only=True):
    """
    How head and chunk frames are written.

    *before*: bytes before the status line, such as an interim response; never sent to a client of HTTP/1.0 (RFC 9110
    section 15.2).  *names*: the case of header names.  *colon*: the text between a header's name and value, and *blank*
    that after the value (RFC 9112 section 5).  *size*: the printf format of a chunk's size.  *extension*: bytes after
    it (RFC 9112 section 7.1.1). *head_cuts*: offsets at which the head is cut into separate writes, negative ones from
    its end; *head_gap* is the milliseconds between them, and between the head and the body.  *last_gap*: milliseconds
    before the last chunk. *kept*: the number of bytes sent before the connection is closed, or None for all; with
    *reset* it is reset.
    """

    before: bytes = b""
    names: Literal["stored", "lower", "upper"] = "stored"
    colon: bytes = b": "
    blank: bytes = b""
    size: bytes = b"%x"
    extension: bytes = b""
    head_cuts: tuple[int, ...] = ()
    head_gap: float = 0.0
    last_gap: float = 0.0
    kept: int | None = None
    reset: bool = False


DEFAULT_FORM = WireForm()


class Answer(Struct, frozen=True, kw_only=True):
    """A response, its delivery, and its form on the wire."""

    response: Response
    delivery: Delivery = AS_RECORDED
    form: WireForm = DEFAULT_FORM


class WireBytes(Schedule, frozen=True, kw_only=True, gc=False):
    """
    A schedule with all the bytes of an answer, to which the sender adds none.

    *reusable*: whether the connection may be used again.
    """

    reusable: bool = False

    def framing_for(self, *, http11: bool) -> Framing:
        """Return the framing that adds nothing to the parts."""
        return Framing.CLOSE

    def keeps(self, *, http11: bool) -> bool:
        """Return whether the connection may be used again."""
        return self.reusable

    def head(self, *, http11: bool = True, keep_alive: bool = True, bodiless: bool = False) -> bytes:
        """Return nothing: the head is among the parts."""
        return b""

    @property
    def identity(self) -> tuple[object, ...]:
        """Return everything that a client can see of it, except the times."""
        closed = self.end is End.TRUNCATED or (self.end is End.COMPLETE and not self.reusable)
        return self.body, "closed" if closed else self.end


def render(answer: Answer, *, http11: bool = True) -> WireBytes:
    """Return the bytes of *answer* for a client of HTTP/1.1, or of 1.0, which has no chunked coding."""
    schedule = build_schedule(answer.response, answer.delivery)
    if schedule.head_time is None:
        return WireBytes(head_time=None, end=schedule.end, end_time=schedule.end_time)
    return _kept(_timed_parts(schedule, answer.form, http11), schedule, answer.form, http11)


def _timed_parts(schedule: Schedule, form: WireForm, http11: bool) -> list[tuple[float, bytes]]:
    parts = list(_head(schedule, form, http11))
    shift = len(form.head_cuts) * form.head_gap
    if schedule.framing is not Framing.NONE:
        parts += [(due + shift, data) for due, data in _body(schedule, form, http11)]
    if schedule.end is End.COMPLETE:
        last = schedule.last(framing=schedule.framing_for(http11=http11))
        end = schedule.end_time + shift + form.last_gap
        parts += [(end, _zero(last, form) if http11 else last)] if last else []
    return parts


def _head(schedule: Schedule, form: WireForm, http11: bool) -> Iterator[tuple[float, bytes]]:
    head = (form.before if http11 else b"") + _rewritten(schedule.head(http11=http11), form)
    places = sorted(len(head) + cut if cut < 0 else cut for cut in form.head_cuts)
    inside = [place for place in places if 0 < place < len(head)]
    start = schedule.head_time or 0.0
    for number, (at, to) in enumerate(pairwise([0, *inside, len(head)])):
        yield start + number * form.head_gap, head[at:to]


def _rewritten(head: bytes, form: WireForm) -> bytes:
    status, *lines = head.removesuffix(_CRLF + _CRLF).split(_CRLF)
    return _CRLF.join([status, *(_line(line, form) for line in lines), b"", b""])


def _line(line: bytes, form: WireForm) -> bytes:
    name, _, value = line.partition(b": ")
    cased = {"stored": name, "lower": name.lower(), "upper": name.upper()}[form.names]
    return cased + form.colon + value + form.blank


def _body(schedule: Schedule, form: WireForm, http11: bool) -> Iterator[tuple[float, bytes]]:
    framing = schedule.framing_for(http11=http11)
    borders = pairwise([0, *accumulate(schedule.sizes)])
    if framing is not Framing.CHUNKED:
        parts = [schedule.body[at:to] for at, to in borders]
    elif (form.size, form.extension) == (DEFAULT_FORM.size, b""):
        parts = schedule.chunk_frames()
    else:
        parts = [form.size % (to - at) + form.extension + _CRLF + schedule.body[at:to] + _CRLF for at, to in borders]
    return zip(schedule.send_times, parts, strict=True)


def _zero(last: bytes, form: WireForm) -> bytes:
    return form.size % 0 + form.extension + last[1:] if last.startswith(b"0\r\n") else last


def _kept(parts: list[tuple[float, bytes]], schedule: Schedule, form: WireForm, http11: bool) -> WireBytes:
    body = b"".join(data for _, data in parts)
    kept = len(body) if form.kept is None else min(form.kept % len(body), len(body))
    sizes = [len(data) for _, data in parts if data]
    send_times = [due for due, data in parts if data]
    if kept < len(body):
        ends = [0, *accumulate(sizes)]
        whole = bisect_right(ends, kept) - 1
        sizes[whole:] = [kept - ends[whole]] if kept > ends[whole] else []
        del send_times[len(sizes) :]
    end = schedule.end if form.kept is None else End.RESET if form.reset else End.TRUNCATED
    closes = schedule.close or not schedule.keeps(http11=http11)
    return WireBytes(
        status=schedule.status,
        reason=schedule.reason,
        framing=Framing.CLOSE,
        body=body[:kept],
        sizes=tuple(sizes),
        send_times=tuple(send_times),
        head_time=send_times[0] if send_times else 0.0,
        end=end,
        end_time=max(schedule.end_time + form.last_gap, send_times[-1] if send_times else 0.0),
        close=closes,
        reusable=end is End.COMPLETE and not closes,
    )
