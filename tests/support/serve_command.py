"""``chatgptfree-mock serve`` as a process of its own, and inside this process, which takes a tenth of the work."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from tests.support.command_line import run_until_visited

from chatgptfree_mock import cli

Visit = Callable[[dict[str, Any], TextIO], object]
"""What is done while it serves; it gets what the command says of itself, and its stderr."""


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the command on a free port, in a process group of its own; return the process and its announcement."""
    command = [sys.executable, "-m", "chatgptfree_mock", "serve", "--port", "0", "--json", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def serve_here(
    visit: Visit, *arguments: str, number: signal.Signals = signal.SIGTERM, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """
    Run the command inside this process, on a free port, until *visit* has returned; then it gets the signal *number*.

    Return the exit code, and what *visit* left of stderr.  *folder*, if any, is the current directory meanwhile.
    """

    def visit_first(out: TextIO, err: TextIO) -> None:
        line = out.readline()
        assert line, err.read()
        visit(json.loads(line), err)

    words = ("serve", "--port", "0", "--json", *arguments)
    return run_until_visited(cli.run, visit_first, *words, number=number, folder=folder)


def get(url: str, *, token: str | None = None, method: str = "GET", body: Any = None) -> str:
    """Fetch *url* over a connection of its own; the control API wants the *token* that the command prints."""
    headers = {"Content-Type": "application/json"} | ({} if token is None else {"Authorization": f"Bearer {token}"})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as response:
        text: str = response.read().decode()
        return text
