"""
What goes between WordPress and the plugin: a call of admin-ajax.php, the parts of the site, and the answer.

A plugin generation is a class that takes `Parts` and has a handler for each action; a handler takes a `Call` and
returns an `SiteReply`.  Both generations and the site build on these types and on nothing else of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from msgspec import Struct

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.wordpress.core import Core
from chatgptfree_mock.sites.wordpress.database import Database
from chatgptfree_mock.sites.wordpress.forms import Fields
from chatgptfree_mock.sites.wordpress.nonces import User
from chatgptfree_mock.sites.wordpress.visitors import Visitors
from chatgptfree_mock.tape.model import Response

Messages = tuple[Mapping[str, Any], ...]
"""Messages as the model's API takes them, each with a role and a content."""


class SiteReply(Struct, kw_only=True, gc=False):
    """
    A response, in words what was decided on the way to it, and what the model's API was asked for it.

    Each belongs to one visit; what stands between the plugin and the visitor may put another response in its place.
    """

    response: Response
    why: tuple[str, ...] = ()
    nonce_refused: bool = False
    """Nothing was asked of the plugin yet: the nonce was no good."""
    way: Delivery | None = None
    """How this very response travels, where that is not as the site's others do."""
    recorded: bool = False
    """The response comes from a recording, so the site's delivery is for it, whatever was asked."""
    stopped: bool = False
    """What stands in front of the site gave this answer; WordPress was not asked."""
    upstream: tuple[Messages, ...] = ()
    """What the plugin sent to the model's API, one entry per call; empty for a call that holds no messages."""


class Site(Protocol):
    """Whatever answers for a site: the imitation, a cassette, a scenario."""

    def answer(self, visit: SiteRequest) -> SiteReply:
        """Answer one request."""
        ...

    def nonce(self) -> str:
        """Return a nonce that the chat accepts of a guest now."""
        ...

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return the paths, without a slash at the end, that this site answers although the mock has its own there."""
        ...

    def warnings(self) -> Sequence[str]:
        """Return what was asked for and has had no effect so far."""
        ...


class AjaxCall(Struct, frozen=True, kw_only=True, gc=False):
    """One call of admin-ajax.php that has reached the plugin."""

    visit: SiteRequest
    fields: Fields
    core: Core
    user: User
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a plugin is given of its site; what it remembers is in the database."""

    settings: SiteSettings
    visitors: Visitors
    database: Database
    random: Random


Handler = Callable[[AjaxCall], SiteReply]


class Plugin(Protocol):
    """The chat plugin of one site, of whichever generation."""

    nonce_action: str
    """The action that the nonces on the page are made for."""

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Return what answers which action; an action that this release doesn't have is missing."""
        ...
