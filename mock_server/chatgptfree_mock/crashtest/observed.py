"""What was observed of a client: its output, its end, and its requests."""

from __future__ import annotations

import re
import signal

from msgspec import Struct

from chatgptfree_mock.crashtest.printed_text import excerpt

_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\)|^\s+at .+\(?.*:\d+:\d+\)?$|^panic: |^Exception in thread "
    r"|^thread '.*' panicked|^Unhandled exception|^\S+:\d+:in [`'].*\(\S*Error\)|^PHP Fatal error|^goroutine \d+ \[",
    re.MULTILINE,
)
_EXCEPTION = re.compile(r"^(?:Uncaught )?([A-Za-z_][\w.]*(?:Error|Exception)\b|Error(?=:|$))", re.MULTILINE)
_IGNORED = re.compile(
    r"^Exception ignored [^\n]*(?:\n|\Z)(?:Traceback [^\n]*\n(?:[ \t][^\n]*\n)*(?:[^\n]*(?:\n|\Z))?)?", re.MULTILINE
)
"""The lines that Python prints of an error that no code can catch, such as one in a generator at the end."""


class Observed(Struct, frozen=True, kw_only=True):
    """The observed result of a client. *status* is its exit code (negative: killed by that signal)."""

    status: int
    stdout: str
    stderr: str = ""
    timed_out: bool = False
    seconds: float | None = None
    """The time limit that it was run with; None is the scenario's own."""
    untimed: bool = False
    """The client had no time-out (`{timeout}`), and the site had not ended its answer when the client was stopped."""
    too_much_output: bool = False
    binary: bool = False
    """stdout was not UTF-8, or a returned text held half of a surrogate pair."""
    kind: str | None = None
    """The kind of error, where the client reports it (a callable that raises an error with `kind`)."""
    pages: int = 0
    posts: int = 0
    streams: int = 0
    sent: bool = False
    """A request carried the message or asked for its answer."""
    requests: int | None = None
    """All requests; None if they were not counted.  A handshake counts where the certificate is wrong."""
    requested: tuple[str, ...] = ()
    """Method and path of each request, such as `GET /chat/`, in order."""
    forbidden: str = ""
    """Why the client must not have used any answer; empty where it may."""
    good_page: bool = False
    """Every answer was whole, with a status below 400, and the scenario has no static response for the page."""
    bypassed: str = ""
    """With --intercept: what to do, where no request came through the proxy."""
    refused: tuple[str, ...] = ()
    """With --intercept: what the proxy refused, and which handshakes failed."""


def violent_end(seen: Observed) -> tuple[str, str] | None:
    """Return cause and detail if a client ended by a signal or with a traceback."""
    if seen.status < 0:
        return f"it was killed by {_signal(-seen.status)}", ""
    stderr = _IGNORED.sub("", seen.stderr)
    if not (found := _TRACEBACK.search(stderr)):
        return None
    names = _EXCEPTION.findall(stderr)
    lines = [line.strip() for line in stderr.splitlines() if _EXCEPTION.match(line)]
    if names:
        return f"it crashed with a traceback, {names[-1].rpartition('.')[2]}", excerpt(lines[-1])
    return "it crashed with a traceback", excerpt(found[0].strip())


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
