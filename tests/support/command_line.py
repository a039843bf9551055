"""The two command lines inside this process, with standard streams of their own: a start costs a second of CPU."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
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
