"""Compare what a release answers with what was recorded, in the situation that fits best."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.contract.lesson import AnswerJudge
from chatgptfree_mock.sites.aipower.learning.exchanges import AskedExchange
from chatgptfree_mock.sites.aipower.learning.imitation import ask
from chatgptfree_mock.sites.aipower.learning.recorded_page import read_page
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces
from chatgptfree_mock.sites.aipower.learning.situations import Situation, situations
from chatgptfree_mock.sites.aipower.learning.usual_keys import with_usual_keys
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


class Outcomes:
    """Sends exchanges to releases and caches the outcomes, by the identity of the release."""

    def __init__(self, site: SiteTraces, judge: AnswerJudge) -> None:
        self._site, self._judge = site, judge
        self._known: dict[tuple[PluginRelease, int], Outcome] = {}
        self._read: dict[tuple[PluginRelease, int], AbstractSet[FilePlace]] = {}
        """The places of the traits that each outcome depends on."""
        self._nearest: dict[int, list[Situation]] = {}
        self._judged: dict[tuple[int, int, str, bytes], tuple[str, ...]] = {}

    def of(self, release: PluginRelease, exchange: AskedExchange) -> Outcome:
        """Return the reply of *release* to *exchange* in the situation that fits best; assumed ones come last."""
        key = (release, exchange.number)
        if key not in self._known:
            watched = WatchedRelease(release)
            self._known[key] = self._best(watched.release, exchange)
            self._read[key] = watched.read
        return self._known[key]

    def with_trait(
        self, place: FilePlace, after: PluginRelease, before: PluginRelease, exchange: AskedExchange
    ) -> Outcome:
        """
        Return the outcome of *after*, which differs from *before* only in the trait at that *place* of its file.

        It is the outcome of *before* where that does not depend on the trait.
        """
        outcome, read = self.of(before, exchange), self._read[before, exchange.number]
        if place not in read:
            self._known[after, exchange.number], self._read[after, exchange.number] = outcome, read
        return self.of(after, exchange)

    def shown(self, exchange: AskedExchange) -> Situation:
        """Return the situation of *exchange* as far as the recording shows it."""
        return self._site.shown.of(exchange)

    def within(self, release: PluginRelease, exchange: AskedExchange, situation: Situation) -> Outcome:
        """Return how *release* answers *exchange* in that *situation*."""
        reply = ask(release, self._site, exchange, situation)
        if reply is None:
            return Outcome(differences=(_NO_REPLY,) * 100, situation=situation, reply=None)
        traces: frozenset[str] = frozenset()
        if exchange.purpose == "page" and exchange.page.whole:
            traces = exchange.page.traces ^ read_page(reply.body.decode(errors="replace")).traces
        there = outlined(reply, exchange)
        found = self._judge_once(exchange, there, release)
        return Outcome(differences=found, situation=situation, reply=there, traces=tuple(sorted(traces)))

    def usual(self, release: PluginRelease, exchange: AskedExchange) -> tuple[Response, Response] | None:
        """Return *exchange* and the reply of *release* with the usual keys; None if they have them or are alike."""
        outcome = self.of(release, exchange)
        if outcome.reply is None or not outcome.differences:
            return None
        reply = with_usual_keys(outcome.reply, release)
        return None if reply is outcome.reply else (with_usual_keys(recorded_outline(exchange), release), reply)

    def _best(self, release: PluginRelease, exchange: AskedExchange) -> Outcome:
        shown = self.shown(exchange)
        best = self.within(release, exchange, shown)
        if not best.distance:
            return best
        known = self._nearest.get(exchange.number)
        tried = known if known is not None else list(situations(exchange, shown))[1:]
        found = [best]
        for situation in tried:
            found.append(self.within(release, exchange, situation))
            if not found[-1].distance:
                break
        ranked = sorted(found, key=lambda each: each.distance)
        if known is None and ranked[0].distance:
            others = [each for each in ranked if each is not best]
            far = others[:_TRIED][-1].distance if others else 0
            self._nearest[exchange.number] = [
                each.situation for each in others if each.distance <= far or each.situation.quotes
            ]
        return ranked[0]

    def _judge_once(self, exchange: AskedExchange, reply: Response, release: PluginRelease) -> tuple[str, ...]:
        usual = with_usual_keys(reply, release)
        key = (exchange.number, reply.status, reply.header("Content-Type"), reply.body + usual.body)
        if key not in self._judged:
            recorded = recorded_outline(exchange)
            found = list(self._judge(recorded, reply))
            if usual is not reply:
                found += self._judge(with_usual_keys(recorded, release), usual)
            self._judged[key] = tuple(dict.fromkeys(found))
        return self._judged[key]


def recorded_outline(exchange: AskedExchange) -> Response:
    """Return the recorded response as it is compared, a page as its outline."""
    return outlined(exchange.interaction.response, exchange)


def outlined(response: Response, exchange: AskedExchange) -> Response:
    """Return *response*; a page is reduced to what the plugin wrote."""
    if exchange.purpose != "page":
        return response
    outline = read_page(response.body.decode(errors="replace")).outline
    return replace(response, body=outline.encode(), chunks=(), raw=None, raw_chunks=())
