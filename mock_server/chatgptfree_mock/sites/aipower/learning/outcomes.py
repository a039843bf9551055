"""Compare what a release answers with what was recorded, in the situation that fits best."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.learned_release import AnswerJudge
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange
from chatgptfree_mock.sites.aipower.learning.imitation import ask
from chatgptfree_mock.sites.aipower.learning.original_keys import with_original_keys
from chatgptfree_mock.sites.aipower.learning.recorded_page import RecordedPage, read_page
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces
from chatgptfree_mock.sites.aipower.learning.situations import Situation, situations
from chatgptfree_mock.sites.aipower.learning.watched_release import WatchedRelease
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.sources import FilePlace
from chatgptfree_mock.tape.model import Response

_NO_REPLY = "the release cannot handle this request"
_TRIED = 4
"""The number of nearly fitting situations of one release that are tried on others (more if they fit equally well)."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a release answered one exchange, compared with the recording."""

    differences: tuple[str, ...]
    situation: Situation
    reply: Response | None
    """The release's response; a page is reduced to its outline."""
    traces: tuple[str, ...] = ()
    """Differences on a page outside its chats, which do not count as differences."""

    @property
    def distance(self) -> int:
        """Return how much differs, traces included."""
        return len(self.differences) + len(self.traces)


class _TriedSituation(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome in one situation, and the places of the traits that it depends on."""

    outcome: Outcome
    read: AbstractSet[FilePlace]


class Outcomes:
    """Sends exchanges to releases and caches the outcomes, by the identity of the release."""

    def __init__(self, site: SiteTraces, judge: AnswerJudge) -> None:
        self._site, self._judge = site, judge
        self._best: dict[tuple[PluginRelease, int], Outcome] = {}
        self._tried: dict[tuple[PluginRelease, int], list[_TriedSituation]] = {}
        """All outcomes of the releases whose traits are tried."""
        self._situations: dict[int, list[Situation]] = {}
        """The situations in which each exchange is tried, the one that the recording shows first."""
        self._narrowed: set[int] = set()
        """The exchanges of which only the nearest situations are tried."""
        self._watched: dict[PluginRelease, WatchedRelease] = {}
        self._judged: dict[tuple[int, int, str, bytes], tuple[str, ...]] = {}

    def of(self, release: PluginRelease, exchange: SortedExchange) -> Outcome:
        """Return the reply of *release* to *exchange* in the situation that fits best; assumed ones come last."""
        key = (release, exchange.number)
        if key not in self._best:
            self._best[key] = _nearest(self._all_of(release, exchange))
        return self._best[key]

    def with_trait(
        self, place: FilePlace, after: PluginRelease, before: PluginRelease, exchange: SortedExchange
    ) -> Outcome:
        """
        Return the outcome of *after*, which differs from *before* only in the trait at that *place* of its file.

        Situations in which the outcome of *before* does not depend on the trait are not tried again.
        """
        key = (after, exchange.number)
        if key not in self._best:
            same = [each for each in self._all_of(before, exchange) if place not in each.read]
            self._best[key] = _nearest(self._try_all(after, exchange, same))
        return self._best[key]

    def shown(self, exchange: SortedExchange) -> Situation:
        """Return the situation of *exchange* as far as the recording shows it."""
        return self._site.shown.of(exchange)

    def within(self, release: PluginRelease, exchange: SortedExchange, situation: Situation) -> Outcome:
        """Return how *release* answers *exchange* in that *situation*."""
        reply = ask(release, self._site, exchange, situation)
        if reply is None:
            return Outcome(differences=(_NO_REPLY,) * 100, situation=situation, reply=None)
        traces: frozenset[str] = frozenset()
        if exchange.purpose == "page":
            written = read_page(reply.body.decode(errors="replace"))
            traces = exchange.page.traces ^ written.traces if exchange.page.whole else traces
            reply = _outlined(reply, written)
        found = self._judge_once(exchange, reply, release)
        return Outcome(differences=found, situation=situation, reply=reply, traces=tuple(sorted(traces)))

    def original_pair(self, release: PluginRelease, exchange: SortedExchange) -> tuple[Response, Response] | None:
        """Return *exchange* and the reply of *release* with the original keys; None if they have them or are alike."""
        outcome = self.of(release, exchange)
        if outcome.reply is None or not outcome.differences:
            return None
        reply = with_original_keys(outcome.reply, release)
        return None if reply is outcome.reply else (with_original_keys(recorded_outline(exchange), release), reply)

    def _all_of(self, release: PluginRelease, exchange: SortedExchange) -> list[_TriedSituation]:
        key = (release, exchange.number)
        if key not in self._tried:
            self._tried[key] = self._try_all(release, exchange, ())
        return self._tried[key]

    def _try_all(
        self, release: PluginRelease, exchange: SortedExchange, known: Sequence[_TriedSituation]
    ) -> list[_TriedSituation]:
        """Return the outcomes of *release* up to the first one without a difference; those *known* are taken over."""
        number = exchange.number
        if number not in self._situations:
            self._situations[number] = list(situations(exchange, self.shown(exchange)))
        tried: list[_TriedSituation] = []
        for situation in self._situations[number]:
            same = next((each for each in known if each.outcome.situation is situation), None)
            tried.append(same or self._try_once(release, exchange, situation))
            if not tried[-1].outcome.distance:
                return tried
        if number in self._narrowed:
            return tried
        self._narrowed.add(number)
        others = sorted(tried[1:], key=lambda each: each.outcome.distance)
        far = others[:_TRIED][-1].outcome.distance if others else 0
        near = [each for each in others if each.outcome.distance <= far or each.outcome.situation.quotes]
        self._situations[number][1:] = [each.outcome.situation for each in near]
        return [tried[0], *near]

    def _try_once(self, release: PluginRelease, exchange: SortedExchange, situation: Situation) -> _TriedSituation:
        if release not in self._watched:
            self._watched[release] = WatchedRelease(release)
        watched = self._watched[release]
        watched.read = set()
        outcome = self.within(watched.release, exchange, situation)
        return _TriedSituation(outcome=outcome, read=watched.read)

    def _judge_once(self, exchange: SortedExchange, reply: Response, release: PluginRelease) -> tuple[str, ...]:
        original = with_original_keys(reply, release)
        key = (exchange.number, reply.status, reply.header("Content-Type"), reply.body + original.body)
        if key not in self._judged:
            recorded = recorded_outline(exchange)
            found = list(self._judge(recorded, reply))
            if original is not reply:
                found += self._judge(with_original_keys(recorded, release), original)
            self._judged[key] = tuple(dict.fromkeys(found))
        return self._judged[key]


def _nearest(tried: Sequence[_TriedSituation]) -> Outcome:
    return min((each.outcome for each in tried), key=lambda outcome: outcome.distance)


def recorded_outline(exchange: SortedExchange) -> Response:
    """Return the recorded response as it is compared, a page as its outline."""
    response = exchange.interaction.response
    return _outlined(response, exchange.page) if exchange.purpose == "page" else response


def _outlined(response: Response, page: RecordedPage) -> Response:
    """Return a response with a *page*, reduced to what the plugin wrote."""
    return replace(response, body=page.outline.encode(), chunks=(), raw=None, raw_chunks=())
