"""Run a function in a forked process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable


def in_a_fork(work: Callable[[], object]) -> str:
    """Return what *work* returns, or raises, in a forked process; "hung" if it never ends."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            words = repr(work())
        except BaseException as error:  # noqa: BLE001 - all are reported to the parent
            words = f"{type(error).__name__}: {error}"
        os.write(writing, words.encode())
        os._exit(0)
    os.close(writing)
    killer = threading.Timer(30, os.kill, (process, 9))
    killer.start()
    with os.fdopen(reading) as result:
        words = result.read() or "hung"
    os.waitpid(process, 0)
    killer.cancel()
    return words
