"""
A site pack: everything the server, the scenarios and the crash test need in order to imitate one kind of site.

A pack is an object that an entry point of the group ``chatgptfree_mock.sites`` names.  Its class derives from
`SitePack`, and has what is here; for all else it has defaults (`OptionalMembers`).  It does no I/O and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal, Protocol, TypeVar, runtime_checkable

import msgspec

from chatgptfree_mock.contract.optional_members import OptionalMembers
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store

S = TypeVar("S", bound=msgspec.Struct)
RequestKind = Literal["page", "ask", "answer", "other"]
"""
The purpose of a request.

`page`: a page for visitors.  `answer`: its reply is the model's answer.  `ask`: any other request of the chat, such as
one that sends a message whose answer is fetched later.  `other`: files and everything else.
"""


@runtime_checkable
class SitePack(OptionalMembers[S], Protocol[S]):
    """One kind of site; *S* is the type of its settings."""

    name: str
    """The name of the pack, as given to ``--pack``, and the name of its entry point."""
    Settings: type[S]
    """The type of its settings: a `contract.settings.SettingsPart` in which every field has a default."""

    def build(self, settings: S, *, now: Callable[[], float], random: Random, store: Store) -> Site:
        """
        Return a site as *settings* describe it; it shares no state with others except through the arguments.

        Args:
            settings: a value of the type `Settings`.
            now: returns Unix seconds.
            random: makes ids and tokens.
            store: keeps the site's state: visitors, conversations, counts.

        Raises:
            MockError: the settings name something that does not exist.
        """
        ...

    def kind(self, settings: S, request: SiteRequest) -> RequestKind:
        """Return the purpose of *request*, on a site with *settings*."""
        ...
