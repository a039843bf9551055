"""A whole run: a preflight that checks whether the client asks at all, every case, and the end of left-over clients."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from uuid import uuid4

from chatgptfree_mock.crashtest import function, leftover_processes
from chatgptfree_mock.crashtest.client_threads import ClientThreads
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.scenarios import results, runner
from chatgptfree_mock.crashtest.scenarios.plan import Case, Plan
from chatgptfree_mock.crashtest.scenarios.results import Card, Result
from chatgptfree_mock.crashtest.scenarios.server import CaseServer
from chatgptfree_mock.crashtest.scenarios.verdict import Verdict


def preflight(plan: Plan, planned: Sequence[Case], client: function.Client | None) -> Result | None:
    """
    Try the client on one scenario, so that it shows early whether any request of it reaches the mock.

    The scenario is the first that is applicable, those that expect an answer before the others.  None is returned for
    a single case, which needs no such look, and if no scenario is applicable.

    Raises:
        SettingsError: the client can't be started.
    """
    if len(planned) < 2:
        return None
    with contextlib.closing(CaseServer(replay=plan.replay, intercept=plan.intercept)) as server, function.quiet():
        for case in sorted(planned, key=lambda case: case.scenario.expect.text is None):
            result = runner.run(case, plan, server, client)
            if result.verdict is not Verdict.NOT_APPLICABLE:
                return result
    return None


def run(
    plan: Plan,
    planned: Sequence[Case],
    *,
    client: function.Client | None,
    jobs: int,
    interruption: Interruption,
    report: Callable[[str], None],
    first: Result | None = None,
) -> Card:
    """
    Run the *planned* cases, *jobs* of them at once, each with a server of its own, and return the card.

    *client* is the plan's callable, loaded.  *report* is called with each verdict in words, as soon as it is there.  If
    an *interruption* comes, the card holds what was done until then, *first* included, which `preflight` found.

    Raises:
        SettingsError: the client can't be started.
    """
    mark = uuid4().hex
    threads = ClientThreads[Case](mark)
    found: list[Result] = []

    def work(queue: deque[Case]) -> None:
        with (
            threads.taken_from(queue) as cases,
            contextlib.closing(CaseServer(mark, plan.replay, intercept=plan.intercept)) as server,
        ):
            for case in cases:
                result = runner.run(case, plan, server, client)
                with threads.lock:
                    if threads.stopped.is_set():
                        return  # the interruption ended its client
                    put_back()
                    found.append(result)
                    report(f"{result.verdict}: {result.scenario}")

    queue = deque(planned)
    with function.quiet() as put_back:
        try:
            with interruption.raising():
                threads.run(work, [queue] * min(jobs, len(queue)))
        except KeyboardInterrupt:
            if interruption.number is None:
                raise
            threads.stop()
        finally:
            leftover_processes.end(mark)
    interrupted = interruption.number is not None
    if interrupted and first is not None and all(each.key != first.key for each in found):
        found.append(first)
    return results.card(plan.client, found, [case.key for case in planned], interrupted=interrupted)
