"""
The scheduler: a response and a delivery become a schedule.

Pure: the same response, delivery and seed give the same schedule.  First the bytes are cut and paced, then the faults
that change times are applied, then the one that ends the response; `framing` decides what the head announces.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.replay.chunking import draws, event_ends
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.fault_place import FaultPlace
from chatgptfree_mock.replay.fault_words import COMPRESSING
from chatgptfree_mock.replay.faults import Fault
from chatgptfree_mock.replay.framing import framing_of, headers_of, length_of, stored_head, without_forbidden_body
from chatgptfree_mock.replay.schedule import BEFORE_HEAD, KEPT_BYTES, Framing, ResolvedFault, Schedule
from chatgptfree_mock.replay.schedule_draft import ScheduleDraft
from chatgptfree_mock.tape.encoded_body import encoded_chunks
from chatgptfree_mock.tape.model import Chunk, End, Response

_ENDS: Final = {
    "reset": End.RESET,
    "truncate": End.TRUNCATED,
    "end": End.COMPLETE,
    "stall": End.STALLED,
    "gzip-cut": End.COMPLETE,
    "drop-final-chunk": End.TRUNCATED,
}
_ENDS_AFTER_A_STALL: Final = {"reset": End.RESET, "truncate": End.TRUNCATED, "end": End.COMPLETE}
_TRAILERS: Final = (("X-Stream-Status", "ok"),)
_EXTRA_BYTES: Final = b"bytes after the end\r\n"
_GZIP_HEAD, _GZIP_TAIL = 10, 8
"""Bytes of a member's header and trailer (RFC 1952, section 2.3)."""


def build_schedule(response: Response, delivery: Delivery = AS_RECORDED) -> Schedule:
    """Return the schedule of *response*, cut, paced and broken by *delivery*."""
    recut = len(response.chunks) > 1 or not delivery.chunks.keeps_single_chunk
    often = recut and len(response.body) <= KEPT_BYTES
    return (_build_once if often else _build)(response, delivery)


def _build(response: Response, delivery: Delivery) -> Schedule:
    response = without_forbidden_body(response)
    draft = _draft(response, delivery)
    faults: tuple[ResolvedFault, ...] = ()
    ending: ResolvedFault | None = None
    if delivery.faults:
        faults = tuple([_resolve(draft, fault, delivery.seed) for fault in delivery.faults])
        _apply_delays(draft, faults)
        ending = _ending_fault(response, faults)
    end, size, end_time = _ending(draft, response, faults, ending)
    if size == BEFORE_HEAD:
        return Schedule(
            status=response.status,
            head_time=None,
            end=end,
            end_time=end_time,
            close=True,
            ended_by=None if ending is None else ending.fault,
            faults=faults,
        )
    count = draft.split_at(size)
    stored = stored_head(response.status, response.headers)
    framing, length = framing_of(stored, delivery), size
    if framing is Framing.LENGTH:
        whole = size if end is End.COMPLETE else max(len(draft.body), size + 1)
        length = length_of(response, stored, delivery, whole, end)
    mismatch = end is End.COMPLETE and length != size
    schedule = Schedule(
        status=response.status,
        reason=response.reason,
        headers=headers_of(response, stored, delivery),
        framing=framing,
        length=length,
        body=draft.body[:size],
        sizes=tuple(draft.sizes[:count]),
        send_times=tuple(draft.send_times[:count]),
        head_time=draft.head_time,
        end=End.TRUNCATED if mismatch and length > size else end,
        end_time=end_time,
        close=mismatch or stored.closes,
    )
    return _broken(schedule, delivery, faults, ending) if faults else schedule


# A recorded answer is played many times, and cutting it takes longer than sending it.
_build_once = lru_cache(maxsize=16)(_build)


def _broken(
    schedule: Schedule, delivery: Delivery, faults: tuple[ResolvedFault, ...], ending: ResolvedFault | None
) -> Schedule:
    """Return *schedule* with the *faults* that change what is sent, not when."""
    names = delivery.fault_names
    garbled = [_chunk_at(schedule.sizes, each.offset) for each in faults if each.fault.name == "garble-chunk"]
    after = _extra_bytes(delivery)
    return replace(
        schedule,
        close=schedule.close or bool(after or garbled) or "http-1.0" in names,
        http10="http-1.0" in names,
        garbled=frozenset(garbled),
        garbled_head="garble-head" in names,
        extensions="chunk-extensions" in names,
        trailers=_TRAILERS if "trailers" in names else (),
        after=after,
        ended_by=None if ending is None else ending.fault,
        faults=faults,
    )


def _draft(response: Response, delivery: Delivery) -> ScheduleDraft:
    """Cut the bytes for the wire; text is cut as text, and encoded afterwards."""
    codings, by_events = response.codings, False
    if delivery.faults:
        codings = codings if delivery.fault_names.isdisjoint(COMPRESSING) else ("gzip",)
        by_events = any(each.place is not None and each.place.unit == "event" for each in delivery.faults)
    cut_as_text = codings and (by_events or not delivery.chunks.keeps_single_chunk)
    if response.raw is not None and codings == response.codings and not cut_as_text:
        body, chunks, codings = response.raw, response.raw_chunks, ()
    else:
        body, chunks = response.body, response.chunks
    recorded = [size for _, size in chunks]
    unchanged = delivery.chunks.name == "as-recorded" and recorded and all(recorded)
    sizes = recorded if unchanged else delivery.chunks.sizes(body, recorded)
    ends = event_ends(body) if by_events else []
    if codings and ends:
        sizes = _also_cut(sizes, ends)
    follows = delivery.pace.follows_recording
    send_times = delivery.pace.send_times(_arrivals(sizes, chunks) if follows else [0.0] * len(sizes))
    if codings:
        text_ends = list(accumulate(sizes))
        encoded = encoded_chunks(body, sizes, codings)
        body, sizes, send_times = b"".join(encoded), [len(chunk) for chunk in encoded], send_times or [0.0]
        end_in_body = dict(zip(text_ends, accumulate(sizes), strict=False))
        ends = [end_in_body[end] for end in ends]
    return ScheduleDraft(
        body=body,
        sizes=sizes,
        send_times=send_times,
        head_time=send_times[0] if send_times else 0.0,
        silence=_silence(response, response.ended, delivery) if follows and response.ended is not None else 0.0,
        event_ends=ends,
    )


def _also_cut(sizes: Sequence[int], ends: Sequence[int]) -> list[int]:
    """Return *sizes* cut at *ends* as well, so that an encoded response can be broken there."""
    cuts = sorted({*accumulate(sizes), *ends})
    return [end - start for start, end in pairwise([0, *cuts])]


def _arrivals(sizes: Sequence[int], recorded: Sequence[Chunk]) -> list[float]:
    """Return when the last byte of each chunk of *sizes* had arrived in the recording."""
    if not recorded:
        return [0.0] * len(sizes)
    ends = list(accumulate(sizes))
    times: list[float] = []
    latest, reached = 0.0, 0
    for ms, size in recorded:
        latest, reached = max(latest, float(ms)), reached + size
        times += [latest] * (bisect_right(ends, reached) - len(times))
    return times


def _silence(response: Response, recorded_end: int, delivery: Delivery) -> float:
    """Return the milliseconds from the last byte to the *recorded_end*, at the pace of *delivery*."""
    chunks = response.chunks or response.raw_chunks
    last = max((ms for ms, _ in chunks), default=0)
    last_byte, ended = delivery.pace.send_times([float(last), float(max(last, recorded_end))])
    return ended - last_byte


def _resolve(draft: ScheduleDraft, fault: Fault, seed: int) -> ResolvedFault:
    place = fault.place or FaultPlace("percent", 100)
    if place.unit == "head":
        return ResolvedFault(fault=fault, offset=BEFORE_HEAD)
    offset = min(_offset(draft, place, f"{seed}:{fault.name}"), len(draft.body))
    if fault.name == "gzip-cut":
        offset = _inside_a_block(draft, offset)
    earliest = place.number if place.unit == "ms" else 0.0
    return ResolvedFault(fault=fault, offset=offset, earliest=earliest, shortage=_shortage(draft, place))


def _shortage(draft: ScheduleDraft, place: FaultPlace) -> str:
    """Return the number of units (such as `4 chunks`) of the response, if *place* is beyond them; else nothing."""
    has = {"chunk": len(draft.sizes), "event": len(draft.event_ends), "bytes": len(draft.body)}.get(place.unit)
    if has is None or place.number <= has:
        return ""
    unit = place.unit.removesuffix("s")
    return f"{has} {unit}{'s' * (has != 1)}"


def _offset(draft: ScheduleDraft, place: FaultPlace, seed: str) -> int:
    count = int(place.number)
    match place.unit:
        case "chunk":
            return sum(draft.sizes[:count])
        case "event":
            ends = [0, *draft.event_ends]
            return ends[count] if count < len(ends) else len(draft.body)
        case "percent":
            return int(len(draft.body) * place.number / 100)
        case "ms":
            return draft.offset_at(place.number)
        case "random":
            high, low = next(draws(seed))
            return (high << 16 | low) % (len(draft.body) + 1)
        case _:
            return count


def _inside_a_block(draft: ScheduleDraft, offset: int) -> int:
    """Move a cut that is at a flushed block end, or in the gzip header or trailer."""
    inside = max(_GZIP_HEAD + 1, min(offset, len(draft.body) - _GZIP_TAIL - 1))
    return inside - 1 if inside in set(accumulate(draft.sizes)) else inside


def _apply_delays(draft: ScheduleDraft, faults: Sequence[ResolvedFault]) -> None:
    """Apply the faults that change when chunks are sent, and no others."""
    for each in faults:
        value = each.fault.value or 0.0
        match each.fault.name:
            case "drip":
                draft.drip(each.offset, value)
            case "delay-headers":
                draft.head_time += value
                draft.delay(0, value)
            case "delay-body":
                draft.delay(0, value)
            case "stall" if each.fault.value is not None and each.fault.then == "go-on":
                draft.delay(draft.split_at(max(each.offset, 0)), value)
                if each.offset == BEFORE_HEAD:
                    draft.head_time += value
            case _:
                pass


def _ending(
    draft: ScheduleDraft, response: Response, faults: Sequence[ResolvedFault], ending: ResolvedFault | None
) -> tuple[End, int, float]:
    """Return how the response ends, its size in bytes then, and the time; *ending* is the fault that ends it."""
    end: End = End.STALLED if response.end is End.CLIENT_CLOSED else response.end
    size, wait, earliest = len(draft.body) if response.status else BEFORE_HEAD, draft.silence, 0.0
    if ending is not None:
        end = _ENDS_AFTER_A_STALL.get(ending.fault.then, _ENDS[ending.fault.name])
        size, wait, earliest = ending.offset, ending.fault.value or 0.0, ending.earliest
    if size == BEFORE_HEAD:
        return end, size, wait
    if faults:
        wait += sum([each.fault.value or 0.0 for each in faults if each.offset == size and _is_pause(each.fault)])
    count = draft.split_at(size)
    sent = draft.send_times[count - 1] if count else draft.head_time
    return end, size, max(sent, earliest) + wait


def _ending_fault(response: Response, faults: Sequence[ResolvedFault]) -> ResolvedFault | None:
    """Return the fault that ends the response; of several, the one with the smallest offset."""
    ending = [each for each in faults if each.fault.ends_response]
    return min(ending, key=lambda each: each.offset) if ending and response.status else None


def _is_pause(fault: Fault) -> bool:
    return fault.name == "stall" and not fault.ends_response


def _extra_bytes(delivery: Delivery) -> bytes:
    fault = delivery.fault("extra-bytes")
    count = int(fault.value or 0) if fault else 0
    return (_EXTRA_BYTES * (count // len(_EXTRA_BYTES) + 1))[:count]


def _chunk_at(sizes: Sequence[int], offset: int) -> int:
    """Return the index of the chunk that holds the byte at *offset*, or of the last one."""
    return min(bisect_right(list(accumulate(sizes)), offset), max(len(sizes) - 1, 0))
