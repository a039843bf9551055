"""
Several processes for one site: gunicorn's arbiter with aiohttp's workers, all on one listening socket.

The processes share the salt, so they accept each other's nonces; what a site remembers of its visitors (cache keys,
history, quotas) and the journal are each process' own.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types

from chatgptfree_mock.app import Deps, make_app
from chatgptfree_mock.serving import KEEP_ALIVE, runner_for


class _Workers(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, deps: Deps, options: dict[str, Any]) -> None:
        self._deps, self._options = deps, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[[], Awaitable[web.AppRunner]]:
        async def runner() -> web.AppRunner:
            return runner_for(make_app(self._deps))

        return runner


def serve(deps: Deps, listening: socket.socket, workers: int) -> None:
    """Serve on a bound socket until the process is told to end."""
    options = {
        "bind": f"fd://{listening.fileno()}",
        "workers": workers,
        "worker_class": "aiohttp.GunicornWebWorker",
        "loglevel": "warning",
        "keepalive": int(KEEP_ALIVE),
        "graceful_timeout": 2,
        "control_socket_disable": True,
    }
    _Workers(deps, options).run()
