"""Run the client once on a replay, and return the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chatgptfree_mock.crashtest import command, command_words, function
from chatgptfree_mock.crashtest.observed import Observed
from chatgptfree_mock.crashtest.printed_text import without_port
from chatgptfree_mock.crashtest.process_guard import Guard
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.replay import Disturbance, Replay
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.crashtest.recording.verdict import Attempt

URL_VARIABLE: Final = "CRASHTEST_URL"
MESSAGE_VARIABLE: Final = "CRASHTEST_MESSAGE"


class ClientRun(Struct, frozen=True, kw_only=True):
    """
    The result of a client, and its requests to the *replay*.

    In its output the address of the run is replaced by `{host}`, so that two runs give the same text; other addresses
    stay.  A token that replaced a recorded value is replaced by that value.
    """

    attempt: Attempt
    replay: Replay
    waited: float
    """Seconds from the client's last request to its end."""

    @property
    def printed(self) -> str:
        """Return what the client printed, or the function returned."""
        return self.attempt.seen.stdout


class ClientRunner:
    """
    Runs the client of *plan* on *server* with *message*; each thread has its own runner.

    *guard* ends processes that outlive the crash test; *callable_client* is the client if it is a Python function.
    *slot* is entered while the client runs, and not while its server is opened and closed.
    """

    def __init__(
        self,
        plan: RecordingPlan,
        server: ReplayServer,
        message: str,
        guard: Guard,
        callable_client: function.Client | None,
        slot: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._plan, self._server, self._message = plan, server, message
        self._guard, self._function, self._slot = guard, callable_client, slot

    def run(self, disturbed: Disturbance, *, timeout: float | None = None) -> ClientRun:
        """
        Run the client while *disturbed* replaces an exchange; *timeout*: seconds, by default the plan's.

        The plan's time limit holds until the client asks for that exchange: before that, it may start slowly.

        Raises:
            SettingsError: the client can't be started.
        """
        replay = self._server.open(disturbed)
        seconds = self._plan.timeout if timeout is None else timeout
        started = 0.0

        def deadline() -> float:
            if replay.is_storm:
                return 0.0
            limit = seconds if replay.plays else max(seconds, self._plan.timeout)
            return (started if replay.moved is None else max(replay.moved, started)) + limit

        try:
            with self._slot():
                started = time.monotonic()
                seen = self._run(replay, seconds, deadline)
        finally:
            self._server.close(replay)
        waited = time.monotonic() - max(replay.asked_at, started)
        if replay.interception is None:
            stdout, stderr = (without_port(text, replay.url) for text in (seen.stdout, seen.stderr))
            seen = replace(seen, stdout=stdout, stderr=stderr)
        if replay.tokens is not None:
            seen = replace(seen, stdout=replay.tokens.printed(seen.stdout))
        attempt = Attempt(seen=seen, plays=replay.plays, requests=replay.requests)
        return ClientRun(attempt=attempt, replay=replay, waited=waited)

    def _run(self, replay: Replay, seconds: float, deadline: command.Deadline) -> Observed:
        plan, url = self._plan, replay.url + self._plan.base
        expected_bytes = len(self._server.recording.recorded.body)
        if self._function is not None:
            return function.run(
                self._function, url, self._message, seconds=seconds, expected_bytes=expected_bytes, deadline=deadline
            )
        return command.run(
            command_words.fill(
                plan.command, {"url": url, "message": self._message, "timeout": f"{seconds / 2:g}", "bot": ""}
            ),
            seconds=seconds,
            expected_bytes=expected_bytes,
            folder=plan.here,
            guard=self._guard,
            variables={URL_VARIABLE: url, MESSAGE_VARIABLE: self._message, **replay.environment},
            deadline=deadline,
        )
