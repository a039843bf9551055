"""
Run a client on a recording: undisturbed, with each variant, and undisturbed again.

Clients run on threads, as many at once as the plan allows; each is a separate process, or a call.  One thread more than
clients judges and prepares meanwhile, so that a client starts as soon as another has ended.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from msgspec.structs import replace

from chatgptfree_mock.crashtest import function, leftover_processes
from chatgptfree_mock.crashtest.client_slots import ClientSlots
from chatgptfree_mock.crashtest.client_threads import ClientThreads
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.process_guard import Guard
from chatgptfree_mock.crashtest.recording.client_run import ClientRun, ClientRunner
from chatgptfree_mock.crashtest.recording.judged_run import (
    case_exchange,
    judge,
    not_offered,
    request_remarks,
    result_of,
)
from chatgptfree_mock.crashtest.recording.kept_results import KeptResults
from chatgptfree_mock.crashtest.recording.plan import RecordingPlan
from chatgptfree_mock.crashtest.recording.played_recording import PlayedRecording
from chatgptfree_mock.crashtest.recording.reference_output import (
    WAIT_LONGER,
    NoReferenceOutputError,
    check_reference_output,
    check_same_output,
)
from chatgptfree_mock.crashtest.recording.replay_server import ReplayServer
from chatgptfree_mock.crashtest.recording.results import VariantCard, VariantResult
from chatgptfree_mock.crashtest.recording.variant_choice import Choice, PlannedVariant, choose, chosen_variants
from chatgptfree_mock.crashtest.recording.verdict import VariantJudgement, comparable
from chatgptfree_mock.crashtest.results import CaseExchange
from chatgptfree_mock.variants.catalogue import Variant
from chatgptfree_mock.variants.rule import VariantKind

_LEAVING: Final = 2.0
"""Seconds that clients get to end when the run is interrupted."""

ReportResult = Callable[[VariantResult, int], None]
"""Called with each result at once, and with the total number of variants."""


def run(
    plan: RecordingPlan,
    recording: PlayedRecording,
    client: function.Client | None,
    *,
    interruption: Interruption,
    report: ReportResult,
    kept: KeptResults | None = None,
    earlier: VariantCard | None = None,
    meanwhile: Callable[[], object] = tuple,
) -> VariantCard:
    """
    Run the client of *plan* on the selected variants of *recording*, and return the card.

    *client* is the plan's callable, loaded.  *report* is called with each result, and *kept* gets it.  *earlier*: the
    card of a run that was stopped, whose results are kept.  *meanwhile* is called while clients run.  If an
    *interruption* comes, the card holds what was done until then.

    Raises:
        SettingsError: the client can't be started, or the plan asks for a variant that does not exist.
    """
    mark = uuid4().hex
    with (
        contextlib.closing(Guard(mark + uuid4().hex)) as guard,
        ReplayServer(recording, intercept=plan.intercept) as server,
        function.quiet() as put_back,
    ):
        running = _Session(
            plan=plan,
            recording=recording,
            server=server,
            client=client,
            mark=mark,
            guard=guard,
            report=report,
            kept=kept or KeptResults(None),
            put_back=put_back,
            meanwhile=meanwhile,
        )
        try:
            return running.run(interruption, earlier)
        finally:
            guard.release()  # it looks at all processes, and so does the next line meanwhile
            leftover_processes.end(mark)


@dataclass(kw_only=True)
class _Session:
    """A running crash test."""

    plan: RecordingPlan
    recording: PlayedRecording
    server: ReplayServer
    client: function.Client | None
    mark: str
    """The prefix of the marks of all clients."""
    guard: Guard
    report: ReportResult
    kept: KeptResults
    put_back: Callable[[], None]
    meanwhile: Callable[[], object]
    _reference: str = ""
    _first: ClientRun | None = None
    _results: dict[str, VariantResult] = field(default_factory=dict)
    _planned: int = 0
    _failed: int = 0

    def __post_init__(self) -> None:
        self._message = self.recording.message(self.plan.message)
        self._threads = ClientThreads[PlannedVariant | None](self.mark)
        self._slots = ClientSlots(self.plan.jobs, self._threads.stopped)

    def run(self, interruption: Interruption, earlier: VariantCard | None) -> VariantCard:
        choice = Choice(planned=())
        variants: tuple[Variant, ...] = ()
        try:
            with interruption.raising():
                # The client runs in separate processes; the variants are selected meanwhile.
                with self._reference_on_a_thread() as reference:
                    catalogue, variants = chosen_variants(self.plan, self.recording)
                    self._planned = len(variants)
                    first = reference()
                choice = choose(variants, self.recording, self._reference, first.replay, catalogue)
                before = self._earlier_results(earlier, choice)
                self.kept.begin(replace(self._card(choice, ()), results=list(before)))
                self._run_all(choice, before, first)
        except NoReferenceOutputError as exc:
            return replace(self._card(choice, variants), problem=str(exc))
        except KeyboardInterrupt:
            if interruption.number is None:
                raise
            self._threads.stop()
            if not variants:
                variants = chosen_variants(self.plan, self.recording)[1]
                self._planned = len(variants)
        return self._card(choice, variants)

    def _runner(self, *, waits: bool = True) -> ClientRunner:
        """Return what runs a client on this thread; it *waits* until fewer clients run than the plan allows."""
        message = self._message.value if self._message else ""
        slot = self._slots.one if waits else contextlib.nullcontext
        return ClientRunner(self.plan, self.server, message, self.guard, self.client, slot)

    def _undisturbed(self) -> ClientRun:
        return self._runner().run(self.server.undisturbed(self.recording.answer))

    @contextlib.contextmanager
    def _reference_on_a_thread(self) -> Iterator[Callable[[], ClientRun]]:
        """Run the client undisturbed on a thread; the context gets a function that waits for the result."""
        found: Future[ClientRun] = Future()

        def find() -> None:
            try:
                found.set_result(self._find_reference())
            except BaseException as exc:  # noqa: BLE001 - it is raised again where the reference output is awaited
                found.set_exception(exc)

        thread = threading.Thread(target=find, daemon=True)
        thread.start()
        try:
            yield found.result
        finally:
            if not found.done():
                leftover_processes.end(self.mark)
                thread.join(_LEAVING)

    def _find_reference(self) -> ClientRun:
        first = self._undisturbed()
        check_reference_output(first, self.plan, self.recording)
        self._first, self._reference = first, first.printed
        check_same_output(first, self._undisturbed(), self.plan)
        return first

    def _earlier_results(self, earlier: VariantCard | None, choice: Choice) -> Sequence[VariantResult]:
        """Return the results of an *earlier* run, if its reference output is the same and *choice* has its variants."""
        if earlier is None or not earlier.results:
            return ()
        if comparable(earlier.reference_output, self.plan.masks) != comparable(self._reference, self.plan.masks):
            raise NoReferenceOutputError(
                "the run to resume had another reference output; leave out --resume to start over"
            )
        names = {each.name for each in (*choice.not_offered, *(planned.variant for planned in choice.planned))}
        if lost := [result.variant for result in earlier.results if result.variant not in names]:
            raise NoReferenceOutputError(
                f"{len(lost)} results of the run to resume are not of this one, such as {lost[0]}; give its --variant, "
                "--grade and --all, or leave out --resume to start over"
            )
        return earlier.results

    def _run_all(self, choice: Choice, earlier: Sequence[VariantResult], first: ClientRun) -> None:
        for variant in choice.not_offered:
            self._add(not_offered(variant, self.plan))
        done = {result.variant: result for result in earlier}
        for planned in choice.planned:
            if planned.variant.name in done:
                self._add(done[planned.variant.name])
        left = [planned for planned in choice.planned if planned.variant.name not in done]
        self._planned = len(choice.planned) + len(choice.not_offered)
        # A stall only waits, so it does not count towards the limit of jobs.
        stalls: deque[PlannedVariant | None] = deque(planned for planned in left if planned.is_stall)
        # None: an undisturbed run, the last one to start.
        others: deque[PlannedVariant | None] = deque([*(planned for planned in left if not planned.is_stall), None])
        spare = 1 if self.plan.jobs > 1 else 0  # one client at once also means: one after the other is judged
        queues = [*[stalls] * bool(stalls), *[others] * min(self.plan.jobs + spare, len(others))]

        def work(queue: deque[PlannedVariant | None]) -> None:
            with self._threads.taken_from(queue) as taken:
                for planned in taken:
                    if planned is None:
                        self._check_again(first)
                    else:
                        self._add(self._try(planned))

        self._threads.run(work, queues, self.meanwhile)

    def _check_again(self, first: ClientRun) -> None:
        """Check that an undisturbed run is still as the *first*."""
        last = self._undisturbed()
        if not self._threads.stopped.is_set():  # else that has ended its client
            check_same_output(first, last, self.plan)

    def _try(self, planned: PlannedVariant) -> VariantResult:
        runner = self._runner(waits=not planned.is_stall)
        timeout = self.plan.stall if planned.is_stall else None
        found = runner.run(planned.disturbance, timeout=timeout)
        judgement = judge(planned, found, self._reference, self.plan)
        if (
            planned.variant.kind is VariantKind.EQUIVALENT
            and judgement.verdict.counts_against
            and not self._threads.stopped.is_set()
        ):
            self._try_again(planned, found, judgement, runner)
        sent: tuple[CaseExchange, ...] = ()
        if judgement.verdict.counts_against:
            recorded = self.server.undisturbed(planned.disturbance.index).sent
            sent = (case_exchange(planned, recorded, request=self.recording.name_of(planned.disturbance.index)),)
        return result_of(planned, found, judgement, self.plan, sent)

    def _try_again(
        self, planned: PlannedVariant, first: ClientRun, before: VariantJudgement, runner: ClientRunner
    ) -> None:
        """Run a failed equivalent once more, beside an undisturbed run."""
        undisturbed, second = self._undisturbed(), runner.run(planned.disturbance)
        if self._threads.stopped.is_set():
            return  # the interruption ended their clients
        if self._first is not None:
            check_same_output(self._first, undisturbed, self.plan)
        after = judge(planned, second, self._reference, self.plan)
        if after.verdict is not before.verdict:
            timed_out = first.attempt.seen.timed_out or second.attempt.seen.timed_out
            hint = f"; {WAIT_LONGER}" if timed_out else ""
            raise NoReferenceOutputError(
                f"unstable: two runs of {planned.variant.name} were judged differently: {before.verdict} "
                f"({before.reason}), then {after.verdict} ({after.reason}){hint}"
            )

    def _add(self, result: VariantResult) -> None:
        with self._threads.lock:
            if self._threads.stopped.is_set():
                return  # the interruption ended its client
            self.put_back()
            self._results[result.variant] = result
            self._failed += result.counts_against
            self.kept.add(result)
            self.report(result, self._planned)
            if self.plan.most_failures is not None and self._failed >= self.plan.most_failures:
                self._threads.stopped.set()
                leftover_processes.end(self.mark)

    def _card(self, choice: Choice, variants: Sequence[Variant]) -> VariantCard:
        candidate = self._message
        names = [variant.name for variant in variants]
        with self._threads.lock:
            results = [self._results[name] for name in names if name in self._results]
        return VariantCard(
            client=self.plan.client,
            recording=self.recording.name,
            fingerprint=self.recording.fingerprint,
            answer=self.recording.answer_name,
            message=candidate.value if candidate else "",
            message_place=candidate.place if candidate else "",
            reference_output=self._reference,
            planned=self._planned,
            results=results,
            left_out=list(choice.left_out),
            remarks=[*(request_remarks(self._first.replay, self.recording) if self._first else ()), *choice.remarks],
        )
