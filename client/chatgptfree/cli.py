"""
The command line: ``ask``, ``chat``, ``inspect``.

stdout gets only the output that was asked for, as it arrives; everything else goes to stderr.  Exit codes: 0 done,
1 the site or the network failed, 2 wrong usage, 130 Ctrl-C.  No failure of the site ever shows a traceback.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import click
from click.shell_completion import get_completion_class

from chatgptfree.control_characters import TerminalText, escape
from chatgptfree.errors import ChatError, ChatTimeoutError, UnknownModelError
from chatgptfree.messages import Reply, ReplyWarning, Timeout
from chatgptfree.usage_error import one_line

if TYPE_CHECKING:
    from chatgptfree.blocking import ChatClient, Conversation, ReplyStream
    from chatgptfree.core.page.chat_page import ChatPage

_COMPLETE_VARIABLE: Final = "_CHATGPTFREE_COMPLETE"
# click leaves the lines below a backspace as they are; these are to be copied.
_COMPLETION_HELP: Final = """\b
Put the line for your shell into its start file:
  eval "$(chatgptfree completion bash)"          # ~/.bashrc
  eval "$(chatgptfree completion zsh)"           # ~/.zshrc, after compinit
  chatgptfree completion fish | source           # ~/.config/fish/config.fish
"""
_FRAMES: Final = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CHAT_HELP: Final = "/bots lists the bots, /bot ID switches to another one, /new starts over, /quit ends."

_NOT_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that JSON need not escape, but that a terminal acts on or some programs take for a line end."""

_C = TypeVar("_C", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return the exit code: 0, 1, 2 or 130.

    Args:
        arguments: the words behind the program's name; default those of the process.
    """
    if sys.stdout is None:  # closed by the parent process
        click.echo("chatgptfree: stdout is closed, so the answer can't be printed", err=True)
        return 2
    _use_utf8()
    try:
        # Outside its standalone mode click returns the code of an `Exit`, and None for a command that has finished.
        code = commands.main(
            args=arguments, prog_name="chatgptfree", complete_var=_COMPLETE_VARIABLE, standalone_mode=False
        )
    except click.ClickException as error:
        click.echo(escape(one_line(error, "chatgptfree")), err=True)
        return 2
    except ChatError as error:
        _print_error(error)
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 130
    except UnicodeDecodeError as error:
        click.echo(f"chatgptfree: stdin is not valid UTF-8: {error}", err=True)
        return 2
    except OSError as error:
        # The reader of stdout is gone.  Python would flush once more on exit and report that it failed.
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
    """A finite number of seconds; click alone accepts `nan` and `inf`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if not isfinite(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds


def _url(command: _C) -> _C:
    text = "The site, or its page with the chat; default: https://chatgptfree.ai."
    return click.option("--url", metavar="URL", envvar="CHATGPTFREE_URL", show_envvar=True, help=text)(command)


def _bot(command: _C) -> _C:
    text = "Id or name of the bot; default: the first one on the page."
    return click.option("--bot", metavar="ID", help=text)(command)


def _raw(command: _C) -> _C:
    text = "Print control characters of an answer as they are; default: escape them on a terminal."
    return click.option("--raw", is_flag=True, help=text)(command)


def _connection(command: _C) -> _C:
    seconds, text = _Seconds(min=0, min_open=True), "Seconds that a whole call may take; default: no limit."
    command = click.option("--proxy", metavar="URL", help="Use this http proxy for every request.")(command)
    allow = "Allow messages to be sent to this host besides the site's own; repeatable."
    command = click.option("--allow-host", "allow_hosts", metavar="HOST", multiple=True, help=allow)(command)
    return click.option("--timeout", type=seconds, metavar="S", help=text)(command)


@commands.command()
@_url
@_bot
@_connection
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line: each delta, then the reply or the error."
)
@_raw
@click.argument("message")
def ask(message: str, *, as_json: bool, raw: bool, **client_options: Any) -> None:
    """Ask one question; with - as MESSAGE, read it from stdin."""
    text = sys.stdin.read() if message == "-" else _checked(message)
    with _client(**client_options) as client:
        if as_json:
            with _errors_as_json():
                _print_json(client.stream(text))
            return
        _print_text(client.stream(text), raw=raw, line_end=sys.stdout.isatty())


@commands.command()
@_url
@_bot
@_connection
@_raw
def chat(*, raw: bool, **client_options: Any) -> None:
    """Hold a conversation with a bot, one line a turn."""
    failed = False
    with _client(**client_options) as client:
        conversation = client.conversation()
        if sys.stdin.isatty():
            click.echo(_CHAT_HELP, err=True)
        for line in _lines():
            try:
                if line.startswith("/"):
                    if line in ("/quit", "/exit"):
                        break
                    conversation = _run_chat_command(line, client, conversation)
                else:
                    _print_text(conversation.stream(line), raw=raw, line_end=True)
                failed = False
            except ChatError as error:
                _print_error(error)
                failed = True
    if failed:
        raise click.exceptions.Exit(1)


@commands.command(short_help="Show the chats on the page at URL, and what is missing.")
@click.argument("url")
@_connection
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on one line.")
def inspect(url: str, *, as_json: bool, **client_options: Any) -> None:
    """Show the chats on the page at URL: generation, release, bots, nonce, and what is missing."""
    with _client(url, **client_options) as client:
        if as_json:
            with _errors_as_json():
                _print_line(_page_object(client.page()))
            return
        page = client.page()
    for line in _page_lines(page):
        click.echo(escape(line))
    for warning in page.warnings:
        click.echo(f"chatgptfree: {warning}", err=True)


def _page_lines(page: ChatPage) -> Iterator[str]:
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


@commands.command(epilog=_COMPLETION_HELP)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands and options."""
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


def _print_text(stream: ReplyStream, *, raw: bool, line_end: bool) -> None:
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
        _print_line({"error": _error_object(error)})
        raise


def _print_line(value: object) -> None:
    # `json` escapes only the control characters of ASCII; all others occur within strings and may be escaped as well.
    written = _NOT_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    sys.stdout.write(written + "\n")
    sys.stdout.flush()


def _reply_object(reply: Reply) -> dict[str, Any]:
    return {**asdict(reply), "warnings": _warning_objects(reply.warnings)}


def _warning_objects(warnings: Iterable[ReplyWarning]) -> list[dict[str, str]]:
    return [{"code": warning.code, "detail": warning.raw_detail} for warning in warnings]


def _error_object(error: ChatError) -> dict[str, Any]:
    fields = {
        "kind": error.kind,
        "message": error.raw_message,
        "retryable": error.retryable,
        "retry_after": error.retry_after,
    }
    fields |= {"status": error.status, "url": error.url, "excerpt": error.raw_excerpt, "partial": error.partial}
    fields["warnings"] = _warning_objects(error.warnings)
    if isinstance(error, ChatTimeoutError):
        fields["phase"] = error.phase
    return fields


def _page_object(page: ChatPage) -> dict[str, Any]:
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
        "warnings": _warning_objects(page.warnings),
    }


def _run_chat_command(line: str, client: ChatClient, conversation: Conversation) -> Conversation:
    """Run the slash command in *line*, and return the conversation to continue."""
    command, _, argument = line.partition(" ")
    match command:
        case "/bots":
            for bot in client.bots():
                click.echo(escape(f"{bot.id}  {bot.name}"), err=True)
        case "/bot" if argument.strip():
            wanted = argument.strip()
            if not any(wanted == bot.id or wanted.casefold() == bot.name.casefold() for bot in client.bots()):
                raise UnknownModelError(f"no bot {wanted!r} on the page; /bots lists them")
            conversation.bot = wanted
        case "/new":
            return client.conversation(bot=conversation.bot)
        case _:
            click.echo(_CHAT_HELP, err=True)
    return conversation


def _lines() -> Iterator[str]:
    """Yield the lines of stdin, blank ones left out; on a terminal with a prompt and line editing."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        return
    try:
        import readline  # noqa: F401 - importing it gives `input` a history and cursor keys
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


def _print_error(error: ChatError) -> None:
    sys.stdout.flush()
    found = f" ({error.excerpt})" if error.excerpt and error.excerpt not in str(error) else ""
    click.echo(f"chatgptfree: {error.kind}: {error}{found}", err=True)
    for warning in error.warnings:
        click.echo(f"chatgptfree: {warning}", err=True)


def _use_utf8() -> None:
    """Write stdout and read stdin as UTF-8, whatever the locale's encoding."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the program ends
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
    if isinstance(sys.stdin, io.TextIOWrapper) and not sys.stdin.isatty():
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
