"""
The crash test as a pytest run: a plan file is collected, each of its cases is an item.

So `-n` is that of pytest-xdist, and an interrupt ends the run in order.  Each process writes its results to a file
beside the plan as they come, so that none is lost on its way from a worker when the run is interrupted.  Loaded with
`-p`; it is not a plugin of a user's own test run.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import pytest

from chatgptfree_mock.config.project import replay_of
from chatgptfree_mock.crashtest import function, runner
from chatgptfree_mock.crashtest.interruption import Interruption, let_through
from chatgptfree_mock.crashtest.plan import SUFFIX, Case, Plan, cases
from chatgptfree_mock.crashtest.results import Result
from chatgptfree_mock.crashtest.server import CaseServer
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.scenario.library import shipped

if TYPE_CHECKING:
    from execnet import Gateway

PROPERTY: Final = "chatgptfree_crashtest"
WORKER_SUFFIX: Final = ".worker"
"""A file with this suffix beside the plan is named after the process id of a worker."""
RESULTS_SUFFIX: Final = ".results"
"""A file with this suffix beside the plan holds the results of one process, a JSON object a line."""


class NotRightError(Exception):
    """A case counts against the client; the text is the reason."""


class Listener:
    """Reports each case as it is done, in the process that was started by the user, and ends its workers."""

    def __init__(self, report: Callable[[str], None], interruption: Interruption) -> None:
        self.broken: list[str] = []
        self._report, self._interruption = report, interruption
        self._workers: set[int] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None, object, object]:
        """Start the workers with signals held, which would end their imports with a traceback."""
        with self._interruption.held():
            return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Gateway) -> None:
        """Note the process id of a worker."""
        channel = gateway.remote_exec("import os; channel.send(os.getpid())")
        self._workers.add(int(channel.receive()))
        channel.waitclose()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> None:
        """End the run if a signal has come while the workers were started."""
        self._interruption.check()

    def end_workers(self, folder: Path) -> None:
        """Interrupt the workers that run cases; end those that have not come so far, which have nothing to lose."""
        running = {int(file.stem) for file in folder.glob(f"*{WORKER_SUFFIX}")}
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGINT if worker in running else signal.SIGKILL)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Report a case, or record an error of the run itself."""
        for name, value in report.user_properties:
            if name == PROPERTY and report.when == "call":
                self._report(str(value))
                return
        if report.failed:
            self.broken.append(report.longreprtext)


def collected(folder: Path) -> list[Result]:
    """Return the results that all processes of a run have written to *folder*; incomplete lines are skipped."""
    return [
        msgspec.json.decode(line, type=Result)
        for file in sorted(folder.glob(f"*{RESULTS_SUFFIX}"))
        for line in file.read_bytes().splitlines(keepends=True)
        if line.endswith(b"\n")
    ]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """
    Keep the garbage collector away from what is imported by now.

    pytest collects garbage five times as it ends, which took a quarter of the CPU of a short crash test.
    """
    gc.freeze()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect plan files."""
    if file_path.suffix != SUFFIX:
        return None
    return PlanFile.from_parent(parent, path=file_path)


class PlanFile(pytest.File):
    """A plan on disk; its cases share one running mock per process."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item per case."""
        plan = msgspec.json.decode(self.path.read_bytes(), type=Plan)
        library = shipped([Path(folder) for folder in plan.folders], plan.pack)
        server = CaseServer(plan.mark, replay_of(plan.replay), intercept=plan.intercept)
        self.config.add_cleanup(server.close)
        if hasattr(self.config, "workerinput"):
            self._be_interruptible()
        client = function.load(plan.callable) if plan.callable is not None else None
        for case in cases(plan, library):
            name = f"{case.entry.name}[{case.plugin}-{case.chunks}]"
            yield CaseItem.from_parent(self, name=name, case=case, plan=plan, server=server, client=client)

    def _be_interruptible(self) -> None:
        """Let the process that was started by the user pass a signal on to this worker, once."""
        interruption, stack = Interruption(), ExitStack()
        self.config.add_cleanup(stack.close)
        stack.enter_context(interruption)
        self.path.with_name(f"{os.getpid()}{WORKER_SUFFIX}").touch()
        let_through()
        stack.enter_context(interruption.raising())


class CaseItem(pytest.Item):
    """One case."""

    def __init__(
        self, *, case: Case, plan: Plan, server: CaseServer, client: function.Client | None, name: str, parent: PlanFile
    ) -> None:
        super().__init__(name, parent)
        self._case, self._plan, self._server, self._client = case, plan, server, client

    def runtest(self) -> None:
        """Run the client and judge it."""
        result = runner.run(self._case, self._plan, self._server, self._client)
        with self.path.with_name(f"{os.getpid()}{RESULTS_SUFFIX}").open("ab") as file:
            file.write(msgspec.json.encode(result) + b"\n")
        self.user_properties.append((PROPERTY, f"{result.verdict}: {result.scenario}"))
        if result.verdict.counts_against:
            raise NotRightError(f"{result.verdict}: {result.reason}")

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Literal["long", "short", "line", "no", "native", "value", "auto"] | None = None,
    ) -> str:
        """Return the reason; a traceback only for other exceptions."""
        if isinstance(excinfo.value, NotRightError | MockError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the name to be shown."""
        return self.path, None, self.name
