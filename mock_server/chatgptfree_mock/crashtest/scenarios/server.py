"""
The server on which cases run: one per process, with a separate run for every case.

Requests and responses of a case come from the run's journal, without the port, so that two runs of the same plan give
the same results.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from uuid import uuid4

import msgspec

from chatgptfree_mock.crashtest.process_guard import Guard
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.crashtest.scenarios.plan import Case
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.scenario.runs import Counts, Run
from chatgptfree_mock.server.control import SCENARIO_SITES
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.tape.model import header_of
from chatgptfree_mock.tape.replay_options import DEFAULT_OPTIONS, ReplayOptions

_CHUNKS = 200
"""The greatest number of chunks of an answer that a report has."""
_SETTLING = 10.0
"""Seconds to wait at most for the end of a client's answers, which takes milliseconds on a machine that is not busy."""


class CaseRun(msgspec.Struct, frozen=True, kw_only=True):
    """A running case."""

    url: str
    case: Case
    run_id: str
    mounted: MountedSite
    run: Run


class CaseServer:
    """
    A running mock, and a guard that ends left-over clients; both start with the first case.

    *mark*: the prefix of the marks of the clients.  *replay*: how recordings are played.  *intercept*: the hosts for
    which a forward proxy answers; without any there is no proxy.
    """

    def __init__(
        self, mark: str = "", replay: ReplayOptions = DEFAULT_OPTIONS, *, intercept: Sequence[str] = ()
    ) -> None:
        self.guard = Guard(mark + uuid4().hex)
        self._intercept = tuple(intercept)
        self._config = ServerConfig(replay=replay)
        self._server: MockServer | None = None
        self._ids = count(1)

    def open(self, case: Case) -> CaseRun:
        """Begin a run for *case*."""
        server = self._running()
        run_id = str(next(self._ids))
        mounted, run = server.app[SCENARIO_SITES].start(case.entry.name, run_id, case.scenario)
        url = server.url + mounted.path
        if (intercepted := server.intercepted) is not None:
            intercepted.site = mounted
            intercepted.interception.proxy.forget()
            intercepted.interception.proxy.fault = case.scenario.delivery.tls
            url = f"{intercepted.interception.origin}/"
        return CaseRun(url=url, case=case, run_id=run_id, mounted=mounted, run=run)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables for clients, in addition to those of this process."""
        return self._running().environment if self._intercept else {}

    def bypassed(self, command: Sequence[str]) -> str:
        """Return what to do, if no request of the client came through the proxy; *command* is the client."""
        intercepted = self._running().intercepted
        return "" if intercepted is None else intercepted.interception.bypassed(command)

    @property
    def connections(self) -> int:
        """Return the number of connections for the hosts through the proxy since the case began; 0 without a proxy."""
        intercepted = self._running().intercepted
        return 0 if intercepted is None else intercepted.interception.proxy.connections

    @property
    def refused(self) -> tuple[str, ...]:
        """Return the requests that the proxy refused since the case began."""
        intercepted = self._running().intercepted
        return () if intercepted is None else tuple(intercepted.interception.proxy.refused)

    def end(self, case_run: CaseRun, *, timed_out: bool = False) -> tuple[Counts, int, list[CaseExchange]]:
        """
        End the run of *case_run* and return what was asked, how many requests that were, and what was sent.

        *timed_out*: the client was ended, but the thread of a callable may still wait for its answer.
        """
        if timed_out:
            self._running().running_loop().call_soon_threadsafe(case_run.mounted.disconnect)
        self.settle(case_run, _SETTLING)
        self._running().app[SCENARIO_SITES].drop(case_run.case.entry.name, case_run.run_id)
        journal = case_run.mounted.journal
        return case_run.run.counts, journal.total, [_sent(exchange, case_run.mounted.prefix) for exchange in journal]

    def settle(self, case_run: CaseRun, seconds: float) -> None:
        """Wait at most *seconds* until all answers in the journal of *case_run* have ended."""
        self._running().settle(case_run.mounted.journal, seconds)

    def close(self) -> None:
        """Stop the server, and end all left-over clients."""
        self.guard.close()
        if self._server is not None:
            self._server.close()  # settings without effect are in the results
            self._server = None

    def _running(self) -> MockServer:
        if self._server is None:
            self._server = MockServer(self._config, intercept=self._intercept or False).__enter__()
        return self._server


def _sent(exchange: Exchange, prefix: str) -> CaseExchange:
    fields = exchange.fields
    action = f" action={fields['action']}" if "action" in fields else ""
    kind = header_of(exchange.response_headers, "content-type")
    return CaseExchange(
        request=f"{exchange.method} {exchange.path.removeprefix(prefix)}{action}",
        response=f"{exchange.status} {kind}".strip(),
        chunks=[size for _, size in exchange.chunks[:_CHUNKS]],
        ended=exchange.end,
        why=list(exchange.why),
        faults=list(exchange.faults),
    )
