"""
The command line: ``ask``, ``chat``, ``inspect``.

stdout gets only the output that was asked for, as it arrives; everything else goes to stderr.  Exit codes: 0 done,
1 the site or the network failed, 2 wrong usage, 130 Ctrl-C.  No failure of the site ever shows a traceback.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import get_completion_class

from chatgptfree.control_characters import escape
from chatgptfree.errors import ChatError, UnknownModelError
from chatgptfree.json_lines import errors_as_json, page_object, print_line, print_stream
from chatgptfree.keyword_arguments import nearest_or_all
from chatgptfree.messages import Timeout
from chatgptfree.terminal_output import page_lines, print_error, print_text, print_warnings
from chatgptfree.usage_error import StrictCommand, one_line

if TYPE_CHECKING:
    from chatgptfree.blocking import ChatClient, Conversation

_COMPLETE_VARIABLE: Final = "_CHATGPTFREE_COMPLETE"
# click leaves the lines below a backspace as they are; these are to be copied.
_COMPLETION_HELP: Final = """\b
Put the line for your shell into its start file:
  eval "$(chatgptfree completion bash)"          # ~/.bashrc
  eval "$(chatgptfree completion zsh)"           # ~/.zshrc, after compinit
  chatgptfree completion fish | source           # ~/.config/fish/config.fish
"""
_CHAT_HELP: Final = "/bots lists the bots, /bot ID switches to another one, /new starts over, /quit ends."

_C = TypeVar("_C", bound=Callable[..., Any])


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return the exit code: 0, 1, 2 or 130.

    Args:
        arguments: the words after the program's name; default those of the process.
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
    except click.exceptions.NoArgsIsHelpError as help_text:
        click.echo(help_text.format_message(), err=True)
        return 2
    except click.ClickException as error:
        click.echo(escape(one_line(error, "chatgptfree")), err=True)
        return 2
    except ChatError as error:
        print_error(error)
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


class _CommandGroup(click.Group):
    """A group that names the commands as the mock's does."""

    command_class = StrictCommand

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is to be run; one that does not exist gets a suggestion."""
        name = args[0]
        if name not in self.commands and not ctx.resilient_parsing and not name.startswith("-"):
            hint = nearest_or_all(name, sorted(self.commands))
            raise click.UsageError(f"no such command: `{escape(name[:40])}`{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
    seconds, text = _Seconds(min=0, min_open=True), "Time limit of the whole call in seconds; default: no limit."
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
    if as_json and raw:
        raise click.UsageError("--raw has no effect with --json, which escapes control characters as JSON does")
    text = sys.stdin.read() if message == "-" else _checked(message)
    with _client(**client_options) as client:
        if as_json:
            with errors_as_json():
                print_stream(client.stream(text))
            return
        print_text(client.stream(text), raw=raw, line_end=sys.stdout.isatty())


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
                    print_text(conversation.stream(line), raw=raw, line_end=True)
                failed = False
            except ChatError as error:
                print_error(error)
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
            with errors_as_json():
                print_line(page_object(client.page()))
            return
        page = client.page()
    for line in page_lines(page):
        click.echo(escape(line))
    print_warnings(page.warnings)


@commands.command(epilog=_COMPLETION_HELP)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes commands and options."""
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
            DEFAULT_URL if url is None else url,
            bot=bot,
            timeout=Timeout(total=timeout),
            proxy=proxy,
            allow_hosts=allow_hosts,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    with client:
        yield client


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


def _use_utf8() -> None:
    """Write stdout and read stdin as UTF-8, whatever the locale's encoding."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - open until the program ends
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
    if isinstance(sys.stdin, io.TextIOWrapper) and not sys.stdin.isatty():
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
