"""One site of a server, with its mount point, its delivery, its clock and its journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatgptfree_mock.clock import ManualClock, SystemClock
from chatgptfree_mock.contract.pack import RequestKind
from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import Journal
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.fault_record import FaultRecord, merged_warnings
from chatgptfree_mock.server.live import LiveReply

if TYPE_CHECKING:
    from chatgptfree_mock.server.served_variant import ServedVariant

TurnableClock = SystemClock | ManualClock

Build = Callable[[SiteSpec, TurnableClock, str | None], Site]
"""
Builds the `Site` of a mounted site; called again when its settings change.

The last argument is the site's key in a database that processes share; None in a single process.
"""


@dataclass(slots=True, kw_only=True)
class MountedSite:
    """One site and where it is mounted."""

    name: str
    """The name of the site in the control API and the journal: `root`, `v/1.8.93`, or the name it was added with."""
    prefix: str
    """The path in front of the site's own, without a slash at its end; empty for the root site."""
    spec: SiteSpec
    delivery: Delivery
    clock: TurnableClock
    journal: Journal
    build: Build
    """Builds its `Site` again when its settings change."""
    site: Site
    live: LiveReply | None = None
    """Set if the chat's answers are live."""
    scenario: str | None = None
    """The name of the scenario that is played here, which alone determines the site and its answers."""
    notes: tuple[str, ...] = ()
    """Notes on things left out when the site was built, such as a file that is not a cassette."""
    variant: ServedVariant | None = None
    """The variant that is served in place of one recorded answer."""
    connections: set[asyncio.Transport] = field(default_factory=set)
    """The connections on which it is answering."""
    faults: FaultRecord = field(init=False)

    def __post_init__(self) -> None:
        self.faults = FaultRecord(self.delivery)

    def disconnect(self) -> None:
        """Close the connections on which it is answering; call this in the server's event loop."""
        for transport in list(self.connections):
            transport.abort()

    @property
    def settings(self) -> Any:
        """Return the settings of the site, of the type of its pack."""
        return self.spec.settings

    def kind(self, request: SiteRequest) -> RequestKind:
        """Return the kind of *request*."""
        return self.spec.kind(request)

    def warnings(self) -> tuple[str, ...]:
        """Return the settings that have had no effect so far, one line each."""
        of_variant = () if self.variant is None else self.variant.warnings()
        return (*self.notes, *self.site.warnings(), *merged_warnings([self.outcomes()]), *of_variant)

    def outcomes(self) -> dict[str, str | None]:
        """Return each fault, delivery word and option of a replay with the reason why it did not act; None: it did."""
        return self.faults.outcomes() | dict(self.site.outcomes())

    @property
    def release(self) -> str:
        """Return the release that it imitates or that its recordings name; empty if there is none, or several."""
        if self.site.recorded_paths:
            named = self.site.recorded_releases
            return named[0] if len(named) == 1 else ""
        return self.spec.release if self.spec.pack.release_key else ""

    @property
    def path(self) -> str:
        """Return the path of its front page."""
        return self.prefix + "/"

    @property
    def described(self) -> str:
        """Return a short description: `scenario NAME`, `recordings` alone, or pack and release."""
        if self.scenario is not None:
            return f"scenario {self.scenario}"
        if self.site.recorded_paths:
            return "recordings"
        pack = base_name(self.spec.pack.name)
        return f"{pack} {self.spec.release}" if self.spec.pack.release_key else pack


def check_free(mounted: MountedSite) -> None:
    """
    Check that *mounted* may be changed.

    Raises:
        SettingsError: a scenario is played on it, whose responses and delivery would be lost.
    """
    if mounted.scenario is not None:
        raise SettingsError(
            f"the scenario {mounted.scenario} decides what this site is and how it answers; "
            "change the scenario, or use a site without one"
        )


def check_pushable(mounted: MountedSite) -> None:
    """
    Check that the answers of a site can be live.

    Raises:
        SettingsError: it answers from recordings, or a scenario is played on it.
    """
    check_free(mounted)
    if mounted.site.replays:
        raise SettingsError("the answers of this site are recorded ones; they can't be live")
