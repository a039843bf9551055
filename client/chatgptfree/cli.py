"""
The command line: ``ask``, ``chat``, ``inspect``.

On stdout there is only what was asked for, as it comes; all else is on stderr.  Exit codes: 0 done, 1 the site or
the network failed, 2 wrong usage, 130 Ctrl-C.  No failure of the site ever shows a traceback.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import click
from click.shell_completion import get_completion_class

from chatgptfree.control_characters import TerminalText, escape
from chatgptfree.errors import ChatError, ChatTimeoutError, RateLimitedError, UnknownModelError
from chatgptfree.messages import Reply, Timeout

if TYPE_CHECKING:
    from chatgptfree.blocking import ChatClient, Conversation, ReplyStream
    from chatgptfree.core.page.chat_page import ChatPage

_COMPLETE_VARIABLE: Final = "_CHATGPTFREE_COMPLETE"
_FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CHAT_HELP: Final = "/bots lists the bots, /bot ID asks another one, /new forgets what was said, /quit ends."

_NOT_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON may hold as it is, but a terminal may act on, or some take for the end of a line."""

_C = TypeVar("_C", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    if sys.stdout is None:  # closed by who started us
        click.echo("chatgptfree: there is no stdout to print an answer to", err=True)
        return 2
    _speak_utf8()
    try:
        # Without its standalone mode click returns the code of an `Exit`; a command that is done returns None.
        code = commands.main(
            args=arguments, prog_name="chatgptfree", complete_var=_COMPLETE_VARIABLE, standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return 2
    except ChatError as error:
        _complain(error)
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    except UnicodeDecodeError as error:
        click.echo(f"chatgptfree: stdin is no UTF-8: {error}", err=True)
        return 2
    except OSError as error:
        # Nobody takes what we print.  Python would try to flush once more on its way out, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            click.echo(f"chatgptfree: {error}", err=True)
        return 1
    return code or 0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chatgptfree")
def commands() -> None:
    """Ask a chatgptfree.ai-like site."""


class _Seconds(click.FloatRange):
    """A number of seconds; click alone would let `nan` and `inf` pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if not isfinite(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return seconds


def _url(command: _C) -> _C:
    told = "The site, or its page with the chat; by default https://chatgptfree.ai."
    return click.option("--url", metavar="URL", help=told)(command)


def _bot(command: _C) -> _C:
    told = "Id or name of the bot; without it the first one on the page."
    return click.option("--bot", metavar="ID", help=told)(command)


def _raw(command: _C) -> _C:
    told = "Print control characters of an answer as they are; without it, a terminal is shown them escaped."
    return click.option("--raw", is_flag=True, help=told)(command)


def _way_there(command: _C) -> _C:
    seconds, told = _Seconds(min=0, min_open=True), "Seconds that a whole call may take; without it, any."
    command = click.option("--proxy", metavar="URL", help="An http proxy for every request.")(command)
    allow = "A host besides the site's own to which messages may go; may be given several times."
    command = click.option("--allow-host", "allow_hosts", metavar="HOST", multiple=True, help=allow)(command)
    return click.option("--timeout", type=seconds, metavar="S", help=told)(command)


@commands.command()
@_url
@_bot
@_way_there
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line: each piece, then the reply or the error."
)
@_raw
@click.argument("message")
def ask(message: str, *, as_json: bool, raw: bool, **client_options: Any) -> None:
    """Ask one question; MESSAGE may be - for what stands on stdin."""
    text = sys.stdin.read() if message == "-" else _checked(message)
    with _client(**client_options) as client:
        if as_json:
            with _errors_as_json():
                _print_json(client.stream(text))
            return
        _print_text(client.stream(text), raw=raw)
        if sys.stdout.isatty():
            click.echo()


@commands.command()
@_url
@_bot
@_way_there
@_raw
def chat(*, raw: bool, **client_options: Any) -> None:
    """Talk with a bot, line by line; it keeps in mind what was said."""
    failed = False
    with _client(**client_options) as client:
        talk = client.conversation()
        if sys.stdin.isatty():
            click.echo(_CHAT_HELP, err=True)
        for line in _lines():
            try:
                if line.startswith("/"):
                    if line in ("/quit", "/exit"):
                        break
                    talk = _obey(line, client, talk)
                else:
                    _print_text(talk.stream(line), raw=raw)
                    click.echo()
                failed = False
            except ChatError as error:
                _complain(error)
                failed = True
    if failed:
        raise click.exceptions.Exit(1)


@commands.command(short_help="Say what the page at URL offers, and what is missing.")
@click.argument("url")
@_way_there
@click.option("--json", "as_json", is_flag=True, help="One JSON object on one line.")
def inspect(url: str, *, as_json: bool, **client_options: Any) -> None:
    """Say what the page at URL offers: generation, release, bots, nonce, and what is missing."""
    with _client(url, **client_options) as client:
        if as_json:
            with _errors_as_json():
                _print_line(_described(client.page()))
            return
        page = client.page()
    for line in _description(page):
        click.echo(escape(line))
    for warning in page.warnings:
        click.echo(f"chatgptfree: {warning}", err=True)


def _description(page: ChatPage) -> Iterator[str]:
    yield f"page        {page.url}"
    yield f"generation  {page.chats[0].generation}"
    yield f"release     {page.release or 'not to be told'}"
    yield f"ask at      {page.chats[0].ajax_url}"
    for chat_ in page.chats:
        bot = chat_.bot
        words = [bot.name, bot.provider, bot.kind, *(["streams"] if bot.streaming else [])]
        yield f"bot         {bot.id}  {', '.join(word for word in words if word)}"
        yield f"  nonce     {chat_.nonce or 'none'}"
        yield f"  post id   {chat_.post_id or 'none'}"
    for missing in page.missing:
        yield f"missing     {missing}"


@commands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL, to be sourced by it."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(commands, {}, "chatgptfree", _COMPLETE_VARIABLE).source())


def _checked(message: str) -> str:
    try:
        message.encode()
    except UnicodeEncodeError as error:
        raise click.UsageError(f"MESSAGE is not UTF-8: {error.reason} at character {error.start + 1}") from error
    return message


@contextmanager
def _client(
    url: str | None,
    *,
    timeout: float | None,
    proxy: str | None,
    allow_hosts: Sequence[str],
    bot: str | None = None,
) -> Iterator[ChatClient]:
    from chatgptfree import blocking
    from chatgptfree.aio import DEFAULT_URL

    try:
        client = blocking.ChatClient(
            url or DEFAULT_URL, bot=bot or None, timeout=Timeout(total=timeout), proxy=proxy, allow_hosts=allow_hosts
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with client:
        yield client


def _print_text(stream: ReplyStream, *, raw: bool) -> None:
    shown = TerminalText() if sys.stdout.isatty() and not raw else None
    try:
        with _Spinner() as spinner, stream:
            for delta in stream:
                spinner.stop()
                sys.stdout.write(shown.feed(delta.text) if shown else delta.text)
                sys.stdout.flush()
    finally:
        sys.stdout.write(shown.close() if shown else "")
    for warning in stream.reply.warnings:
        click.echo(f"chatgptfree: {warning}", err=True)


def _print_json(stream: ReplyStream) -> None:
    with stream:
        for delta in stream:
            _print_line({"delta": delta.text})
    _print_line({"reply": _reply_object(stream.reply)})


@contextmanager
def _errors_as_json() -> Iterator[None]:
    try:
        yield
    except ChatError as error:
        _print_line({"error": _as_object(error)})
        raise


def _print_line(value: object) -> None:
    # JSON escapes only the controls of ASCII; all others are within strings, too.
    written = _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    sys.stdout.write(written + "\n")
    sys.stdout.flush()


def _reply_object(reply: Reply) -> dict[str, Any]:
    return asdict(reply)


def _as_object(error: ChatError) -> dict[str, Any]:
    told = {"kind": error.kind, "message": str(error), "retryable": error.retryable, "status": error.status}
    told |= {"url": error.url, "excerpt": error.excerpt, "partial": error.partial}
    if isinstance(error, RateLimitedError):
        told["retry_after"] = error.retry_after
    if isinstance(error, ChatTimeoutError):
        told["phase"] = error.phase
    return told


def _described(page: ChatPage) -> dict[str, Any]:
    chats = [
        {**asdict(chat_.bot), "nonce": chat_.nonce, "post_id": chat_.post_id, "ajax_url": chat_.ajax_url}
        for chat_ in page.chats
    ]
    return {
        "url": page.url,
        "generation": page.chats[0].generation,
        "release": page.release,
        "bots": chats,
        "missing": list(page.missing),
        "warnings": [asdict(warning) for warning in page.warnings],
    }


def _obey(line: str, client: ChatClient, talk: Conversation) -> Conversation:
    """Do what a line with a slash says, and return the conversation to go on with."""
    command, _, argument = line.partition(" ")
    match command:
        case "/bots":
            for bot in client.bots():
                click.echo(escape(f"{bot.id}  {bot.name}"), err=True)
        case "/bot" if argument.strip():
            wanted = argument.strip()
            if not any(wanted == bot.id or wanted.casefold() == bot.name.casefold() for bot in client.bots()):
                raise UnknownModelError(f"no bot {wanted!r} on the page; /bots lists them")
            talk.bot = wanted
        case "/new":
            return client.conversation(bot=talk.bot)
        case _:
            click.echo(_CHAT_HELP, err=True)
    return talk


def _lines() -> Iterator[str]:
    """Yield what the user types, line by line, with a prompt and line editing on a terminal."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        return
    try:
        import readline  # noqa: F401 - importing it is what gives `input` a memory and cursor keys
    except ImportError:
        click.echo("(no line editing here)", err=True)
    while True:
        try:
            line = input("> ")
        except EOFError:
            return
        if line.strip():
            yield line


class _Spinner:
    """Turns on a terminal until there is something to read; writes nothing anywhere else."""

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
        """Stop, and leave no trace; again is harmless."""
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


def _complain(error: ChatError) -> None:
    sys.stdout.flush()
    found = f" ({error.excerpt})" if error.excerpt and error.excerpt not in str(error) else ""
    click.echo(f"chatgptfree: {error.kind}: {error}{found}", err=True)


def _speak_utf8() -> None:
    """Say on stdout what the site said, and read stdin the same way, whatever the terminal's own encoding."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it lives as long as the program
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
    if isinstance(sys.stdin, io.TextIOWrapper) and not sys.stdin.isatty():
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
