"""
The player: an answer and a delivery become a performance.

Pure: the same answer, delivery and seed give the same performance.  First the bytes are cut and paced, then what
changes their times is applied, then what ends them; `framing` says what the head tells of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from chatgptfree_mock.replay.chunking import draws, event_ends
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.faults import Fault, FaultPlace
from chatgptfree_mock.replay.framing import framing_of, headers_of, length_of, undisturbed
from chatgptfree_mock.replay.schedule import Framing, Schedule
from chatgptfree_mock.tape.encoded_body import encoded_pieces
from chatgptfree_mock.tape.model import Chunk, End, Headers, Response, header_of

_ENDS = {
    "reset": End.RESET,
    "truncate": End.TRUNCATED,
    "end": End.COMPLETE,
    "stall": End.STALLED,
    "gzip-cut": End.COMPLETE,
    "drop-final-chunk": End.TRUNCATED,
}
_THENS = {"reset": End.RESET, "truncate": End.TRUNCATED, "end": End.COMPLETE}
_TRAILERS = (("X-Stream-Status", "ok"),)
_JUNK = b"bytes behind the end\r\n"
_GZIP_HEAD, _GZIP_TAIL = 10, 8
_BEFORE_HEAD = -1
_FIRST_FINAL = 200
_REMEMBERED_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strike:
    """A fault at the offset where it strikes, and not before *ms*."""

    fault: Fault
    offset: int
    ms: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Score:
    """What is to be sent, while it is being arranged."""

    data: bytes
    sizes: list[int]
    dues: list[float]
    head_due: float = 0.0
    quiet: float = 0.0
    """Between the last byte and the recorded end."""
    event_ends: list[int]
    """The offsets behind each event of the text, in an encoded answer as in a plain one."""

    def offset_at(self, ms: float) -> int:
        return sum(self.sizes[: bisect_right(self.dues, ms)])

    def split_at(self, offset: int) -> int:
        """Cut there and return how many pieces come before."""
        if offset >= len(self.data):
            return len(self.sizes)
        ends = [0, *accumulate(self.sizes)]
        index = bisect_left(ends, offset)
        if ends[index] == offset:
            return index
        self.sizes[index - 1 : index] = [offset - ends[index - 1], ends[index] - offset]
        self.dues.insert(index, self.dues[index - 1])
        return index

    def shift(self, first: int, ms: float) -> None:
        self.dues[first:] = [due + ms for due in self.dues[first:]]

    def drip(self, offset: int, ms: float) -> None:
        first = self.split_at(offset)
        due = self.dues[first - 1] if first else self.head_due
        slow: list[float] = []
        for size, planned in zip(self.sizes[first:], self.dues[first:], strict=True):
            for _ in range(size):
                due = max(planned, due + ms)
                slow.append(due)
        self.sizes[first:] = [1] * len(slow)
        self.dues[first:] = slow


class _ThatOne:
    """A response as the key of a memory: the very same one, and not one that is alike."""

    __slots__ = ("response",)

    def __init__(self, response: Response) -> None:
        self.response = response

    def __hash__(self) -> int:
        return id(self.response)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ThatOne) and self.response is other.response


def play(response: Response, delivery: Delivery = AS_RECORDED) -> Schedule:
    """Arrange *response* as *delivery* wants it; a recording that is played again and again is arranged once."""
    if not delivery.faults and delivery.chunks.keeps_one and len(response.chunks) < 2 and _is_simple(response):
        return _in_one_piece(response, delivery)
    if len(response.body) > _REMEMBERED_BYTES:
        return _arrange(response, delivery)
    return _remembered(_ThatOne(response), delivery)


@lru_cache(32)
def _remembered(that: _ThatOne, delivery: Delivery) -> Schedule:
    return _arrange(that.response, delivery)


def _is_simple(response: Response) -> bool:
    whole = response.end is End.COMPLETE and response.ended is None
    return (
        whole
        and response.raw is None
        and not response.codings
        and bool(response.body)
        and response.status >= _FIRST_FINAL
    )


def _in_one_piece(response: Response, delivery: Delivery) -> Schedule:
    """Arrange what comes in one piece and goes well, as pages and buffered answers do; `_arrange` does the same."""
    framing, headers = undisturbed(response.status, response.headers)
    size = len(response.body)
    due = delivery.pace.dues([float(response.chunks[0][0]) if response.chunks else 0.0])
    return Schedule(
        status=response.status,
        reason=response.reason,
        headers=headers,
        framing=framing,
        length=size,
        body=response.body,
        sizes=(size,),
        dues=tuple(due),
        head_due=due[0],
        finish_due=due[0],
        close=_closes(response.headers),
    )


@lru_cache(64)
def _closes(headers: Headers) -> bool:
    """Say whether the stored answer announced the end of its connection."""
    return header_of(headers, "connection").lower() == "close"


def _arrange(response: Response, delivery: Delivery) -> Schedule:
    score = _cut(response, delivery)
    data = score.data
    strikes = [_resolve(score, fault, delivery.seed) for fault in delivery.faults]
    garbled = [strike.offset for strike in strikes if strike.fault.name == "garble-chunk"]
    _retime(score, strikes)
    ended_by = strike.fault if (strike := _deadly(response, strikes)) else None
    end, cut, finish_due = _ending(score, response, strikes)
    if cut == _BEFORE_HEAD:
        return Schedule(
            status=response.status,
            head_due=None,
            finish=end,
            finish_due=finish_due,
            close=True,
            ended_by=ended_by,
            strikes=tuple((strike.fault, strike.offset) for strike in strikes),
        )
    kept = score.split_at(cut)
    framing = framing_of(response, delivery)
    length = length_of(response, delivery, cut if end is End.COMPLETE else max(len(data), cut + 1), end)
    after = _junk(delivery)
    mismatch = framing is Framing.LENGTH and end is End.COMPLETE and length != cut
    return Schedule(
        status=response.status,
        reason=response.reason,
        headers=headers_of(response, delivery),
        framing=framing,
        length=length,
        body=data[:cut],
        sizes=tuple(score.sizes[:kept]),
        dues=tuple(score.dues[:kept]),
        head_due=score.head_due,
        finish=End.TRUNCATED if mismatch and length > cut else end,
        finish_due=finish_due,
        close=mismatch or _closes(response.headers) or bool(after or garbled or delivery.fault("http-1.0")),
        http10=delivery.fault("http-1.0") is not None,
        garbled=frozenset(_piece_at(score.sizes[:kept], offset) for offset in garbled),
        garbled_head=delivery.fault("garble-head") is not None,
        extensions=delivery.fault("chunk-extensions") is not None,
        trailers=_TRAILERS if delivery.fault("trailers") else (),
        after=after,
        ended_by=ended_by,
        strikes=tuple((strike.fault, strike.offset) for strike in strikes),
    )


def _cut(response: Response, delivery: Delivery) -> _Score:
    """Cut the bytes for the wire; text is cut as text, and encoded afterwards."""
    codings = _codings(response, delivery)
    by_events = any(fault.place is not None and fault.place.unit == "event" for fault in delivery.faults)
    if (
        response.raw is not None
        and codings == response.codings
        and not (codings and (by_events or not delivery.chunks.keeps_one))
    ):
        data, chunks, codings = response.raw, response.raw_chunks, ()
    else:
        data, chunks = response.body, response.chunks
    sizes = delivery.chunks.sizes(data, [size for _, size in chunks])
    ends = event_ends(data) if by_events else []
    if codings and ends:
        sizes = _also_cut(sizes, ends)
    timed = delivery.pace.follows_recording
    dues = delivery.pace.dues(_arrivals(sizes, chunks) if timed else [0.0] * len(sizes))
    if codings:
        borders = list(accumulate(sizes))
        pieces = encoded_pieces(data, sizes, codings)
        data, sizes, dues = b"".join(pieces), [len(piece) for piece in pieces], dues or [0.0]
        behind = dict(zip(borders, accumulate(sizes), strict=False))
        ends = [behind[end] for end in ends]
    return _Score(
        data=data,
        sizes=sizes,
        dues=dues,
        head_due=dues[0] if dues else 0.0,
        quiet=_quiet(response, delivery),
        event_ends=ends,
    )


def _codings(response: Response, delivery: Delivery) -> tuple[str, ...]:
    """Return what the text is encoded in: as a fault wants it, else as it was."""
    return ("gzip",) if delivery.fault("gzip") or delivery.fault("gzip-cut") else response.codings


def _also_cut(sizes: Sequence[int], ends: Sequence[int]) -> list[int]:
    """Cut at *ends*, too, so that an encoded answer can be broken there."""
    borders = sorted({*accumulate(sizes), *ends})
    return [end - start for start, end in pairwise([0, *borders])]


def _arrivals(sizes: Sequence[int], chunks: Sequence[Chunk]) -> list[float]:
    """Return when the last byte of each piece had come in, in milliseconds."""
    if not chunks:
        return [0.0] * len(sizes)
    if len(sizes) == len(chunks) and all(size == known for size, (_, known) in zip(sizes, chunks, strict=True)):
        return list(accumulate((float(ms) for ms, _ in chunks), max))
    ends = list(accumulate(sizes))
    times: list[float] = []
    latest, reached = 0.0, 0
    for ms, size in chunks:
        latest, reached = max(latest, float(ms)), reached + size
        times += [latest] * (bisect_right(ends, reached) - len(times))
    return times


def _quiet(response: Response, delivery: Delivery) -> float:
    """Return how long nothing came before the recorded end."""
    if response.ended is None or not delivery.pace.follows_recording:
        return 0.0
    chunks = response.chunks or response.raw_chunks
    last = max((ms for ms, _ in chunks), default=0)
    spoken, ended = delivery.pace.dues([float(last), float(max(last, response.ended))])
    return ended - spoken


def _resolve(score: _Score, fault: Fault, seed: int) -> _Strike:
    place = fault.place or FaultPlace("percent", 100)
    if place.unit == "head":
        return _Strike(fault=fault, offset=_BEFORE_HEAD)
    offset = min(_offset(score, place, f"{seed}:{fault.name}"), len(score.data))
    if fault.name == "gzip-cut":
        offset = _inside_a_block(score, offset)
    return _Strike(fault=fault, offset=offset, ms=place.number if place.unit == "ms" else 0.0)


def _offset(score: _Score, place: FaultPlace, seed: str) -> int:
    count = int(place.number)
    match place.unit:
        case "chunk":
            return sum(score.sizes[:count])
        case "event":
            ends = [0, *score.event_ends]
            return ends[count] if count < len(ends) else len(score.data)
        case "percent":
            return int(len(score.data) * place.number / 100)
        case "ms":
            return score.offset_at(place.number)
        case "random":
            scale, draw = next(draws(seed))
            return (scale << 16 | draw) % (len(score.data) + 1)
        case _:
            return count


def _inside_a_block(score: _Score, offset: int) -> int:
    """Move a cut off the flushed borders, the gzip header and its trailer."""
    inside = max(_GZIP_HEAD + 1, min(offset, len(score.data) - _GZIP_TAIL - 1))
    return inside - 1 if inside in set(accumulate(score.sizes)) else inside


def _retime(score: _Score, strikes: Sequence[_Strike]) -> None:
    """Apply what changes when pieces come, and nothing else."""
    for strike in strikes:
        value = strike.fault.value or 0.0
        match strike.fault.name:
            case "drip":
                score.drip(strike.offset, value)
            case "delay-headers":
                score.head_due += value
                score.shift(0, value)
            case "delay-body":
                score.shift(0, value)
            case "stall" if strike.fault.value is not None and strike.fault.then == "go-on":
                score.shift(score.split_at(max(strike.offset, 0)), value)
                if strike.offset == _BEFORE_HEAD:
                    score.head_due += value
            case _:
                pass


def _ending(score: _Score, response: Response, strikes: Sequence[_Strike]) -> tuple[End, int, float]:
    """Return how the answer ends, behind how many bytes, and when."""
    end: End = End.STALLED if response.end is End.CLIENT_CLOSED else response.end
    cut, wait, earliest = len(score.data) if response.status else _BEFORE_HEAD, score.quiet, 0.0
    strike = _deadly(response, strikes)
    if strike is not None:
        end = _THENS.get(strike.fault.then, _ENDS[strike.fault.name])
        cut, wait, earliest = strike.offset, strike.fault.value or 0.0, strike.ms
    if cut == _BEFORE_HEAD:
        return end, cut, wait
    wait += sum(each.fault.value or 0.0 for each in strikes if each.offset == cut and _is_pause(each.fault))
    pieces = score.split_at(cut)
    sent = score.dues[pieces - 1] if pieces else score.head_due
    return end, cut, max(sent, earliest) + wait


def _deadly(response: Response, strikes: Sequence[_Strike]) -> _Strike | None:
    """Return the fault that ends the answer: the first in the answer, if there are several."""
    deadly = [strike for strike in strikes if strike.fault.ends_the_answer]
    return min(deadly, key=lambda each: each.offset) if deadly and response.status else None


def _is_pause(fault: Fault) -> bool:
    return fault.name == "stall" and not fault.ends_the_answer


def _junk(delivery: Delivery) -> bytes:
    fault = delivery.fault("extra-bytes")
    count = int(fault.value or 0) if fault else 0
    return (_JUNK * (count // len(_JUNK) + 1))[:count]


def _piece_at(sizes: Sequence[int], offset: int) -> int:
    """Return the piece that holds the byte at *offset*, or the last one."""
    return min(bisect_right(list(accumulate(sizes)), offset), max(len(sizes) - 1, 0))
