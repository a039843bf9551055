"""
Recordings in place of the imitation's answers.

Recorded actions of admin-ajax.php are answered from the recordings; pages, other actions, the check of the nonce and
the front of the site are the imitation's.  Recordings that include a page replace the imitation as a whole: every
recorded path is answered from them, and all others are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from chatgptfree_mock.contract.releases import recorded_releases
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.sites.aipower.ineffective_settings import check, check_bots
from chatgptfree_mock.sites.aipower.match_rules import is_ajax, rules_for
from chatgptfree_mock.sites.aipower.own_refusal import own_refusal
from chatgptfree_mock.sites.aipower.page_marks import releases_in_pages
from chatgptfree_mock.sites.aipower.releases import ReleaseTable
from chatgptfree_mock.sites.aipower.settings import SiteSettings
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.sites.recorded.cassette_player import CassettePlayer
from chatgptfree_mock.sites.recorded.token_memory import TokenMemory
from chatgptfree_mock.sites.recorded.token_replay import RefusedToken
from chatgptfree_mock.tape.files import named_cassette
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions
from chatgptfree_mock.tape.request_key import RequestKey


class ReplaySite(Site):
    """
    A site whose chat answers from recordings.

    *imitation* answers requests that *player* has no recording for.  *bots* are the players of bots with recordings of
    their own, by the bot's id.  *notes* list where the imitation differs from the recorded site, and *left_out* the
    recordings in the settings that could not be read.
    """

    def __init__(
        self,
        imitation: AipowerSite,
        ajax_path: str,
        player: CassettePlayer | None,
        bots: dict[str, CassettePlayer],
        notes: tuple[str, ...] = (),
        left_out: tuple[str, ...] = (),
    ) -> None:
        self._imitation = imitation
        self._ajax_path = ajax_path.rstrip("/")
        self._player = player
        self._bots = bots
        self._notes = notes
        self._left_out = left_out

    replays = True

    def nonce(self) -> str:
        """Return a nonce that the chat accepts of a guest now."""
        return self._imitation.nonce()

    @property
    def recorded_paths(self) -> frozenset[str]:
        """Return the recorded paths (without a slash at the end), if recordings replace the imitation."""
        player = self._player
        return frozenset() if player is None or not _alone(player, self._ajax_path) else player.recorded_paths

    @property
    def recorded_releases(self) -> tuple[str, ...]:
        """Return the releases that recordings name which replace the imitation, each once."""
        return () if self._player is None or not self.recorded_paths else self._player.recorded_releases

    def has_path(self, path: str) -> bool:
        """Return whether the imitation has *path*, or recordings that replace it, of the site or of a bot."""
        if self._imitation.has_path(path):
            return True
        players = filter(None, (self._player, *self._bots.values()))
        return any(_alone(player, self._ajax_path) and player.has_path(path) for player in players)

    def warnings(self) -> tuple[str, ...]:
        """Return warnings: unread recordings, differences from the recorded site, options without effect."""
        players = (*filter(None, [self._player]), *self._bots.values())
        idle = (line for player in players for line in player.warnings())
        return (*self._left_out, *self._notes, *self._imitation.warnings(), *idle)

    def outcomes(self) -> Mapping[str, str | None]:
        """Return the options of the replay, each with the reason why it did not act for any of the players."""
        found: dict[str, str | None] = {}
        for player in (*filter(None, [self._player]), *self._bots.values()):
            for option, reason in player.outcomes().items():
                found[option] = reason and found.get(option, reason)
        return found

    def answer(self, request: SiteRequest) -> SiteReply:
        """Answer from the recordings, or by the imitation where none fits."""
        recorded = request.as_recorded()
        key = RequestKey.from_request(recorded)
        player = self._bots.get(key.field("bot_id") or "", self._player)
        if player is None:
            return self._imitation.answer(request)
        refuse = partial(self._refuse, request)
        if _alone(player, self._ajax_path):
            return player.play(recorded, request.base_url, address=request.remote, refuse=refuse)
        reply = self._imitation.answer(request)
        reply.why += self._notes
        if reply.stopped or reply.refused == "nonce" or not request.path.rstrip("/").endswith(self._ajax_path):
            return reply
        if not player.has_field("action", key.field("action")):
            reply.why += (f"no recording of the action {key.field('action')}: the imitation answers",)
            return reply
        ajax_request = request.as_recorded(self._ajax_path)
        played = player.play(ajax_request, request.base_url, address=request.remote, refuse=refuse)
        if played.recorded or played.refused is None:
            played.response = self._imitation.apply_front(request, played.response)
        return played

    def _refuse(self, request: SiteRequest, token: RefusedToken) -> SiteReply | None:
        """Return the plugin's own answer to a wrong nonce or cache key; None for another token."""
        return own_refusal(self._imitation, self._ajax_path, request, name=token.name, value=token.value)


def _alone(player: CassettePlayer, ajax_path: str) -> bool:
    """Return whether more than calls of *ajax_path* was recorded, so that pages come from the recordings too."""
    return player.recorded_paths != {ajax_path.rstrip("/")}


def _player(
    cassettes: Sequence[Cassette], options: ReplayOptions, ajax_path: str, memory: TokenMemory | None
) -> CassettePlayer:
    """Return a player for a site with its admin-ajax.php at *ajax_path*, which may differ from the recorded path."""
    return CassettePlayer(
        cassettes,
        options,
        rules=rules_for,
        path=lambda key: ajax_path if is_ajax(key.path) else key.path,
        memory=memory,
    )


def replay_site(
    imitation: AipowerSite,
    settings: SiteSettings,
    cassettes: Sequence[Cassette],
    options: ReplayOptions = DEFAULT_OPTIONS,
    memory: TokenMemory | None = None,
) -> Site:
    """
    Return *imitation* behind the recordings in *settings* and *cassettes*; unchanged if there are none.

    *memory* stores the tokens minted in place of recorded ones; without it recorded tokens are replayed unchanged.

    Raises:
        CassetteError: a recording can't be found or read.
        SettingsError: a setting cannot act beside the recordings.
    """
    named = settings.model.cassette
    by_name = [] if named is None else [named_cassette(named)]
    chosen = [*cassettes, *by_name]
    ajax_path = settings.front.ajax_path
    of_bots = {
        place: named_cassette(bot.model.cassette)
        for place, bot in enumerate(settings.bots)
        if bot.model is not None and bot.model.cassette is not None
    }
    if not chosen and not of_bots:
        return imitation
    recorded = {place: recorded_releases([cassette]) for place, cassette in of_bots.items()}
    check_bots(settings, recorded, imitation.releases)
    bots = {
        str(settings.bots[place].id): _player([cassette], options, ajax_path, memory)
        for place, cassette in of_bots.items()
    }
    player = _player(chosen, options, ajax_path, memory) if chosen else None
    alone = player is not None and _alone(player, ajax_path)
    of_tapes = recorded_releases(chosen) or releases_in_pages(chosen, imitation.releases)
    check(settings, of_tapes, imitation.releases, whole_site=player is not None, alone=alone)
    left_out = tuple(str(each) for cassette in (*by_name, *of_bots.values()) for each in cassette.left_out)
    notes = _unknown_releases(chosen, settings, imitation.releases)
    return ReplaySite(imitation, ajax_path, player, bots, notes, left_out)


def _unknown_releases(cassettes: Sequence[Cassette], settings: SiteSettings, releases: ReleaseTable) -> tuple[str, ...]:
    """Return a note per recorded release that cannot be imitated."""
    imitated = f"the page and the checks are those of {settings.plugin}"
    unknown = sorted(name for name in recorded_releases(cassettes) if releases.notice(name))
    return tuple(f"recorded from {name}, which is not known; {imitated}" for name in unknown)
