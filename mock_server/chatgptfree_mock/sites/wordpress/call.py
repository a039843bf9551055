"""
The interface between WordPress and a plugin: a call of admin-ajax.php, and its handlers.

A plugin is a class that has a handler for each action; a handler takes an `AjaxCall` and returns a `SiteReply`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.wordpress.core import Core
from chatgptfree_mock.sites.wordpress.forms import Fields
from chatgptfree_mock.sites.wordpress.nonces import User


class AjaxCall(Struct, frozen=True, kw_only=True, gc=False):
    """One call of admin-ajax.php that has reached the plugin."""

    request: SiteRequest
    fields: Fields
    core: Core
    user: User
    now: float


ActionHandler = Callable[[AjaxCall], SiteReply]


class Plugin(Protocol):
    """The chat plugin of one site, of any generation."""

    nonce_action: str
    """The action that the nonces on the page are made for."""

    @property
    def handlers(self) -> Mapping[str, ActionHandler]:
        """Return the handlers by action; actions that this release doesn't have are missing."""
        ...
