"""A pack and its settings, from which a site can be built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.pack import RequestKind, SitePack
from chatgptfree_mock.contract.pack_results import PackResultError, checked_site
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.errors import SettingsError

_KINDS: Final[tuple[str, ...]] = get_args(RequestKind)


class SiteSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A pack and its settings, from which a site can be built."""

    pack: SitePack[Any]
    settings: Any = None
    """By default the pack's defaults."""

    def __post_init__(self) -> None:
        if self.settings is None:
            msgspec.structs.force_setattr(self, "settings", self.pack.Settings())
        if not isinstance(self.settings, self.pack.Settings):
            raise SettingsError(
                f"these are not settings of the pack {base_name(self.pack.name)}: {type(self.settings).__name__}"
            )

    def build(self, recordings: Recordings) -> Site:
        """
        Return the site, behind *recordings*, with their clock, random numbers and store.

        Raises:
            PackResultError: a method of the pack returns something that is not a site.
            MockError: the settings cannot be used, alone or beside *recordings*.
        """
        settings, name = self.settings, base_name(self.pack.name)
        now, random, store = recordings.now, recordings.random, recordings.store
        site = checked_site(self.pack.build(settings, now=now, random=random, store=store), name, "build")
        return checked_site(self.pack.replay(site, settings, recordings), name, "replay")

    def kind(self, request: SiteRequest) -> RequestKind:
        """
        Return the purpose of *request*.

        Raises:
            PackResultError: the pack returns another word.
        """
        kind = self.pack.kind(self.settings, request)
        if kind not in _KINDS:
            raise PackResultError(
                f"`kind` of the site pack {base_name(self.pack.name)} returns {kind!r} for {request.method} "
                f"{request.path[:80]}; it has to be one of {', '.join(_KINDS)}"
            )
        return kind

    @property
    def release(self) -> str:
        """Return the name of the release in the settings."""
        key = self.pack.release_key
        return self.pack.releases.names[-1] if key is None else str(getattr(self.settings, key))

    @property
    def files(self) -> tuple[str, ...]:
        """Return the names of files in its settings."""
        return self.pack.files(self.settings)

    def on_release(self, release: str) -> SiteSpec:
        """
        Return the same site on another *release*.

        Raises:
            UnknownReleaseError: the pack has no *release*.
        """
        self.pack.releases.find(release)
        key = self.pack.release_key
        return self if key is None else self.with_settings(msgspec.structs.replace(self.settings, **{key: release}))

    def with_reply(self, reply: str | Sequence[str]) -> SiteSpec:
        """
        Return the same site with *reply*, a text or a list of deltas, as the model's answer.

        Raises:
            SettingsError: the pack has no setting for it, or it is neither a text nor a list of texts.
        """
        try:
            answer = msgspec.convert(reply, str | list[str])
        except msgspec.ValidationError as exc:
            raise SettingsError(f"reply: give a text or a list of texts, not {reply!r:.60}") from exc
        return self.with_settings(self.pack.with_reply(self.settings, answer))

    def with_settings(self, settings: Any) -> SiteSpec:
        """Return the same pack with other *settings*."""
        return replace(self, settings=settings)
