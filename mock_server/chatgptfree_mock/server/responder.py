"""
Answer requests: read one, let the site answer it, send the response, and record both.

The site at the path answers, the delivery schedules the answer, the wire sends it, and the journal records it.
"""

from __future__ import annotations

import asyncio
from time import time

from aiohttp import HttpVersion11, web

from chatgptfree_mock.contract.pack_results import PackResultError, checked_reply, failed_answer
from chatgptfree_mock.contract.reply import SiteReply, text_response
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server.fault_record import applied_faults
from chatgptfree_mock.server.live import converse
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.request_reader import RefusedRequestError, read_request
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_changes import SiteChanges
from chatgptfree_mock.server.site_registry import Resolver, SiteRegistry
from chatgptfree_mock.server_log import SERVER_LOG
from chatgptfree_mock.tape.model import End
from chatgptfree_mock.variants.wire_bytes import render
from chatgptfree_mock.wire.send_timeout import UnreadWatch
from chatgptfree_mock.wire.sender import SendResult, send, sent_response


class Responder:
    """
    Answers for the *sites* of one server, after applying the *changes* of other processes.

    *unread* ends connections whose client reads nothing; *config* has the limits of a request.
    """

    def __init__(self, config: ServerConfig, sites: SiteRegistry, changes: SiteChanges, unread: UnreadWatch) -> None:
        self._config, self._sites, self._changes, self._unread = config, sites, changes, unread

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer for the site that is mounted at the path."""
        return await self._respond(request, self._sites.find)

    async def answer_as(self, request: web.BaseRequest, site: MountedSite) -> web.StreamResponse:
        """Answer the *request* of an intercepted client for *site*, as if that were at the root of the host."""
        return await self._respond(request, lambda path, _: (site, path), at_root=True)

    async def _respond(self, request: web.BaseRequest, find: Resolver, *, at_root: bool = False) -> web.StreamResponse:
        self._changes.catch_up()
        try:
            mounted, site_request = await read_request(request, find, self._config, at_root=at_root)
        except RefusedRequestError as exc:
            return exc.response()
        transport = request.transport
        if transport is not None:
            mounted.connections.add(transport)
        try:
            return await self._answer(request, site_request, mounted, transport)
        finally:
            mounted.connections.discard(transport)

    async def _answer(
        self,
        request: web.BaseRequest,
        site_request: SiteRequest,
        mounted: MountedSite,
        transport: asyncio.Transport | None,
    ) -> web.StreamResponse:
        journal = mounted.journal
        exchange = journal.begin(site_request, site=mounted.name, at=mounted.clock.time(), began=time())
        try:
            sent = await _deliver(request, site_request, mounted, exchange)
        except asyncio.CancelledError:
            journal.finish(exchange, End.CLIENT_CLOSED)
            raise
        except PackResultError as exc:
            journal.decide(exchange, text_response(500, str(exc)), (str(exc),))
            journal.finish(exchange, End.COMPLETE)
            return RefusedRequestError(500, str(exc)).response()
        if sent.schedule.faults:
            exchange.why += mounted.faults.note(sent)
            exchange.faults = applied_faults(sent)
        if sent.end is not End.COMPLETE and self._unread.has_aborted(transport):
            exchange.why += ("the client took nothing of this answer for too long, so its connection was closed",)
        journal.wrote(exchange, sent.chunks, sent.body, size=sent.size)
        journal.finish(exchange, sent.end, ms=sent.ms)
        return sent_response(sent)


async def _deliver(
    request: web.BaseRequest, site_request: SiteRequest, mounted: MountedSite, exchange: Exchange
) -> SendResult:
    """Let the site answer, record its decision in *exchange*, and send the response."""
    pack = mounted.spec.pack
    try:
        reply = checked_reply(mounted.site.answer(site_request), pack.name, site_request)
    except MockError:
        raise
    except Exception as exc:
        error = failed_answer(exc, pack.name, site_request)
        SERVER_LOG.error("%s", error, exc_info=exc)
        raise error from exc
    varied = None if mounted.variant is None else mounted.variant.vary(reply, site_request)
    response = reply.response if varied is None else varied.response
    mounted.journal.decide(exchange, response, reply.why)
    exchange.unmatched = reply.unmatched
    if request.headers.get("Upgrade", "").lower() == "websocket":
        exchange.why += ("the client asked for a websocket, which the mock does not have: it got an ordinary response",)
    if mounted.live is not None and any(reply.upstream):
        framing, keep = pack.frame_text(mounted.settings, reply.response), mounted.journal.body_limit
        return await converse(request, site_request, reply.response, mounted.live, framing, mounted.clock, keep=keep)
    if varied is None:
        delivery = delivery_of(reply, site_request, mounted)
        if reply.recorded and reply.delivery is None:
            exchange.why += mounted.faults.note_words(response, delivery)
        schedule = build_schedule(response, delivery)
    else:
        schedule = render(varied, http11=request.version >= HttpVersion11)
    try:
        return await send(request, schedule, mounted.clock)
    except asyncio.CancelledError:
        mounted.faults.interrupted(schedule)
        raise


def delivery_of(reply: SiteReply, site_request: SiteRequest, mounted: MountedSite) -> Delivery:
    """Return the delivery of a response: the site's is for recordings and the chat's answers, not for pages."""
    if reply.delivery is not None:
        return reply.delivery
    return mounted.delivery if reply.recorded or mounted.kind(site_request) == "answer" else AS_RECORDED
