"""
The crash test as a pytest run: a plan file is collected, each of its cases is an item.

So `-n` is pytest-xdist's, JUnit is pytest's, and an interrupt ends in order.  Results travel as user properties, from
worker to controller too.  Loaded with `-p`; it is no plugin of a user's own test run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec
import pytest

from chatgptfree_mock.crashtest import function, trial
from chatgptfree_mock.crashtest.plan import SUFFIX, Case, Plan, cases
from chatgptfree_mock.crashtest.results import Result
from chatgptfree_mock.crashtest.stage import Stage
from chatgptfree_mock.crashtest.verdict import Verdict
from chatgptfree_mock.scenario.library import Library

PROPERTY: Final = "chatgptfree_crashtest"


class NotRightError(Exception):
    """A case whose verdict is not `right`; its text is the reason."""


class Listener:
    """Collects results in the process that was started by the user, and tells of each as it comes."""

    def __init__(self, tell: Callable[[Result], None]) -> None:
        self.results: list[Result] = []
        self.broken: list[str] = []
        self._tell = tell

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result out of a report."""
        for name, value in report.user_properties:
            if name == PROPERTY and report.when == "call":
                result = msgspec.json.decode(str(value), type=Result)
                self.results.append(result)
                self._tell(result)
                return
        if report.failed:
            self.broken.append(f"{report.nodeid}: {report.longreprtext}")


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
        library = Library([Path(folder) for folder in plan.folders])
        stage = Stage()
        self.config.add_cleanup(stage.close)
        client = function.load(plan.callable) if plan.callable is not None else None
        for case in cases(plan, library):
            name = f"{case.entry.name}[{case.plugin}-{case.chunks}]"
            yield CaseItem.from_parent(self, name=name, case=case, plan=plan, stage=stage, client=client)


class CaseItem(pytest.Item):
    """One case."""

    def __init__(
        self, *, case: Case, plan: Plan, stage: Stage, client: function.Client | None, name: str, parent: PlanFile
    ) -> None:
        super().__init__(name, parent)
        self._case, self._plan, self._stage, self._client = case, plan, stage, client

    def runtest(self) -> None:
        """Run the client and judge it."""
        result = trial.run(self._case, self._plan, self._stage, self._client)
        self.user_properties.append((PROPERTY, msgspec.json.encode(result).decode()))
        if result.verdict is not Verdict.RIGHT:
            raise NotRightError(f"{result.verdict}: {result.reason}")

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Literal["long", "short", "line", "no", "native", "value", "auto"] | None = None,
    ) -> str:
        """Return the reason; a traceback only for what is no verdict."""
        if isinstance(excinfo.value, NotRightError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the name to be shown."""
        return self.path, None, self.name
