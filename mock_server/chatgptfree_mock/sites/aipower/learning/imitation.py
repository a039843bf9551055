"""Send the recorded requests to the imitated site, on any release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.bot_place import bot_of
from chatgptfree_mock.sites.aipower.learning.exchanges import NONCE_FIELDS, SortedExchange
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces, message_id_in
from chatgptfree_mock.sites.aipower.learning.situations import DEFAULT_SITUATION, Situation, deltas_of
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.json_value import json_object
from chatgptfree_mock.tape.model import Headers, Response, header_of

NOW: Final = 1_795_396_913.0
"""The time of all imitated requests, in Unix seconds."""
PAGE: Final = "/chat/"
"""The path of every imitated page with a chat, whatever the path of the recorded one."""
_CACHE_ACTION: Final = "aipkit_cache_sse_message"
_LEFT_OUT: Final = frozenset({"accept-encoding", "cookie", "if-none-match", "if-modified-since", "range"})
"""Headers that change the form of a response but not its content."""


def ask(
    release: PluginRelease, site: SiteTraces, exchange: SortedExchange, situation: Situation = DEFAULT_SITUATION
) -> Response | None:
    """Return what *release* answers to the request of *exchange*; None if it cannot be in that *situation*."""
    try:
        imitated = _site(release, site, exchange, situation)
        return _Asker(imitated, site, exchange, situation).answer()
    except SettingsError:
        return None


def _site(release: PluginRelease, site: SiteTraces, exchange: SortedExchange, situation: Situation) -> AipowerSite:
    bots = site.bots_on_page if situation.only_bots_on_page else site.bots
    if exchange.purpose == "page":
        bots = [bot_of(chat, site.shown.bots, site.own_names) for chat in exchange.page.chats]
    model: dict[str, Any] = {**situation.model}
    if deltas := deltas_of(exchange):
        model["reply"] = deltas
    streams = exchange.purpose != "answer"
    settings = {
        **site.settings,
        "plugin": release.name,
        "bots": [{**bot, **({} if streams else {"stream": False, "announce_stream": True})} for bot in bots],
        "model": model,
        **situation.settings,
    }
    return AipowerSite(site_from(settings), now=lambda: NOW, random=Random(1), releases=ReleaseTable([release]))


class _Asker:
    """Sends one recorded request to an imitated site."""

    def __init__(self, imitated: AipowerSite, site: SiteTraces, exchange: SortedExchange, situation: Situation) -> None:
        self._imitated, self._site, self._exchange, self._situation = imitated, site, exchange, situation
        self._ids: dict[str, str] = {}
        """The ids of messages in this imitation, by the recorded ones."""

    def answer(self) -> Response:
        """Send the request, after those that the situation or its conversation requires before it."""
        if self._exchange.purpose == "ajax" and self._exchange.key.field("conversation_uuid") is not None:
            self._fill()
        if self._situation.asked_before:
            self._imitated.answer(self._request(self._key()))
        key = self._key()
        if self._situation.key == "used":
            self._imitated.answer(self._request(key))
        return self._imitated.answer(self._request(key)).response

    def _fill(self) -> None:
        """Repeat the earlier requests of the recording, so that the site has the same conversations stored."""
        for each in self._site.earlier:
            if each.number < self._exchange.number:
                asker = _Asker(self._imitated, self._site, each, self._site.shown.of(each))
                reply = asker._imitated.answer(asker._request(asker._key())).response
                recorded, given = message_id_in(each.interaction.response), message_id_in(reply)
                if recorded and given:
                    self._ids[recorded] = given

    def _request(self, key: str | None) -> SiteRequest:
        request = self._exchange.interaction.request
        parts = urlsplit(request.uri)
        target, body = parts.query, request.body or b""
        for names, value in ((NONCE_FIELDS, self._nonce()), (("cache_key",), key)):
            if value is not None:
                target = with_field(target.encode(), names, value).decode()
                body = with_field(body, names, value)
        for recorded, given in self._ids.items():
            target, body = target.replace(recorded, given), body.replace(recorded.encode(), given.encode())
        page = self._exchange.purpose == "page"
        return SiteRequest(
            method=request.method,
            path=PAGE if page else parts.path.removeprefix(self._site.root),
            query="" if page else target,
            headers=_headers(request.headers),
            body=body,
            base_url=base_url(self._exchange, self._site.root),
        )

    def _nonce(self) -> str | None:
        return self._imitated.nonce() if self._situation.nonce == "good" else None

    def _key(self) -> str | None:
        """Cache the message again and return its key; None to send the recorded key."""
        sent = self._exchange.key.field("cache_key")
        if not sent or self._situation.key == "as sent":
            return None
        message = self._site.messages.get(sent, "Hello")
        action = self._imitated.release.actions.get(_CACHE_ACTION, _CACHE_ACTION)
        fields = {"action": action, "message": message, "_ajax_nonce": self._imitated.nonce()}
        form = (("Content-Type", "application/x-www-form-urlencoded"),)
        reply = self._imitated.answer(
            SiteRequest(method="POST", path=self._ajax_path, headers=form, body=urlencode(fields).encode())
        )
        data = json_object(reply.response.body).get("data")
        return str(data["cache_key"]) if isinstance(data, dict) and "cache_key" in data else None

    @property
    def _ajax_path(self) -> str:
        return self._imitated.settings.front.ajax_path


def base_url(exchange: SortedExchange, root: str) -> str:
    """Return the URL of the recorded site, with the host that the request was sent to."""
    request = exchange.interaction.request
    parts = urlsplit(request.uri)
    host = header_of(request.headers, "Host") or parts.netloc
    scheme = parts.scheme if host == parts.netloc else "http"
    return f"{scheme or 'http'}://{host}{root}"


def with_field(form: bytes, names: Sequence[str], value: str) -> bytes:
    """Return a query or a form, urlencoded or multipart, with another value of its fields *names*."""
    name = b"(?:" + b"|".join(re.escape(each.encode()) for each in names) + b")"
    form = re.sub(rb"((?:^|&)" + name + rb"=)[^&]*", rb"\g<1>" + value.encode(), form)
    return re.sub(rb'(name="' + name + rb'"\r\n\r\n)[^\r]*', rb"\g<1>" + value.encode(), form)


def _headers(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _LEFT_OUT)
