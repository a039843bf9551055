"""Learn a release: choose the nearest known one, and write down how the recording differs from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatgptfree_mock.contract.learned_release import AnswerJudge, CheckedExchange, LearnedRelease
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.aipower.learning.action_changes import learn_actions
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.event_changes import learn_events
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange, events_of, exchanges_of, left_out
from chatgptfree_mock.sites.aipower.learning.outcomes import Outcomes, recorded_outline
from chatgptfree_mock.sites.aipower.learning.own_names import own_names
from chatgptfree_mock.sites.aipower.learning.page_changes import learn_page, page_distance
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces, recorded_site
from chatgptfree_mock.sites.aipower.learning.situations import THROTTLED, deltas_in, deltas_of
from chatgptfree_mock.sites.aipower.learning.trait_search import TraitSearch
from chatgptfree_mock.sites.aipower.learning.wording_changes import learn_wording
from chatgptfree_mock.sites.aipower.learning.writing import release_file
from chatgptfree_mock.sites.aipower.releases import PluginRelease, ReleaseTable
from chatgptfree_mock.sites.aipower.releases.actions import ACTIONS
from chatgptfree_mock.sites.wordpress.release_number import is_number, order
from chatgptfree_mock.tape.model import Cassette, Response

_ROUNDS: Final = 4
"""The number of rounds: what one round learns may uncover further differences."""
_SHOWN: Final = 3
"""Differences that a question quotes."""
_COMPARED: Final = 12
"""Exchanges beside the pages that decide between releases with the same page."""


def learn_release(
    releases: ReleaseTable, cassettes: Sequence[Cassette], *, name: str, base: str | None, judge: AnswerJudge
) -> LearnedRelease:
    """
    Return the release *name*, as *cassettes* show it, as a file that is based on *base* or on the nearest release.

    *judge* compares a recorded with an imitated response.

    Raises:
        SettingsError: *name* is not a release number or is its own base, or the recording lacks a page or a stream.
        UnknownReleaseError: there is no release *base*.
    """
    if not is_number(name):
        raise SettingsError(f"`{name[:40]}` is not a release number; one is like 2.5.0")
    exchanges = exchanges_of(cassettes)
    site = recorded_site(exchanges)
    outcomes = Outcomes(site, judge)
    chosen = (
        _nearest(releases, name, site, outcomes, exchanges) if base is None else _base_release(releases, base, name)
    )
    if chosen.generation != _generation(exchanges):
        raise SettingsError(f"{chosen.name} has another protocol than the recorded site; choose another --based-on")
    site = recorded_site(exchanges, own_names(chosen, site, exchanges))
    draft = Draft(name=name, base=chosen)
    learn_page(draft, site, [each for each in exchanges if each.purpose == "page"])
    exchanges = learn_actions(draft, site, judge, exchanges)
    outcomes = Outcomes(site, judge)
    _learn_answers(draft, outcomes, exchanges, site)
    return _learned_release(draft, outcomes, exchanges, cassettes)


def _base_release(releases: ReleaseTable, base: str, name: str) -> PluginRelease:
    found = releases.with_files((), strict=True).find(base)
    if order(found.name) == order(name):
        raise SettingsError(f"{name} cannot be based on itself; choose another --based-on")
    return found


def _generation(exchanges: Sequence[SortedExchange]) -> str:
    return next(each.page.chats[0].generation for each in exchanges if each.purpose == "page")


def _nearest(
    releases: ReleaseTable, name: str, site: SiteTraces, outcomes: Outcomes, exchanges: Sequence[SortedExchange]
) -> PluginRelease:
    """Return the release before *name* with the nearest pages, then the nearest answers; of several the newest."""
    same = [each for each in releases.releases if each.generation == _generation(exchanges)]
    others = [each for each in same if order(each.name) != order(name)]
    known = [each for each in others if order(each.name) < order(name)] or others
    newest = set({_contents(each): each for each in known}.values())
    known = [each for each in known if each in newest]
    pages = [each for each in exchanges if each.purpose == "page"][:2]
    distances = {each: sum(page_distance(each, site, page) for page in pages) for each in known}
    least = min(distances.values())
    tied = [each for each in known if distances[each] == least]
    if len(tied) == 1:
        return tied[0]
    known_actions = {*ACTIONS[tied[0].generation], *(name for each in tied for name in each.actions.values())}
    compared = [each for each in exchanges if each.purpose != "page" and each.action in known_actions][:_COMPARED]
    return min(reversed(tied), key=lambda each: sum(outcomes.of(each, exchange).distance for exchange in compared))


def _contents(release: PluginRelease) -> str:
    """Return the same text for releases that differ in nothing but their names, dates and sources."""
    parts = (release.traits, release.page, release.providers, release.events, release.actions, release.wording)
    return repr(parts)


def _learn_answers(draft: Draft, outcomes: Outcomes, exchanges: Sequence[SortedExchange], site: SiteTraces) -> None:
    providers = list(dict.fromkeys(str(bot.get("provider", "OpenAI")) for bot in site.bots))
    search = TraitSearch(outcomes, exchanges, providers)
    for _ in range(_ROUNDS):
        before = str(draft.data)
        _learn_events(draft, outcomes, exchanges)
        learn_wording(draft, outcomes, exchanges)
        search.learn(draft, whole=True)
        search.learn(draft, whole=False)
        if str(draft.data) == before:
            return


def _learn_events(draft: Draft, outcomes: Outcomes, exchanges: Sequence[SortedExchange]) -> None:
    """Compare the streams that contain text first, since they have the most events."""
    streams = sorted((each for each in exchanges if each.purpose == "stream"), key=lambda each: not deltas_of(each))
    for exchange in streams:
        release = draft.release()
        best = outcomes.of(release, exchange)
        # Streams that need no assumption come first: with enough assumptions almost any two streams are alike.
        replies = (outcomes.within(release, exchange, outcomes.shown(exchange)).reply, best.reply)
        fitting = next((each for each in replies if each is not None and _both_answer(exchange, each)), None)
        if best.differences and fitting is not None:
            learn_events(draft, exchange, events_of(fitting.body))


def _both_answer(exchange: SortedExchange, reply: Response) -> bool:
    """Return whether both streams contain an answer or neither does; answers and refusals always differ."""
    return bool(deltas_of(exchange)) is bool(deltas_in(events_of(reply.body)))


def _unexplained(exchange: SortedExchange, base: str, differences: Sequence[str]) -> str:
    """Return the question for the user about *differences* of *exchange* that nothing learned explains."""
    if exchange.unregistered:
        return f"{exchange.name}: the site has no such action (WordPress answered 0 with 400), but {base} has; why?"
    return f"{exchange.name}: what explains this? {'; '.join(differences[:_SHOWN])}"


def _which_limit(throttled: SortedExchange, exchanges: Sequence[SortedExchange]) -> str:
    """Return the question for the user about the limit of requests per minute that *throttled* ran into."""
    earlier = [each for each in exchanges if each.purpose in ("stream", "answer") and each.number < throttled.number]
    return "\n".join(
        [
            f"{throttled.name}: the requests of a minute were used up, after {len(earlier)} recorded ones. Why?",
            "this release has another limit: `traits: {throttle: …}`",
            "the site has another limit: its setting `requests_per_minute`",
            "others asked from the same address",
        ]
    )


def _checked_exchange(
    draft: Draft,
    outcomes: Outcomes,
    release: PluginRelease,
    exchange: SortedExchange,
    exchanges: Sequence[SortedExchange],
) -> CheckedExchange:
    """Return what *release* makes of *exchange*, one of *exchanges*; questions about it are added to *draft*."""
    outcome = outcomes.of(release, exchange)
    if not outcome.differences:
        draft.settle(exchange.name)
        if outcome.situation.words == THROTTLED:
            draft.ask(_which_limit(exchange, exchanges))
    elif not any(question.startswith(f"{exchange.name}: ") for question in draft.questions):
        draft.ask(_unexplained(exchange, draft.base.name, outcome.differences))
    lacks = draft.lacking.get(exchange.name, "")
    return CheckedExchange(
        name=exchange.name,
        recorded=recorded_outline(exchange),
        replied=outcome.reply,
        original_names=outcomes.original_pair(release, exchange),
        situation=outcome.situation.words if not outcome.differences else "",
        alike=not (outcome.differences or lacks),
        lacks=lacks,
    )


def _learned_release(
    draft: Draft, outcomes: Outcomes, exchanges: Sequence[SortedExchange], cassettes: Sequence[Cassette]
) -> LearnedRelease:
    release = draft.release()
    checked = [_checked_exchange(draft, outcomes, release, exchange, exchanges) for exchange in exchanges]
    alike = f"{sum(each.alike for each in checked)} of {len(checked)} exchanges alike"
    assumed = [f"{each.name}: {each.situation}" for each in checked if each.situation]
    paths = list(dict.fromkeys(each.path for each in cassettes if each.path)) or ["a recording"]
    source = paths[0] + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
    unused = left_out(cassettes)
    text = release_file(draft, source=source, alike=alike, assumed=assumed, unused=unused)
    return LearnedRelease(base=draft.base.name, text=text, exchanges=tuple(checked), unused=unused)
