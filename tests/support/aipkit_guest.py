"""A visitor of an imitated site of AIPKit, who asks as the page does and reads what comes as events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.support.situations_2x import visit_with

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.releases import ReleaseTable
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.wordpress.nonces import NonceMint

NOW = 1_795_396_913.25
Event = tuple[str, Any]
"""The name of an event, empty for the default one, and its data."""


@dataclass(kw_only=True)
class Guest:
    """Someone with a session, in one conversation with one bot."""

    site: AipowerSite
    now: list[float] = field(default_factory=lambda: [NOW])
    session: str = "session-1"
    conversation: str = "conversation-1"
    bot: int = 25865

    @property
    def nonce(self) -> str:
        """A good nonce."""
        mint = NonceMint(salt=self.site.settings.nonce_salt.encode())
        return mint.issue("aipkit_frontend_chat_nonce", now=self.now[0])

    def post(self, action: str, *, origin: str = "none", **fields: str | None) -> SiteReply:
        """Call an action with what the page always sends, and *fields*."""
        defaults: dict[str, str | None] = {
            "_ajax_nonce": self.nonce,
            "bot_id": str(self.bot),
            "session_id": self.session,
            "conversation_uuid": self.conversation,
        }
        return self.site.answer(visit_with({"action": action, **defaults, **fields}, origin=origin))

    def key(self, message: str = "Hello") -> str:
        """Leave a message in the cache and return its key."""
        reply = self.post("aipkit_cache_sse_message", message=message)
        return str(data_of(reply)["cache_key"])

    def stream(self, message: str = "Hello", *, key: str | None = None, **fields: str | None) -> SiteReply:
        """Ask with two calls, or with the second alone if there is a *key*."""
        sent: dict[str, str | None] = {
            "action": "aipkit_frontend_chat_stream",
            "cache_key": self.key(message) if key is None else key,
            "bot_id": str(self.bot),
            "session_id": self.session,
            "conversation_uuid": self.conversation,
            "_ajax_nonce": self.nonce,
            **fields,
        }
        return self.site.answer(visit_with(sent, method="GET", form="query"))

    def ask(self, message: str = "Hello", **fields: str | None) -> list[Event]:
        """Ask with two calls and return the events."""
        return events_of(self.stream(message, **fields))


def guest(plugin: str = "2.4.71", releases: ReleaseTable | None = None, /, **settings: Any) -> Guest:
    """Return a guest of a fresh site, on one of *releases*."""
    now = [NOW]
    site = AipowerSite(
        site_from({"plugin": plugin, **settings}), now=lambda: now[0], random=Random(3), releases=releases
    )
    return Guest(site=site, now=now)


def data_of(reply: SiteReply) -> Any:
    """Return the data of a JSON answer."""
    return json.loads(reply.response.body)["data"]


def events_of(reply: SiteReply) -> list[Event]:
    """Return the events of a stream; comments are no events."""
    blocks = reply.response.body.decode().split("\n\n")
    return [_event(block) for block in blocks if block and not block.startswith(":")]


def named(events: list[Event], name: str) -> list[Any]:
    """Return the data of the events of one name."""
    return [data for kind, data in events if kind == name]


def _event(block: str) -> Event:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    data = fields["data"]
    return fields.get("event", ""), json.loads(data) if data else None
