"""The command `record`: a recording proxy in front of one site."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chatgptfree_mock.cli import INTERRUPTED
from chatgptfree_mock.cli.serving.client_process import check_client, default_port, run_client
from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.config.new_cassette_path import NewCassettePath
from chatgptfree_mock.config.project import project_settings
from chatgptfree_mock.config.redaction import keep_option, redaction_rules
from chatgptfree_mock.config.seconds_type import Seconds
from chatgptfree_mock.config.site import pack_of
from chatgptfree_mock.config.word_choice import WordChoice
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.intercept.command_options import check_proxy_options, in_words, intercept_flag, proxy_options
from chatgptfree_mock.intercept.environment import export_lines
from chatgptfree_mock.intercept.hosts import host_of, recorded_hosts
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import REQUEST_LIMIT, Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.recorder.view import ConsoleView
from chatgptfree_mock.tape.files import load
from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.origin import Origin, path_in
from chatgptfree_mock.tape.replay_options import REWRITE, ReplayOptions
from chatgptfree_mock.tape.tokens.blind_replay import token_names
from chatgptfree_mock.usage_error import StrictCommand

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception

_PORT = 8081
_SWITCH_INTERVAL = 0.0005
_HANDSHAKES = 1.0
"""Seconds that failed handshakes of a client that has ended get to be noted."""


@click.command(cls=StrictCommand)
@click.argument("url")
@click.option(
    "--out", type=NewCassettePath(dir_okay=False), help="The cassette; by default HOST.yaml in the current folder."
)
@click.option("--host", metavar="HOST", default="127.0.0.1", show_default=True, help="Where the proxy listens.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="0 for any free port.  [default: 8081; with a COMMAND any free port]",
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
@keep_option
@click.option("--insecure", is_flag=True, help="Do not check the site's certificate.")
@click.option(
    "--stall-after",
    type=Seconds(min=0.05),
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
@click.option(
    "--rewrite",
    type=WordChoice(REWRITE),
    help="Where the site's own addresses become the proxy's: pages, redirects and cookies; all: data too; or off.  "
    "[default: pages]",
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
    rewrite: str | None,
    client: tuple[str, ...],
) -> int:
    """
    Record what goes over the wire between a client and the site at URL.

    Use the site through the address that is printed, in a browser or with any client: everything goes through as it
    comes, and each exchange is in the file when it has ended, without cookies, nonces and other secrets.  A file that
    you edit meanwhile keeps your edits; one that grows too large goes on in NAME-2.yaml.  Ctrl-C ends the recording.

    With a COMMAND after `--` the recording lasts as long as COMMAND runs, and the exit code is COMMAND's.  {url} in it
    is the proxy's address, which is in the variable CHATGPTFREE_URL as well.
    """
    # Exchanges go to another process by a thread; a stream must not wait for it the default 5 ms.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    check_client(client, env=as_env)
    check_proxy_options(intercept=intercept, proxy_port=proxy_port, env=as_env)
    if mode == Mode.NONE:
        _refuse_idle(keep=keep, insecure=insecure)
    site = Origin.parse(url)
    upstream = UpstreamConnection(site=site, secure=not insecure)
    options = ReplayOptions.parse({"rewrite": rewrite or project_settings().get("rewrite")})
    console = Console(stderr=True, emoji=False)
    path = out or Path(f"{site.host}.yaml")
    blind = False
    if path.exists() and mode != Mode.ALL:
        earlier = load(path)
        _refuse_other_site(earlier, site, path)
        blind = bool(token_names(earlier))
        if client and mode == Mode.ONCE:
            what = "it is replayed, and nothing is recorded"
            _print(console, f"{path} exists: {what}; --mode new_episodes adds to it, --mode all replaces it")
    with _cassette(path, Mode(mode), site, keep, console) as cassette, ConsoleView(console) as view:
        recorder = Recorder(
            upstream,
            cassette,
            view=view,
            clock=SystemClock(),
            host=host,
            port=default_port(client, _PORT) if port is None else port,
            stall_after=stall_after,
            request_limit=request_limit,
            rewrite=options.rewrite,
        )
        proxy = _interception(recorder, site, host, proxy_port or 0) if intercept else None
        run = _RecordingRun(recorder, upstream, cassette, console, path=path_in(url), proxy=proxy, blind=blind)
        return asyncio.run(run.until_it_ends(client, as_env=as_env))


def _refuse_idle(**given: object) -> None:
    """
    Refuse options that are *given* and act only on what the site sends.

    Raises:
        SettingsError: there is one.
    """
    if useless := [f"--{name}" for name, value in given.items() if value]:
        raise SettingsError(f"`--record-mode none` asks no site and records nothing; leave out {', '.join(useless)}")


def _refuse_other_site(earlier: Cassette, site: Origin, path: Path) -> None:
    """
    Refuse to replay, as an answer of *site*, what *path* holds of other ones.

    Raises:
        SettingsError: nothing in it was recorded from *site*.
    """
    hosts = recorded_hosts(each.request.uri for each in earlier.interactions)
    if hosts and host_of(str(site)) not in hosts:
        raise SettingsError(
            f"{path} was recorded from {', '.join(hosts)}, not from {site.authority}: "
            "name another file with --out, or replace it with --mode all"
        )


@contextmanager
def _cassette(path: Path, mode: Mode, site: Origin, keep: Sequence[str], console: Console) -> Iterator[CassetteFile]:
    """Open the cassette that is recorded to; at the end it is saved, however the recording ends, and shown."""
    cassette = CassetteFile(
        path,
        mode=mode,
        site=str(site),
        rules=redaction_rules(Path.cwd(), keep=keep),
        clock=SystemClock(),
        match=pack_of(project_settings()).match_rules,
    )
    ended = False
    try:
        yield cassette
        ended = True
    finally:
        try:
            cassette.save_now()
        finally:
            cassette.close()
            _show_result(cassette, console, ended=ended)


def _show_result(cassette: CassetteFile, console: Console, *, ended: bool) -> None:
    for notice in cassette.notices:
        _print(console, f"! {notice}")
    if cassette.count:
        redacted = "; ".join(cassette.redacted) or "nothing had to be redacted"
        files = ", ".join(map(str, [cassette.path, *cassette.files[1:]]))
        _print(console, f"{files}: {_exchanges(cassette.count)} recorded ({redacted})")
    elif cassette.records and ended:
        file = f"{cassette.path} stays as it was" if cassette.path.exists() else f"there is no {cassette.path}"
        _print(console, f"! nothing was recorded, and {file}: no new exchange with the site has ended")
    if cassette.tokens:
        found = f"{cassette.tokens} value{'s' * (cassette.tokens != 1)}"
        _print(console, f"{found} in x-tokens: `chatgptfree-mock tokens {cassette.path}` lists them with the reasons")


def _exchanges(number: int) -> str:
    return f"{number} exchange{'s' * (number != 1)}"


def _interception(recorder: Recorder, site: Origin, host: str, port: int) -> Interception:
    from chatgptfree_mock.intercept.interception import Interception  # its libraries are slow to import

    return Interception(recorder.protocol, [str(site)], host=host, port=port)


@dataclass(frozen=True, slots=True)
class _RecordingRun:
    """One recording: the proxy in front of the site, and what it records to."""

    recorder: Recorder
    upstream: UpstreamConnection
    cassette: CassetteFile
    console: Console
    _: KW_ONLY
    path: str
    """The path of the page that the user named, below both addresses."""
    proxy: Interception | None
    blind: bool
    """Whether the cassette has tokens that are replayed as they were recorded."""

    async def until_it_ends(self, client: Sequence[str], *, as_env: bool) -> int:
        """Run until Ctrl-C, a request to end or the end of *client*, and return the exit code."""
        if self.cassette.records:
            _, writer = await self.upstream.connect()
            writer.transport.abort()
        stop = _signalled()
        async with self._proxies(client):
            if not client:
                self._announce(as_env=as_env)
            if self.blind:
                path = self.cassette.path
                what = "are replayed as recorded"
                _print(self.console, f"tokens in {path} {what}; `serve --cassettes {path}` mints and demands them")
            if client:
                return await self._run_client(client, stop)
            return await stop

    @asynccontextmanager
    async def _proxies(self, client: Sequence[str]) -> AsyncIterator[None]:
        """Open the ports; at the end print what the forward proxy refused, and why *client* may not have used it."""
        async with self.recorder, nullcontext() if self.proxy is None else self.proxy:
            yield
            if client and self.proxy is not None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.proxy.proxy.settled(), _HANDSHAKES)
        for line in [] if self.proxy is None else self.proxy.warnings(client):
            _print(self.console, f"! {line}")

    async def _run_client(self, client: Sequence[str], stop: asyncio.Future[int]) -> int:
        if self.proxy is None:
            return await run_client(client, stop, url=self._below(self.recorder.url))
        url = self._below(str(self.upstream.site))
        return await run_client(client, stop, url=url, variables=self.proxy.environment)

    def _below(self, origin: str) -> str:
        """Return the address for the client; of a whole site, as `serve` has it, without a slash at its end."""
        return origin if self.path == "/" else origin + self.path

    def _announce(self, *, as_env: bool) -> None:
        path = self.cassette.path
        what = f"records {self.upstream.site} to {path}"
        if not self.cassette.records:
            what = f"replays {path} and records nothing"
        _print(self.console, f"{self.recorder.url + self.path} {what}; Ctrl-C ends it")
        if self.proxy is not None:
            _show_proxy(self.proxy, self.console, as_env=as_env)


def _signalled() -> asyncio.Future[int]:
    """Return a future that has the exit code once Ctrl-C or a request to end has come."""
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[int] = loop.create_future()
    for name, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        loop.add_signal_handler(name, _end_with, stop, code)
    return stop


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
