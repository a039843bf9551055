"""
Several processes for one site: gunicorn's arbiter with aiohttp's workers, all on one listening socket.

The processes share a folder of SQLite files: what sites store (cache keys, conversations, quotas), changes by the
control API, and the journal.  Runs of scenarios and live answers would belong to one process, so they are
refused.  Each process counts limits in front of a site, and the plays of recordings, for itself.  A process that ends
leaves a report of settings without effect; the reports are merged at the end.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.worker import GunicornWebWorker
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from chatgptfree_mock.server.app import make_app
from chatgptfree_mock.server.app_runner import runner_for
from chatgptfree_mock.server.control import SITES
from chatgptfree_mock.server.fault_record import FaultRecord, merged_warnings
from chatgptfree_mock.server.listening import KEEP_ALIVE
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import SiteRegistry

_INTERRUPTED = 130
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
_REPORT = ".report"
_GRACE = 60
"""Seconds from the signal to end until a worker is killed; only a stuck one takes that long."""


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    def handle_int(self) -> None:
        # Ctrl-C also reaches the workers, so they end already; gunicorn would send them SIGQUIT too, and log a warning.
        self.app.interrupted = True
        self.stop(True)
        raise StopIteration

    def spawn_worker(self) -> Any:
        # Until a worker sets its own handlers it has those of this process, which would lose a signal to end.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


class _Worker(GunicornWebWorker):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # aiohttp's notices this signal only when it looks next, up to a second later; that to quit it notices at once.
        self.handle_quit(sig, frame)


class _Workers(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, config: ServerConfig, folder: Path, options: dict[str, Any]) -> None:
        self._config, self.folder, self._options = config, folder, options
        self.interrupted = False
        self.sites: SiteRegistry | None = None
        """The sites of the process; only in a worker that serves."""
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        try:
            _Arbiter(self).run()
        except SystemExit:
            if self.interrupted:
                raise SystemExit(_INTERRUPTED) from None
            raise

    def load(self) -> Callable[[], Awaitable[web.AppRunner]]:
        async def runner() -> web.AppRunner:
            # An SQLite connection must not be used after a fork: each worker opens its own.
            app = make_app(replace(self._config, shared=self.folder))
            self.sites = app[SITES]
            app.on_cleanup.append(_end_undisturbed)
            return runner_for(app)

        return runner


def _take_signals(_worker: object) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


async def _end_undisturbed(_app: web.Application) -> None:
    # Ctrl-C and the arbiter both end a worker.  Once its event loop is closed the second signal would kill it, in the
    # middle of its report; it ends by itself from here on.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)


class _SiteReport(msgspec.Struct):
    """The settings without effect on one site in one process."""

    faults: dict[str, str | None]
    others: list[str]


_WorkerReport = dict[str, _SiteReport]
"""By the site's name."""


def _leave_report(_arbiter: object, worker: Any) -> None:
    app: _Workers = worker.app
    if app.sites is None:
        return
    report: _WorkerReport = {
        site.name: _SiteReport(site.outcomes(), [*site.notes, *site.site.warnings()]) for site in app.sites
    }
    unfinished = app.folder / f"{os.getpid()}.unfinished"
    unfinished.write_bytes(msgspec.json.encode(report))
    unfinished.rename(unfinished.with_suffix(_REPORT))


def _merged_warnings(folder: Path, config: ServerConfig) -> list[str]:
    """Return the settings without effect in any process, one line each, as in `MockServer.warnings`."""
    files = sorted(folder.glob(f"*{_REPORT}"))
    at_first = {"root": _SiteReport(FaultRecord(config.delivery).outcomes(), list(config.notes))}
    reports = [at_first]  # no process has served anything
    reports += [msgspec.json.decode(file.read_bytes(), type=_WorkerReport) for file in files]
    lines = []
    for name in dict.fromkeys(name for report in reports for name in report):
        of_site = [report[name] for report in reports if name in report]
        others = dict.fromkeys(line for each in of_site for line in each.others)
        found = [*others, *merged_warnings([each.faults for each in of_site])]
        lines += [line if name == "root" else f"{name}: {line}" for line in found]
    return lines


def serve(config: ServerConfig, listening: socket.socket, workers: int, *, warn: Callable[[str], None]) -> None:
    """Serve on a bound socket until a signal ends the process; then *warn* of each setting without effect."""
    options = {
        "bind": f"fd://{listening.fileno()}",
        "workers": workers,
        "worker_class": _Worker,
        "loglevel": "warning",
        "keepalive": int(KEEP_ALIVE),
        "graceful_timeout": _GRACE,
        "timeout": 0,  # on a busy machine a healthy worker may not report for a long time
        "post_worker_init": _take_signals,
        "worker_exit": _leave_report,
        "control_socket_disable": True,
    }
    folder, master = Path(tempfile.mkdtemp(prefix="chatgptfree-mock-")), os.getpid()
    try:
        _Workers(replace(config, memory=max(1, config.memory // workers)), folder, options).run()
    finally:
        # A worker that ends runs this as well, since it was forked inside `run`.
        if os.getpid() == master:
            for line in _merged_warnings(folder, config):
                warn(line)
            shutil.rmtree(folder)
