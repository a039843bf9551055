"""What the commands print for people: the answer on stdout as it arrives, warnings and errors on stderr."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Self

import click

from chatgptfree.control_characters import TerminalText
from chatgptfree.errors import ChatError
from chatgptfree.messages import ReplyWarning

if TYPE_CHECKING:
    from chatgptfree.blocking import ReplyStream
    from chatgptfree.core.page.chat_page import ChatPage

_FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def print_text(stream: ReplyStream, *, raw: bool, line_end: bool) -> None:
    """Print an answer as it arrives; *line_end*: end its last line, so that later output begins on a new one."""
    shown = TerminalText() if sys.stdout.isatty() and not raw else None
    printed = False
    try:
        with _Spinner() as spinner, stream:
            for delta in stream:
                spinner.stop()
                printed = True
                sys.stdout.write(shown.feed(delta.text) if shown else delta.text)
                sys.stdout.flush()
    finally:
        sys.stdout.write(shown.close() if shown else "")
        if line_end and printed:
            sys.stdout.write("\n")
        sys.stdout.flush()
    print_warnings(stream.reply.warnings)


def page_lines(page: ChatPage) -> Iterator[str]:
    """Yield the lines of ``inspect``."""
    yield f"page        {page.url}"
    yield f"generation  {page.chats[0].generation}"
    yield f"release     {page.release or 'unknown'}"
    yield f"ask at      {page.chats[0].ajax_url}"
    for chat_ in page.chats:
        bot = chat_.bot
        words = [bot.name, bot.provider, bot.kind, *(["streams"] if bot.streaming else [])]
        yield f"bot         {bot.id}  {', '.join(word for word in words if word)}"
        yield f"  nonce     {chat_.nonce or 'none'}"
        yield f"  post id   {chat_.post_id or 'none'}"
    for missing in page.missing:
        yield f"missing     {missing}"


def print_error(error: ChatError) -> None:
    """Print *error* with what came in place of an answer, and its warnings."""
    sys.stdout.flush()
    found = f": {error.excerpt}" if error.excerpt and error.excerpt not in str(error) else ""
    click.echo(f"chatgptfree: {error.kind}: {error}{found}", err=True)
    print_warnings(error.warnings)


def print_warnings(warnings: Iterable[ReplyWarning]) -> None:
    """Print each of *warnings* on a line of stderr."""
    for warning in warnings:
        click.echo(f"chatgptfree: {warning}", err=True)


class _Spinner:
    """Spins on stderr until the first text arrives, if that is a terminal."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._turn, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop and erase the spinner; stopping again has no effect."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _turn(self) -> None:
        for frame in itertools.cycle(_FRAMES):
            sys.stderr.write(f"\r{frame} ")
            sys.stderr.flush()
            if self._stopped.wait(0.1):
                break
        sys.stderr.write("\r  \r")
        sys.stderr.flush()
