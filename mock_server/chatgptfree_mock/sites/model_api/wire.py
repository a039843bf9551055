"""
The arrival of the model's answer at the plugin: its times, its reads, and its failures.

Every delta of an answer has its own time, `first_ms` and then `delta_ms` apart; the settings then gather (`burst`),
recut (`read_bytes`), split or break off what a dialect wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate, chain, repeat
from typing import Final

from msgspec.structs import replace

from chatgptfree_mock.sites.model_api.assistant import Assistant
from chatgptfree_mock.sites.model_api.chat import ChatCompletions, Completions
from chatgptfree_mock.sites.model_api.claude import Claude
from chatgptfree_mock.sites.model_api.dialect import Dialect, ModelEvent, to_json
from chatgptfree_mock.sites.model_api.google import Google, Interactions
from chatgptfree_mock.sites.model_api.reply import reply_to
from chatgptfree_mock.sites.model_api.responses import Responses
from chatgptfree_mock.sites.model_api.settings import ApiError, Model
from chatgptfree_mock.sites.model_api.upstream import Api, Failure, ModelRequest, ModelResponse, Read

DIALECTS: Final[dict[Api, Dialect]] = {
    "chat-completions": ChatCompletions(),
    "completions": Completions(),
    "responses": Responses(),
    "assistant": Assistant(),
    "google": Google(),
    "interactions": Interactions(),
    "claude": Claude(),
}
GATEWAY_PAGE: Final = (
    "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {reason}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
HALF_BYTES: Final = 60
"""The bytes of a half event: those sent before the API broke off in the middle of it."""
DEATH_MS: Final = 100
"""Milliseconds until curl notices the broken connection after half an event."""
GARBAGE: Final = b"this is not json {{{"
_CUT = Failure(code=18, text="transfer closed with outstanding read data remaining")
_RESET = Failure(code=56, text="Recv failure: Connection reset by peer")
_FAILURES: Final = {
    "empty-reply": (Failure(code=52, text="Empty reply from server"), 0),
    "no-connection": (
        Failure(code=7, text="Failed to connect to api.openai.com port 443 after 2 ms: Couldn't connect to server"),
        2,
    ),
    "reset": (_RESET, 0),
    "connect-timeout": (Failure(code=28, text="Connection timed out after 15001 milliseconds"), 15_001),
}
_REASONS: Final = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
}


def ask(call: ModelRequest) -> ModelResponse:
    """Return the response that the plugin's curl reads for *call*."""
    if call.provider != "AIPufferCloud":
        call = replace(call, settings=_of_no_cloud(call.settings))
    settings = call.settings
    if settings.refused:
        failure, ms = _failure("empty-reply" if settings.refused is True else settings.refused, call.timeout)
        return ModelResponse(status=0, failure=failure, failed_ms=settings.first_ms + ms)
    if settings.http_error is not None:
        data = to_json(DIALECTS[call.api].refuse(settings.http_error), indent=4)
        return _at_once(settings, settings.http_error.status, "application/json", data + b"\n")
    if settings.html_error is not None:
        page = GATEWAY_PAGE.format(status=settings.html_error, reason=_REASONS.get(settings.html_error, "Error"))
        return _at_once(settings, settings.html_error, "text/html", page.encode())
    if settings.garbage:
        return _at_once(settings, 200, "application/json", GARBAGE)
    return _stream(call) if call.stream else _unstreamed_response(call)


def _of_no_cloud(settings: Model) -> Model:
    """Return *settings* without the details of an error that only the plugin's cloud sends."""
    failed, midway = settings.http_error, settings.error_midway
    if failed is not None and failed.cloud is not None:
        settings = replace(settings, http_error=replace(failed, cloud=None))
    if midway is not None and midway.cloud is not None:
        settings = replace(settings, error_midway=replace(midway, cloud=None))
    return settings


def _failure(kind: str, timeout: int) -> tuple[Failure, int]:
    """Return curl's message for a missing answer, and the milliseconds after which it gives up."""
    if kind != "timeout":
        return _FAILURES[kind]
    ms = timeout * 1000 + 1
    return Failure(code=28, text=f"Operation timed out after {ms} milliseconds with 0 bytes received"), ms


def deltas_of(call: ModelRequest) -> list[str]:
    """Return the deltas of the complete answer: those of a list, or the words of a text."""
    if call.settings.empty:
        return []
    reply = reply_to(call.settings, call.messages)
    return reply if isinstance(reply, list) else re.findall(r"\s*\S+|\s+$", reply)


def body_of(call: ModelRequest) -> bytes:
    """Return the answer to a call without streaming, as the API writes it."""
    text = "".join(deltas_of(call))
    return to_json(DIALECTS[call.api].whole(call, text), ascii_only=call.settings.ascii)


def _at_once(settings: Model, status: int, content_type: str, body: bytes) -> ModelResponse:
    reads = _recut([(settings.first_ms, body)], settings)
    return ModelResponse(status=status, headers=(("Content-Type", content_type),), reads=tuple(reads))


def _unstreamed_response(call: ModelRequest) -> ModelResponse:
    settings = call.settings
    # The API needs as long as for streaming the answer.
    ms = settings.first_ms + settings.delta_ms * len(deltas_of(call))
    head = (("Content-Type", "application/json"),)
    if (failure := _breaking(settings)) is not None:
        return ModelResponse(headers=head, reads=((ms, body_of(call)[:HALF_BYTES]),), failure=failure, failed_ms=ms)
    if settings.error_midway is not None:
        error = ApiError(message=settings.error_midway.message, code=settings.error_midway.code)
        body = to_json(DIALECTS[call.api].refuse(error), indent=4)
        return ModelResponse(status=error.status, headers=head, reads=((ms, body),))
    return ModelResponse(headers=head, reads=((ms, body_of(call)),))


def _stream(call: ModelRequest) -> ModelResponse:
    settings = call.settings
    dialect = DIALECTS[call.api]
    deltas = deltas_of(call)
    stop = _stops_after(settings, len(deltas))
    failure = _breaking(settings)
    opening = dialect.opening(call)
    texts = [dialect.delta(call, number, text) for number, text in enumerate(deltas)]
    events = [*opening, *texts[:stop]]
    if stop == len(deltas) and not _is_cut(settings):
        events += dialect.closing(call, "".join(deltas))
    elif failure is not None and settings.half_event:
        following = (*texts[stop:], *dialect.closing(call, "".join(deltas)))
        events += [ModelEvent(data=event.data[:HALF_BYTES], pause=False) for event in following[:1]]
    elif settings.error_midway is not None:
        data = dialect.error(call, settings.error_midway)
        events.append(ModelEvent(data=data, pause=False))
    split = {len(opening) + number for number in settings.split if number < stop}
    reads = _recut(_timed(events, split, settings), settings)
    head = (("Content-Type", "text/event-stream; charset=utf-8"),)
    if failure is None:
        return ModelResponse(headers=head, reads=tuple(reads))
    last = reads[-1][0] if reads else settings.first_ms
    failed_ms = last + (DEATH_MS if settings.half_event else 0)
    return ModelResponse(headers=head, reads=tuple(reads), failure=failure, failed_ms=failed_ms)


def _is_cut(settings: Model) -> bool:
    broken = _breaking(settings) is not None
    return broken or settings.ends_after is not None or settings.error_midway is not None


def _breaking(settings: Model) -> Failure | None:
    """Return curl's message if the API breaks its connection, else None; of two faults the earlier one wins."""
    dies, resets = settings.dies_after, settings.resets_after
    if resets is not None and (dies is None or resets <= dies):
        return _RESET
    return None if dies is None else _CUT


def _stops_after(settings: Model, deltas: int) -> int:
    """Return the number of deltas that are sent; the first of several reasons to stop wins."""
    midway = settings.error_midway.after if settings.error_midway is not None else None
    stops = [
        stop for stop in (settings.dies_after, settings.resets_after, settings.ends_after, midway) if stop is not None
    ]
    return min([*stops, deltas])


def _timed(events: list[ModelEvent], split: set[int], settings: Model) -> list[Read]:
    """Give every event its time; events in *split* arrive in two reads, which delays all that follows."""
    reads: list[Read] = []
    ms = settings.first_ms
    for number, event in enumerate(events):
        data = event.data
        if number and event.pause:
            ms += settings.delta_ms
        if number in split:
            cut = next((index + 2 for index, byte in enumerate(data) if byte >= 0x80), len(data) // 2)
            reads.append((ms, data[:cut]))
            ms += settings.split_ms
            data = data[cut:]
        reads.append((ms, data))
    return reads


def _recut(reads: list[Read], settings: Model) -> list[Read]:
    """Join all into one read, or cut it by a number of bytes; the time of a read is that of its last byte."""
    if settings.burst:
        reads = [(settings.first_ms, b"".join(data for _, data in reads))]
    if settings.read_bytes is None:
        return [read for read in reads if read[1]]
    sizes = settings.read_bytes if isinstance(settings.read_bytes, list) else [settings.read_bytes]
    wanted = chain(sizes, repeat(sizes[-1]))
    body = b"".join(data for _, data in reads)
    ends = list(accumulate(len(data) for _, data in reads))
    cut: list[Read] = []
    start = 0
    while start < len(body):
        end = min(start + next(wanted), len(body))
        cut.append((reads[bisect_left(ends, end)][0], body[start:end]))
        start = end
    return cut
