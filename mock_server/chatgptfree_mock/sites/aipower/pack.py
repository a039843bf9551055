"""
The pack `aipower`: chatgptfree.ai, a WordPress with the plugin AI Power / AIPKit, releases 1.8.79 to 2.4.x.

What only a site needs that answers is imported when one is built: most commands ask for settings and releases alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from chatgptfree_mock.contract.learned_release import AnswerJudge, LearnedRelease
from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.pack import RequestKind, SitePack
from chatgptfree_mock.contract.recordings import Recordings
from chatgptfree_mock.contract.releases import release_of_recordings
from chatgptfree_mock.contract.reply import PLAIN, SiteReply, TextFraming
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store
from chatgptfree_mock.json_schema import Schema
from chatgptfree_mock.sites.aipower import request_kind
from chatgptfree_mock.sites.aipower.match_rules import is_ajax, rules_for
from chatgptfree_mock.sites.aipower.page_marks import PAGE_MARKS, releases_in_pages
from chatgptfree_mock.sites.aipower.pages.templates import Templates
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.releases.file_schema import release_schema
from chatgptfree_mock.sites.aipower.settings import Bot, SiteSettings
from chatgptfree_mock.sites.model_api.settings import Model
from chatgptfree_mock.tape.files import cassette_folder
from chatgptfree_mock.tape.match_rules import MatchRules
from chatgptfree_mock.tape.model import Cassette, Interaction, Response
from chatgptfree_mock.tape.request_key import RequestKey

if TYPE_CHECKING:
    from chatgptfree_mock.sites.aipower.site import AipowerSite


class AipowerPack(SitePack[SiteSettings]):
    """The pack of the imitated site; see `contract.pack.SitePack` for its members."""

    name = "aipower"
    Settings = SiteSettings
    release_key = "plugin"
    host = "chatgptfree.ai"
    version_keys = ("plugin", "wordpress")
    page_marks = PAGE_MARKS
    scenarios = cassette_folder() / "scenarios"

    def __init__(self, releases: ReleaseTable | None = None, templates: Templates | None = None) -> None:
        """Make a pack of *releases* that renders pages with *templates*; both default to the built-in ones."""
        self.releases: ReleaseTable = built_in() if releases is None else releases
        self._templates = templates

    def with_releases(self, paths: Sequence[Path], *, strict: bool = False) -> AipowerPack:
        """Return this pack with more releases from files and folders; if *strict*, it refuses unknown releases."""
        return AipowerPack(self.releases.with_files(paths, strict=strict or None), self._templates)

    def release_schema(self) -> Schema:
        """Return the schema of a release's file."""
        return release_schema()

    def with_templates(self, folders: Sequence[Path]) -> AipowerPack:
        """Return this pack with the templates in *folders* before those that ship."""
        return AipowerPack(self.releases, Templates(folders) if folders else self._templates)

    def learn(
        self, cassettes: Sequence[Cassette], *, name: str, base: str | None, judge: AnswerJudge
    ) -> LearnedRelease:
        """Return the release *name* as *cassettes* show it; see `learning`."""
        from chatgptfree_mock.sites.aipower.learning.learner import learn_release

        return learn_release(self.releases, cassettes, name=name, base=base, judge=judge)

    def build(self, settings: SiteSettings, *, now: Callable[[], float], random: Random, store: Store) -> AipowerSite:
        """Return a WordPress with the plugin."""
        from chatgptfree_mock.sites.aipower.site import AipowerSite

        return AipowerSite(
            settings, now=now, random=random, store=store, releases=self.releases, templates=self._templates
        )

    def kind(self, settings: SiteSettings, request: SiteRequest) -> RequestKind:
        """Return what *request* is for; every call of admin-ajax.php whose reply is not the answer is an `ask`."""
        release = self.releases.find(settings.plugin)
        return request_kind.kind_of_request(request, settings.front.ajax_path, release.actions)

    def action(self, settings: SiteSettings, request: SiteRequest) -> str:
        """Return the action that a call of admin-ajax.php names."""
        del settings
        return request_kind.action(request)

    def check(self, settings: SiteSettings) -> None:
        """Find a release of the plugin or of WordPress that does not exist."""
        from chatgptfree_mock.sites.aipower.pages.page_headers import wordpress_of
        from chatgptfree_mock.sites.wordpress.core import core_traits

        release = self.releases.for_site(strict=settings.strict_release).find(settings.plugin, place="$.plugin")
        core_traits(wordpress_of(settings, release))

    def default_release(self, cassettes: Sequence[Cassette], default: str) -> str:
        """
        Return the release that *cassettes* or a page in them name, else *default*.

        Beside recorded pages little is imitated, so that an unknown release does not matter there.
        """
        if not cassettes:
            return default
        paths = (urlsplit(each.request.uri).path for cassette in cassettes for each in cassette.interactions)
        known = release_of_recordings(cassettes, self.releases)
        known = known or next(iter(releases_in_pages(cassettes, self.releases)), None)
        return known or (default if all(map(is_ajax, paths)) else SiteSettings().plugin)

    def replay(self, site: Site, settings: SiteSettings, recordings: Recordings) -> Site:
        """Return *site* with recordings that answer for its chat, or for the whole site if they include a page."""
        from chatgptfree_mock.sites.aipower.site import AipowerSite

        if not isinstance(site, AipowerSite):
            raise TypeError(f"not a site of this pack: {site!r}")
        if not recordings.cassettes and not self.files(settings):
            return site
        # A site without recordings starts without what plays them.
        from chatgptfree_mock.sites.aipower.replay_site import replay_site
        from chatgptfree_mock.sites.recorded.token_memory import memory_of

        memory = memory_of(recordings)
        return replay_site(site, settings, recordings.cassettes, recordings.options, memory)

    def token_refusal(
        self, cassettes: Sequence[Cassette], request: SiteRequest, *, name: str, value: str, now: float
    ) -> SiteReply | None:
        """Return how the recorded release refuses a wrong nonce or cache key."""
        from chatgptfree_mock.sites.aipower.own_refusal import own_refusal, release_for

        release, why = release_for(cassettes, self.releases, request)
        if not release:
            return None
        settings = SiteSettings(plugin=release)
        site = self.build(settings, now=lambda: now, random=Random(0), store=MemoryStore())
        refused = own_refusal(site, settings.front.ajax_path, request, name=name, value=value)
        if refused is not None:
            refused.why = (*refused.why, f"as {release} of AI Power refuses it{why}")
        return refused

    def client_result(self, interaction: Interaction, recorded: Sequence[Interaction] = ()) -> str:
        """Return what the reference client makes of a recorded answer; see `client_view`."""
        from chatgptfree_mock.sites.aipower.client_view import what_a_client_makes

        return what_a_client_makes(interaction, recorded)

    def match_rules(self, key: RequestKey) -> MatchRules:
        """Return the rules for calls of the plugin, of admin-ajax.php, or of any site."""
        return rules_for(key)

    def with_reply(self, settings: SiteSettings, reply: str | list[str]) -> SiteSettings:
        """Return *settings* whose model answers *reply*."""
        return replace(settings, model=replace(settings.model, reply=reply))

    def files(self, settings: SiteSettings) -> tuple[str, ...]:
        """Return the names of the recordings that the site and its bots answer from."""
        models = (settings.model, *(bot.model for bot in settings.bots))
        return tuple(model.cassette for model in models if model is not None and model.cassette is not None)

    def with_files(self, settings: SiteSettings, resolve: Callable[[str], str]) -> SiteSettings:
        """Return *settings* with other names for those recordings."""
        bots = [_with_file(bot, resolve) for bot in settings.bots]
        return replace(settings, model=_resolved(settings.model, resolve), bots=bots)

    def frame_text(self, settings: SiteSettings, head: Response) -> TextFraming:
        """Return the events of the plugin's generation, or nothing around the text where *head* is not a stream."""
        if not head.header("Content-Type").startswith("text/event-stream"):
            return PLAIN
        from chatgptfree_mock.sites.aipower.live_framing import live_framing

        return live_framing(self.releases.find(settings.plugin))


def _with_file(bot: Bot, resolve: Callable[[str], str]) -> Bot:
    return bot if bot.model is None else replace(bot, model=_resolved(bot.model, resolve))


def _resolved(model: Model, resolve: Callable[[str], str]) -> Model:
    return model if model.cassette is None else replace(model, cassette=resolve(model.cassette))


PACK: Final = AipowerPack()
