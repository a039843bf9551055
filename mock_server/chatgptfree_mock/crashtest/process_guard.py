"""
A process beside the crash test that ends its clients, also when the crash test itself is killed.

It waits for the end of a pipe: however the crash test ends, the guard then ends what is left.  Unlike the parent-death
signal of Linux, which is for direct children only, this covers grandchildren, and needs no code between fork and exec
of a process with threads.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from uuid import uuid4

from chatgptfree_mock.crashtest import leftover_processes


class Guard:
    """
    A process that ends the clients of this one, once this one is gone; *mark* is what their marks begin with.

    Several threads may use it, each for a client of its own.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def new_mark(self) -> str:
        """Return a mark for one run of a client, and start the guard with the first."""
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 - a file of this package, run by this very Python
                    [sys.executable, "-I", "-S", leftover_processes.__file__, self._mark],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
        return f"{self._mark}-{uuid4().hex}"

    def watch(self, group: int) -> None:
        """Add the process group of a running client to those that the guard ends."""
        self._send(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Report to the guard that the client with this process group has ended."""
        self._send(f"-{group}\n")

    def _send(self, line: str) -> None:
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                # The guard was killed or released: left-over clients are no longer ended, but the run continues.
                with contextlib.suppress(BrokenPipeError, ValueError):
                    self._process.stdin.write(line.encode())
                    self._process.stdin.flush()

    def release(self) -> None:
        """Make the guard end the remaining clients and exit; `close` waits for that."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def close(self) -> None:
        """Make the guard end the remaining clients, and wait until it has exited."""
        self.release()
        if self._process is not None:
            self._process.wait()
            self._process = None
