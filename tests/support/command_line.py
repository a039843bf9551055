"""The two command lines inside this process, with standard streams of their own: a start costs a second of CPU."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO
from unittest import mock


def run_in_process(
    main: Callable[[Sequence[str]], int],
    *arguments: str,
    stdin: bytes | str = b"",
    encoding: str = "utf-8",
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """
    Run *main* with *arguments* and return what a process of its own would have: exit code, stdout and stderr.

    *encoding* is that of the three streams when *main* starts, as a terminal's would be; what was written is read as
    UTF-8.  *folder*, if any, is the current directory meanwhile.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = io.BytesIO(), io.BytesIO()
    with (
        io.TextIOWrapper(io.BytesIO(given), encoding=encoding) as sent,
        io.TextIOWrapper(out, encoding=encoding, newline="") as written,
        io.TextIOWrapper(err, encoding=encoding, errors="backslashreplace", newline="") as complained,
        contextlib.chdir(folder) if folder else contextlib.nullcontext(),
        mock.patch.multiple("sys", stdin=sent, stdout=written, stderr=complained),
    ):
        code = main(list(arguments))
        written.flush()
        complained.flush()
        return subprocess.CompletedProcess(arguments, code, out.getvalue().decode(), err.getvalue().decode())


def run_until_visited(
    main: Callable[[Sequence[str]], int],
    visit: Callable[[TextIO, TextIO], object],
    *arguments: str,
    number: signal.Signals = signal.SIGTERM,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """
    Run *main*, a server that handles the signal *number*, with *arguments* until *visit* has returned; then it gets it.

    *visit* is called in a thread, and reads what *main* writes to stdout and stderr.  Return the exit code and what was
    left of both.  *folder*, if any, is the current directory meanwhile.
    """
    with contextlib.ExitStack() as stack:
        (out, written), (err, complained) = (
            (stack.enter_context(os.fdopen(reading)), stack.enter_context(os.fdopen(writing, "w", buffering=1)))
            for reading, writing in (os.pipe(), os.pipe())
        )
        visitors = stack.enter_context(ThreadPoolExecutor(1))

        def visit_and_end() -> None:
            try:
                visit(out, err)
            finally:
                if not written.closed:  # it is still running
                    os.kill(os.getpid(), number)

        with written, complained, mock.patch.multiple("sys", stdout=written, stderr=complained):
            visiting = visitors.submit(visit_and_end)
            with contextlib.chdir(folder) if folder else contextlib.nullcontext():
                code = main(list(arguments))
        visiting.result()
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())
