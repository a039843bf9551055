"""The command `record`: a recording proxy in front of one site."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chatgptfree_mock.cli import INTERRUPTED
from chatgptfree_mock.cli.serving.client_process import check_client, default_port, run_client
from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.site import pack_of
from chatgptfree_mock.config.word_choice import WordChoice
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.intercept.command_options import check_proxy_options, in_words, intercept_flag, proxy_options
from chatgptfree_mock.intercept.environment import export_lines
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import REQUEST_LIMIT, Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.recorder.view import ConsoleView
from chatgptfree_mock.tape.files import redaction_rules
from chatgptfree_mock.tape.url_rewriting import Origin, path_in

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception

_PORT = 8081
_SWITCH_INTERVAL = 0.0005


@click.command(short_help="Record a site through a proxy that does not disturb its streams.")
@click.argument("url")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The cassette; by default HOST.yaml here.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the proxy listens.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: 8081; with a COMMAND any free one]"
)
@click.option(
    "--record-mode",
    "--mode",
    "mode",
    type=WordChoice([mode.value for mode in Mode]),
    default=Mode.ONCE.value,
    show_default=True,
    help="none: replay only; once: record if there is no file; new_episodes: add what is new; all: start over.",
)
@click.option("--keep", multiple=True, metavar="RULE", help="Leave what this redaction rule takes out; repeatable.")
@click.option("--insecure", is_flag=True, help="Do not check the site's certificate.")
@click.option(
    "--stall-after",
    type=click.FloatRange(min=0.05),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Silence after which a stream counts as stalled.",
)
@intercept_flag
@proxy_options
@click.option(
    "--request-limit",
    type=click.IntRange(min=1),
    default=REQUEST_LIMIT,
    show_default=True,
    metavar="BYTES",
    help="Largest request body; a larger one is answered with 413 and not passed on.",
)
@click.argument("client", nargs=-1, metavar="[-- COMMAND …]")
def command(
    url: str,
    out: Path | None,
    host: str,
    port: int | None,
    mode: str,
    keep: Sequence[str],
    insecure: bool,
    stall_after: float,
    request_limit: int,
    intercept: bool,
    proxy_port: int | None,
    as_env: bool,
    client: tuple[str, ...],
) -> int:
    """
    Record what goes over the wire between a client and the site at URL.

    Use the site through the address that is printed, in a browser or with any client: everything goes through as it
    comes, and each exchange is in the file when it has ended, without cookies, nonces and other secrets.  A file that
    you edit meanwhile keeps your edits; one that grows too large goes on in NAME-2.yaml.  Ctrl-C ends the recording.

    With a COMMAND behind `--` the recording lasts as long as COMMAND runs, and the exit code is COMMAND's.  {url} in it
    is the proxy's address, which is in the variable CHATGPTFREE_URL as well.
    """
    # Exchanges go to another process by a thread; a stream must not wait for it the usual 5 ms.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    port = default_port(client, _PORT) if port is None else port
    check_client(client, env=as_env)
    check_proxy_options(intercept=intercept, proxy_port=proxy_port, env=as_env)
    site = Origin.parse(url)
    console = Console(stderr=True)
    clock = SystemClock()
    path = out or Path(f"{site.host}.yaml")
    deck = CassetteFile(
        path,
        mode=Mode(mode),
        site=str(site),
        rules=redaction_rules(Path.cwd(), keep=keep),
        clock=clock,
        match=pack_of(project_settings()).match_rules,
    )
    upstream = UpstreamConnection(site=site, secure=not insecure)
    try:
        with ConsoleView(console) as view:
            recorder = Recorder(
                upstream,
                deck,
                view=view,
                clock=clock,
                host=host,
                port=port,
                stall_after=stall_after,
                request_limit=request_limit,
            )
            proxy = _interception(recorder, site, host, proxy_port or 0) if intercept else None
            code = asyncio.run(
                _record(recorder, upstream, deck, console, url, proxy=proxy, as_env=as_env, client=client)
            )
    finally:
        try:
            deck.save_now()
        finally:
            deck.close()
            _show_result(deck, console)
    return code


def _show_result(deck: CassetteFile, console: Console) -> None:
    for notice in deck.notices:
        _print(console, f"! {notice}")
    if deck.count:
        redacted = "; ".join(deck.redacted) or "nothing had to be redacted"
        files = ", ".join(map(str, [deck.path, *deck.files[1:]]))
        _print(console, f"{files}: {_exchanges(deck.count)} recorded ({redacted})")
    if deck.tokens:
        found = f"{deck.tokens} value{'s' * (deck.tokens != 1)}"
        _print(console, f"{found} in x-tokens: `chatgptfree-mock tokens {deck.path}` lists what comes back, and why")


def _exchanges(number: int) -> str:
    return f"{number} exchange{'s' * (number != 1)}"


def _interception(recorder: Recorder, site: Origin, host: str, port: int) -> Interception:
    from chatgptfree_mock.intercept.interception import Interception  # its libraries are slow to import

    return Interception(recorder.protocol, [site.bare_host], host=host, port=port)


async def _record(
    recorder: Recorder,
    upstream: UpstreamConnection,
    deck: CassetteFile,
    console: Console,
    url: str,
    *,
    proxy: Interception | None,
    as_env: bool,
    client: Sequence[str],
) -> int:
    """Run until Ctrl-C, a request to end or the end of *client*, and return the exit code."""
    if deck.records:
        _, writer = await upstream.connect()
        writer.transport.abort()
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()
    for name, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        loop.add_signal_handler(name, _end_with, stop, code)
    async with recorder, nullcontext() if proxy is None else proxy:
        if client:
            address, variables = (recorder.url, {}) if proxy is None else (str(upstream.site), proxy.environment)
            return await run_client(client, stop, url=address + path_in(url), variables=variables)
        page = recorder.url + path_in(url)
        what = f"records {upstream.site} to {deck.path}" if deck.records else f"replays {deck.path} and records nothing"
        _print(console, f"{page} {what}; Ctrl-C ends it")
        if proxy is not None:
            _show_proxy(proxy, console, as_env=as_env)
        code = await stop
    for line in [] if proxy is None else proxy.warnings():
        _print(console, f"! {line}")
    return code


def _show_proxy(proxy: Interception, console: Console, *, as_env: bool) -> None:
    if as_env:
        click.echo("\n".join(export_lines(proxy.environment)))
    else:
        for line in in_words(proxy):
            _print(console, line)


def _print(console: Console, line: str) -> None:
    console.print(escape(line), markup=False, emoji=False, soft_wrap=True, highlight=False)


def _end_with(stop: asyncio.Future[int], code: int) -> None:
    if not stop.done():
        stop.set_result(code)
