"""A whole run: a preflight that checks whether the client asks at all, every case, and the end of left-over clients."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import msgspec

from chatgptfree_mock.config.project import replay_of
from chatgptfree_mock.crashtest import function, results, runner, strays
from chatgptfree_mock.crashtest.interruption import Interruption
from chatgptfree_mock.crashtest.plan import SUFFIX, Case, Plan
from chatgptfree_mock.crashtest.results import Card, Result
from chatgptfree_mock.crashtest.server import CaseServer
from chatgptfree_mock.crashtest.verdict import Verdict
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.extras import require


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
    with contextlib.closing(CaseServer(replay=replay_of(plan.replay), intercept=plan.intercept)) as server:
        for case in sorted(planned, key=lambda case: case.scenario.expect.text is None):
            result = runner.run(case, plan, server, client)
            if result.verdict is not Verdict.NOT_APPLICABLE:
                return result
    return None


def check_packages(jobs: str) -> None:
    """
    Make sure that what `run` needs for so many *jobs* is installed.

    Raises:
        MissingError: a package is not; the message names the extra that it comes with.
    """
    require(["pytest"] if jobs == "1" else ["pytest", "xdist"])


def run(
    plan: Plan,
    planned: Sequence[Case],
    *,
    jobs: str,
    interruption: Interruption,
    report: Callable[[str], None],
    first: Result | None = None,
) -> Card:
    """
    Run every case of *plan*, *jobs* (a number, or `auto`) at once, and return the card of what was done.

    *report* is called with each verdict in words, as soon as it is there.  If an *interruption* comes, the card holds
    what was done until then, *first* included, which `preflight` found.

    Raises:
        MockError: the run itself failed.
    """
    import pytest

    from chatgptfree_mock.crashtest.pytest_runner import Listener, collected

    marked = msgspec.structs.replace(plan, mark=uuid4().hex)
    listener = Listener(report, interruption)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        interruption.on_signal = lambda: listener.end_workers(folder)
        try:
            with contextlib.chdir(folder), _alone(), _quiet(), interruption.raising():
                pytest.main(_arguments(marked, folder, jobs), plugins=[listener])
        except KeyboardInterrupt:
            if interruption.number is None:
                raise
        finally:
            interruption.on_signal = tuple
            strays.end(marked.mark)
        found = collected(folder)
    if interruption.number is not None and first is not None and all(each.key != first.key for each in found):
        found.append(first)
    if interruption.number is None and listener.broken:
        raise MockError(f"the crash test itself failed: {listener.broken[0]}")
    if interruption.number is None and len(found) < len(planned):
        raise MockError(f"the crash test itself failed: it ended early, with {len(found)} of {len(planned)} cases run")
    order = [case.key for case in planned]
    return results.card(plan.client, found, order, interrupted=interruption.number is not None)


def _arguments(plan: Plan, folder: Path, jobs: str) -> list[str]:
    file = folder / f"plan{SUFFIX}"
    try:
        file.write_bytes(msgspec.json.encode(plan))
    except UnicodeEncodeError as exc:
        raise SettingsError(f"a path or the name of the callable is not valid UTF-8: {exc}") from exc
    (folder / "pytest.ini").write_text("[pytest]\n")
    return [
        str(file),
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        f"--basetemp={folder / 'scratch'}",
        "-p",
        "chatgptfree_mock.crashtest.pytest_runner",
        "-p",
        "no:cacheprovider",
        "--capture=sys",
        *(["-p", "xdist.plugin", "-n", jobs] if jobs != "1" else []),
    ]


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Disable other installed pytest plugins, which are for tests; some would stop this run."""
    name, before = "PYTEST_DISABLE_PLUGIN_AUTOLOAD", os.environ.copy()
    os.environ[name] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Discard what pytest prints to stdout."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
