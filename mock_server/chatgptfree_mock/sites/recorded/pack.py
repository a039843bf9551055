"""The pack `recorded`: any site, from its recordings, without an imitation behind them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.pack import RequestKind, SitePack
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.reply import SiteReply, text_response
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.settings import SettingsPart
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.sites.recorded.token_memory import memory_of
from chatgptfree_mock.tape.files import named_cassette

_NOTHING: Final = "this site has no recordings: give it some, with `--cassettes` or its setting `cassettes`"


class RecordedSettings(SettingsPart, frozen=True, kw_only=True):
    """The settings of a recorded site."""

    cassettes: list[str] = msgspec.field(default_factory=list)
    """Recordings in addition to those given by options: files, or names of built-in recordings."""


class EmptySite(Site):
    """A site without any recording: it answers everything with 404."""

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer with 404, which names the missing recordings."""
        del request
        return SiteReply(response=text_response(404, _NOTHING), why=(_NOTHING,))


class RecordedPack(SitePack[RecordedSettings]):
    """The pack of recorded sites; see `contract.pack.SitePack` for its members."""

    name = "recorded"
    Settings = RecordedSettings

    def build(self, settings: RecordedSettings, *, now: Callable[[], float], random: Random, store: Store) -> EmptySite:
        """Return a site that answers everything with 404; `replay` replaces it by the recordings."""
        del settings, now, random, store
        return EmptySite()

    def replay(self, site: Site, settings: RecordedSettings, recordings: Recordings) -> Site:
        """Return a site that answers from the recordings; *site* itself if there are none."""
        cassettes = [*recordings.cassettes, *map(named_cassette, settings.cassettes)]
        return CassettePlayer(cassettes, recordings.options, memory=memory_of(recordings)) if cassettes else site

    def kind(self, settings: RecordedSettings, request: SiteRequest) -> RequestKind:
        """Return `page` for GET and HEAD, and `answer` for other methods: nothing else is known of the site."""
        del settings
        return "page" if request.method in ("GET", "HEAD") else "answer"

    def files(self, settings: RecordedSettings) -> tuple[str, ...]:
        """Return the recordings that the settings name."""
        return tuple(settings.cassettes)

    def with_files(self, settings: RecordedSettings, resolve: Callable[[str], str]) -> RecordedSettings:
        """Return *settings* with other names for them."""
        return replace(settings, cassettes=list(map(resolve, settings.cassettes)))


PACK: Final = RecordedPack()
