"""The answers to one run of a client: those of the recording, but for the one that is disturbed."""

from __future__ import annotations

from typing import Final

from aiohttp import HttpVersion11, web
from msgspec.structs import replace

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.contract.reply import text_response
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.position import Position
from chatgptfree_mock.crashtest.recording.replay import Disturbance, Replay
from chatgptfree_mock.crashtest.recording.token_play import TokenPlay
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.replay.schedule import Schedule
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.tape.cookie_expiry import with_lasting_cookies
from chatgptfree_mock.tape.encoded_body import negotiated
from chatgptfree_mock.tape.model import End, Headers, Request, Response
from chatgptfree_mock.tape.own_addresses import OwnAddresses
from chatgptfree_mock.variants.recorded_answer import RecordedAnswer
from chatgptfree_mock.variants.wire_bytes import Answer, WireBytes, render
from chatgptfree_mock.wire.closing import last_response
from chatgptfree_mock.wire.request_body import BodyTooLargeError, read_body
from chatgptfree_mock.wire.sender import send, sent_response

AT_ONCE: Final = Delivery.parse(pace="instant")
BODY_LIMIT: Final = 64 * 1024 * 1024
"""The largest body of a request, in bytes."""


class ReplayAnswers:
    """The answers to one run of a client; *by_site*: whether its requests name the recorded sites."""

    def __init__(
        self,
        recording: PlayedRecording,
        origins: list[str],
        disturbed: Disturbance,
        replay: Replay,
        *,
        by_site: bool = False,
    ) -> None:
        self._recording, self._disturbed, self._replay = recording, disturbed, replay
        self._position = Position(recording.exchanges, by_site=by_site)
        self._clock = SystemClock()
        self._origins = origins
        self._tokens = replay.tokens = None if disturbed.tokens is None else TokenPlay(disturbed.tokens)
        self._answer, self._sent = self._made_here(disturbed)

    def _made_here(self, disturbed: Disturbance) -> tuple[Answer, WireBytes]:
        if disturbed.rule is None:
            return disturbed.answer, disturbed.sent
        here = self._with_own_addresses(self._recording.exchanges[disturbed.index].interaction.response)
        answer = disturbed.rule.rewrite(RecordedAnswer(here)) or disturbed.answer
        return answer, render(answer)

    def noted(self) -> None:
        """Record that bytes were sent or received."""
        self._replay.moved = self._clock.monotonic()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer *request* from the recording."""
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if self._replay.interception is not None:
            refusal = self._replay.interception.proxy.refusal(request.method, request.raw_path)
            if refusal is not None:
                return web.Response(status=403, text=f"{refusal}\n")
        try:
            sent = _asked(request, await read_body(request, BODY_LIMIT))
        except BodyTooLargeError:
            return last_response(413, f"more than {BODY_LIMIT} bytes")
        except (web.RequestPayloadError, ConnectionResetError):
            return last_response(400, "the body is cut off, or its framing is invalid")
        self._replay.asked_at = self._clock.monotonic()
        result = await send(request, self._schedule(sent, request), self._clock)
        self.noted()
        return sent_response(result)

    def _schedule(self, sent: Request, request: web.BaseRequest) -> Schedule:
        replay = self._replay
        line = f"{sent.method} {request.path_qs}"
        replay.request_lines.append(line)
        index = self._position.next(sent if self._tokens is None else self._tokens.as_recorded(sent))
        if index is None:
            replay.unknown.append(line)
            return build_schedule(text_response(404, f"the recording has no exchange for {line}"), AT_ONCE)
        replay.known.append((index, sent))
        if self._tokens is not None:
            return self._with_tokens(self._tokens, index, sent, request)
        if index == self._disturbed.index:
            return self._disturb(request)
        return self._undisturbed(index, request)

    def _with_tokens(self, tokens: TokenPlay, index: int, sent: Request, request: web.BaseRequest) -> Schedule:
        refused = tokens.refusal(index, sent)
        self._replay.plays += index == self._disturbed.index or refused is not None
        if refused is None:
            return self._undisturbed(index, request)
        self._position.undo()
        refusal = self._recording.refusals.of(refused, sent, self._replay.url, self._clock.time())
        return self._prepared(refusal.response, request)

    def _disturb(self, request: web.BaseRequest) -> Schedule:
        replay, disturbed = self._replay, self._disturbed
        replay.plays += 1
        if disturbed.once and replay.plays > 1:
            return self._undisturbed(disturbed.index, request)
        http11 = request.version >= HttpVersion11
        return self._sent if http11 else render(self._answer, http11=False)

    def _undisturbed(self, index: int, request: web.BaseRequest) -> Schedule:
        response = self._recording.exchanges[index].interaction.response
        if self._tokens is not None:
            response = self._tokens.response(index, response)
        if index == self._recording.answer:
            recorded = self._recording.recorded if self._tokens is None else RecordedAnswer(response)
            return render(recorded.answer(), http11=request.version >= HttpVersion11)
        return self._prepared(response, request)

    def _prepared(self, response: Response, request: web.BaseRequest) -> Schedule:
        """Return how a whole response is sent to the client of *request*."""
        response = self._with_own_addresses(with_lasting_cookies(without_end(response)))
        accepted = request.headers.get("Accept-Encoding", "")
        return build_schedule(negotiated(response, accepted, method=request.method), AT_ONCE)

    def _with_own_addresses(self, response: Response) -> Response:
        return OwnAddresses(self._origins, self._replay.url, "pages").response(response)


def without_end(response: Response) -> Response:
    """Return *response* without the end that it was recorded with: only the answer is ever broken."""
    return replace(response, end=End.COMPLETE, ended=None)


def _asked(request: web.BaseRequest, body: bytes) -> Request:
    headers: Headers = tuple((name, value) for name, value in request.headers.items())
    uri = f"{request.scheme}://{request.headers.get('Host') or 'mock'}{request.path_qs}"
    return Request(method=request.method, uri=uri, headers=headers, body=body or None)
