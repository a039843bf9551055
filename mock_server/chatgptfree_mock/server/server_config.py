"""The configuration of a server: the root site, the limits, and the state that processes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, Final

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.pack import SitePack
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import BODY, EXCHANGES
from chatgptfree_mock.memory_limit import MEMORY
from chatgptfree_mock.replay.delivery import AS_RECORDED, Delivery
from chatgptfree_mock.server.mounted_site import TurnableClock
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions
from chatgptfree_mock.wire.send_timeout import WRITE_SECONDS

BODY_LIMIT: Final = 8 * 1024 * 1024
"""The largest request body that is read; PHP's own `post_max_size`."""
BODY_SECONDS: Final = 60.0
"""Seconds that the rest of a request may take, as with nginx's `client_body_timeout`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """
    The configuration of a server.

    Raises:
        SettingsError: a number or a value for answers is of a wrong type, or a number cannot be a limit.
    """

    pack: SitePack[Any] = field(default_factory=partial(registry.load, DEFAULT_PACK))
    """The pack that imitates the root site."""
    settings: Any = None
    """The settings of the root site, of the pack's type; None for its defaults."""
    delivery: Delivery = AS_RECORDED
    clock: TurnableClock | None = None
    """The clock of the root site; by default the machine's, which can be turned."""
    seed: int | None = None
    """Makes ids and cookies repeatable."""
    body_limit: int = BODY_LIMIT
    body_seconds: float = BODY_SECONDS
    write_seconds: float = WRITE_SECONDS
    """Seconds that a client may read nothing of a pending response, before its connection is closed."""
    journal_exchanges: int = EXCHANGES
    """The number of exchanges that each journal keeps: that of the server, and that of each site."""
    journal_body: int = BODY
    """The number of bytes of each body that a journal keeps."""
    memory: int = MEMORY
    """Limit in bytes for all journals, runs of scenarios and conversations; the oldest are dropped first."""
    cassettes: tuple[Cassette, ...] = ()
    """Recordings that answer in place of the imitation on the root site; see `SitePack.replay`."""
    replay: ReplayOptions = DEFAULT_OPTIONS
    """Options for matching and playing recordings, also those named in settings and scenarios."""
    notes: tuple[str, ...] = ()
    """A line for each recording that was left out; among the warnings of the root site."""
    scenarios: tuple[Path, ...] = ()
    """Folders of scenarios besides those that ship with the project."""
    files: tuple[Path, ...] = ()
    """Folders whose recordings the control API and scenarios may name, besides those of the scenarios."""
    api_token: str | None = field(default=None, repr=False)
    """The token for requests to the control API; by default a random one, see `access`."""
    api_hosts: tuple[str, ...] = ()
    """Host names that the control API accepts, besides IP addresses, `localhost` and the name of this machine."""
    store: Callable[[str], Store] | None = None
    """Opens the store of the site of that name, where several processes serve it; by default it is in memory."""
    shared: Path | None = None
    """A folder with the state of a server that several processes serve together."""

    def __post_init__(self) -> None:
        for name, kind in (("delivery", Delivery), ("replay", ReplayOptions)):
            if not isinstance(value := getattr(self, name), kind):
                raise SettingsError(f"{name}: give a {kind.__name__}, not {value!r:.60}")
        if self.seed is not None and type(self.seed) is not int:
            raise SettingsError(f"seed: give a whole number, not {self.seed!r:.60}")
        for name in ("body_limit", "journal_exchanges", "journal_body", "memory"):
            if type(value := getattr(self, name)) is not int or value < 0:
                raise SettingsError(f"{name}: give a whole number from 0 on, not {value!r:.60}")
        for name in ("body_seconds", "write_seconds"):
            if type(value := getattr(self, name)) not in (int, float) or not 0 < value < inf:
                raise SettingsError(f"{name}: give a number of seconds above 0, not {value!r:.60}")

    @property
    def spec(self) -> SiteSpec:
        """
        Return the pack and the settings of the root site.

        Raises:
            SettingsError: the settings are not of that pack.
        """
        return SiteSpec(pack=self.pack, settings=self.settings)

    @property
    def notice(self) -> str | None:
        """Return a notice for the user if the release of the root site is not known; None if it is."""
        return self.pack.releases.notice(self.spec.release) if self.pack.release_key else None
