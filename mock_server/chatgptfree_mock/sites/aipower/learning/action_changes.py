"""
Learn renamed actions: calls whose action the nearest release does not have.

The release is called with each of its own action names that the recording lacks.  The name that gives the recorded
answer is the old name; if none or several do, the user is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from chatgptfree_mock.contract.learned_release import AnswerJudge
from chatgptfree_mock.sites.aipower.learning.draft import Draft
from chatgptfree_mock.sites.aipower.learning.exchanges import SortedExchange, is_stream
from chatgptfree_mock.sites.aipower.learning.outcomes import Outcome, Outcomes
from chatgptfree_mock.sites.aipower.learning.site_traces import SiteTraces
from chatgptfree_mock.sites.aipower.releases.actions import ACTIONS
from chatgptfree_mock.sites.aipower.request_kind import ANSWERS
from chatgptfree_mock.sites.aipower.wpaicg.chat import ACTIONS as _ELEMENTS


class _Guess(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate for an action's old name, and how the release answered the calls under that name."""

    old: str
    outcomes: tuple[Outcome, ...]
    calls: tuple[SortedExchange, ...]

    @property
    def rank(self) -> tuple[bool, int]:
        """Return a sort key, the best guess first: a stream is closest to a stream, even with other event names."""
        return not self.streams_alike, sum(outcome.distance for outcome in self.outcomes)

    @property
    def alike(self) -> int:
        return sum(not outcome.differences for outcome in self.outcomes)

    @property
    def streams_alike(self) -> bool:
        """Return whether both the recorded and the imitated response are streams."""
        pairs = zip(self.calls, self.outcomes, strict=True)
        return any(is_stream(call.interaction.response) and _streams(outcome) for call, outcome in pairs)


def _streams(outcome: Outcome) -> bool:
    return outcome.reply is not None and is_stream(outcome.reply)


def learn_actions(
    draft: Draft, site: SiteTraces, judge: AnswerJudge, exchanges: Sequence[SortedExchange]
) -> tuple[SortedExchange, ...]:
    """
    Write the renamed actions of *exchanges* into *draft*, and return the exchanges, each with its purpose.

    *judge* compares a recorded with an imitated response.
    """
    known = ACTIONS[draft.base.generation]
    named = {*known, *draft.base.actions.values()}
    unknown = list(dict.fromkeys(each.action for each in exchanges if each.action and each.action not in named))
    actions = {each.action for each in exchanges}
    # A stream is requested with a key from another action, so those calls come first.
    unknown.sort(key=lambda name: any(is_stream(each.interaction.response) for each in _calls(exchanges, name)))
    for new in unknown:
        taken = draft.data.get("actions", {})
        calls = _calls(exchanges, new)
        if all(call.unregistered for call in calls):
            draft.ask(
                f"{calls[0].name}: the site has no action `{new}` (WordPress answered 0 with 400); was it mistyped?"
            )
            continue
        free = [old for old in known if old not in taken and draft.base.actions.get(old, old) not in actions]
        guesses = [_guess(draft, site, judge, calls, old, new) for old in free]
        if guesses:
            _learn(draft, site, new, guesses)
        else:
            draft.ask(f"which action is `{new}`? All those of {draft.base.name} are in the recording")
    old_names = {new: old for old, new in draft.data.get("actions", {}).items()}
    return tuple(_with_action(each, old_names.get(each.action, each.action)) for each in exchanges)


def _calls(exchanges: Sequence[SortedExchange], action: str) -> tuple[SortedExchange, ...]:
    return tuple(each for each in exchanges if each.action == action)


def _with_action(exchange: SortedExchange, action: str) -> SortedExchange:
    """Return *exchange* with the purpose that it has if its action means *action*."""
    asks = exchange.purpose == "ajax" and action in ANSWERS
    return replace(exchange, purpose="answer") if asks else exchange


def _guess(
    draft: Draft, site: SiteTraces, judge: AnswerJudge, calls: Sequence[SortedExchange], old: str, new: str
) -> _Guess:
    tried = draft.copy()
    tried.put(("actions",), old, new, "")
    outcomes = Outcomes(site, judge)
    renamed = tuple(_with_action(call, old) for call in calls)
    found = tuple(outcomes.of(tried.release(), call) for call in renamed)
    return _Guess(old=old, outcomes=found, calls=renamed)


def _learn(draft: Draft, site: SiteTraces, new: str, guesses: Sequence[_Guess]) -> None:
    calls = guesses[0].calls
    ranked = sorted(guesses, key=lambda guess: guess.rank)
    best = _of_the_page([guess for guess in ranked if guess.rank == ranked[0].rank], site)
    place = calls[0].name
    if len(best) == 1 and (best[0].alike == len(calls) or best[0].streams_alike):
        seen = f"{place}: `{new}` does what `{best[0].old}` did, in {len(calls)} calls"
        draft.put(("actions",), best[0].old, new, seen)
        return
    draft.ask(f"{place}: which action is `{new}`? {_candidates(ranked, len(calls))}")


def _of_the_page(guesses: Sequence[_Guess], site: SiteTraces) -> Sequence[_Guess]:
    """Return the one of *guesses* for the kind of chat on the page (shortcode or widget), or all of them."""
    kinds = {bot["place"] for bot in site.bots_on_page}
    fitting = [guess for guess in guesses if _ELEMENTS.get(guess.old) in kinds]
    return fitting if len(fitting) == 1 else guesses


def _candidates(ranked: Sequence[_Guess], calls: int) -> str:
    alike = [guess for guess in ranked if guess.alike][:3]
    if not alike:
        return "No action of the base answers like it; if it is one, add it under `actions`"
    return "; ".join(_counted(alike, calls))


def _counted(guesses: Sequence[_Guess], calls: int) -> Iterator[str]:
    for guess in guesses:
        yield f"`{guess.old}` would answer {guess.alike} of {calls} calls alike"
