"""What holds for every test: no address but this machine's own can be reached."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from tests.support.imports_of_a_worker import import_in_the_order_of

pytest_plugins = ["pytester", "tests.support.reports_of_a_worker"]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Coverage measures this worker; measuring the programs that it starts would make them a third slower, and what they
    # run is tested in process as well.
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a run in the background of a script
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # a run under nohup
    # Programs that the tests start inherit an ignored signal, and get the default of one that is handled here.
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)

# The time of an example depends more on the load of the machine than on the code.  Of planted faults that a hundred
# examples found, half as many found all; runs differ, so what one misses the next one finds.
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are processors: many tests wait for a time-out or a pause to end."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """
    Let a worker that has run its tests take half of those that another one has left, in place of `--dist load`.

    xdist's default shares all tests out before the last long ones begin, so one worker ends a minute after the others.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling  # type: ignore[import-untyped]  # has no types

    scheduler: object = WorkStealingScheduling(config, log)
    return scheduler


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """
    Keep the garbage collector away from what stays until the end: modules, tests and their parameters.

    Each pytest that a test or `crashtest` runs in this process calls `gc.collect` five times as it ends, and hypothesis
    calls it as well: half a second for 14,000 tests each time, unless these are frozen.

    During the tests, too, it looks through what they have read and keep (half a million objects) less often, which took
    a twentieth of the time of a run.
    """
    gc.disable()
    try:
        worker = getattr(session.config, "workerinput", None)
        if worker is not None and session.config.args_source == pytest.Config.ArgsSource.TESTPATHS:
            import_in_the_order_of(int(worker["workerid"].removeprefix("gw")), worker["workercount"])
        yield
    finally:
        gc.freeze()
        gc.set_threshold(COLLECTED_AFTER)
        gc.enable()


@pytest.fixture(scope="module")
def quick_collections() -> None:
    """Make each `gc.collect` of a module take milliseconds: what earlier tests keep is looked through once, here."""
    gc.collect()
    gc.freeze()


COLLECTED_AFTER = 10_000
"""How many new objects make a garbage collection, instead of 700."""
ALLOWED_NAMES = {"localhost", "", None}


class NetworkBlockedError(RuntimeError):
    """A test tried to leave the machine."""


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise NetworkBlockedError(f"a test connects to {address[0]}: only loopback is allowed")
    elif event == "socket.getaddrinfo":
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        if host not in ALLOWED_NAMES and not _is_loopback(host):
            raise NetworkBlockedError(f"a test looks up {host}: only loopback is allowed")


def _is_loopback(host: str) -> bool:
    try:
        # 0.0.0.0 is where servers listen, and what a name lookup for listening asks for.
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


sys.addaudithook(_guard)
