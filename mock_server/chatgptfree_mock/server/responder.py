"""
Answer requests: read one, let the site answer it, send the response, and record both.

The site at the path answers, the delivery schedules the answer, the wire sends it, and the journal records it.
"""

from __future__ import annotations

import asyncio
from time import time

from aiohttp import HttpVersion11, web

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server.fault_record import struck
from chatgptfree_mock.server.live import converse
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.request_reader import RefusedRequestError, read_request
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_changes import SiteChanges
from chatgptfree_mock.server.site_registry import Resolver, SiteRegistry
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
            hosted, site_request = await read_request(request, find, self._config, at_root=at_root)
        except RefusedRequestError as exc:
            return exc.response()
        transport = request.transport
        journal = hosted.journal
        exchange = journal.begin(site_request, site=hosted.name, at=hosted.clock.time(), began=time())
        try:
            sent = await _deliver(request, site_request, hosted, exchange)
        except asyncio.CancelledError:
            journal.finish(exchange, End.CLIENT_CLOSED)
            raise
        exchange.why += hosted.faults.note(sent)
        exchange.faults = struck(sent)
        if self._unread.has_aborted(transport):
            exchange.why += ("the client took nothing of this answer for too long, so its connection was closed",)
        journal.wrote(exchange, sent.chunks, sent.body, size=sent.size)
        journal.finish(exchange, sent.end, ms=sent.ms)
        return sent_response(sent)


async def _deliver(
    request: web.BaseRequest, site_request: SiteRequest, hosted: MountedSite, exchange: Exchange
) -> SendResult:
    """Let the site answer, record its decision in *exchange*, and send the response."""
    answered = hosted.answerer.answer(site_request)
    varied = None if hosted.variant is None else hosted.variant.vary(answered, site_request)
    response = answered.response if varied is None else varied.response
    hosted.journal.decide(exchange, response, answered.why)
    if hosted.live is not None and any(answered.upstream):
        framing = hosted.spec.pack.frame_text(hosted.settings, answered.response)
        return await converse(
            request,
            site_request,
            answered.response,
            hosted.live,
            framing,
            hosted.clock,
            keep=hosted.journal.body_limit,
        )
    if varied is None:
        delivery = delivery_of(answered, site_request, hosted)
        if answered.recorded and answered.delivery is None:
            exchange.why += hosted.faults.note_words(response, delivery)
        schedule = build_schedule(response, delivery)
    else:
        schedule = render(varied, http11=request.version >= HttpVersion11)
    try:
        return await send(request, schedule, hosted.clock)
    except asyncio.CancelledError:
        hosted.faults.interrupted(schedule)
        raise


def delivery_of(answered: SiteReply, site_request: SiteRequest, hosted: MountedSite) -> Delivery:
    """Return the delivery of a response: the site's is for recordings and the chat's answers, not for pages."""
    if answered.delivery is not None:
        return answered.delivery
    return hosted.delivery if answered.recorded or hosted.kind(site_request) == "answer" else AS_RECORDED
