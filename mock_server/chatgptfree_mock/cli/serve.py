"""``chatgptfree-mock serve``: run the imitated site until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatgptfree_mock.cli import INTERRUPTED
from chatgptfree_mock.client_process import check_client, default_port, run_client
from chatgptfree_mock.config.project import (
    project_settings,
    replay_of,
    scenario_folders,
    with_defaults,
)
from chatgptfree_mock.config.releases import release_options, table_with, template_option
from chatgptfree_mock.config.settings_file import load_settings
from chatgptfree_mock.config.site import choose_site
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import InterceptError, ServingError
from chatgptfree_mock.intercept import command_options
from chatgptfree_mock.intercept.command_options import (
    TLS_FAULTS,
    check_proxy_options,
    intercept_option,
    intercepted_hosts,
    proxy_options,
)
from chatgptfree_mock.intercept.environment import export_lines
from chatgptfree_mock.memory_limit import MEMORY, in_words
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.server import console
from chatgptfree_mock.server.access import Access
from chatgptfree_mock.server.app import ServerConfig, make_app
from chatgptfree_mock.server.control import SITES
from chatgptfree_mock.server.listening import address_of, listen, warn_if_exposed
from chatgptfree_mock.server.mock_server import MockServer, known_as
from chatgptfree_mock.tape.cassette_source import gather
from chatgptfree_mock.tape.replay_options import ON_MISS, REWRITE, TOKENS, ReplayOptions, refuse_without_recordings
from chatgptfree_mock.word_choice import WordChoice

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception

_FILE = click.Path(path_type=Path)
_FOUND = 1
_PORT = 8080


@dataclass(frozen=True, slots=True)
class _News:
    """What is printed when the site is up."""

    cassettes: int
    """How many there are."""
    hidden: tuple[str, ...]
    """Recorded paths at which the mock would have something of its own."""


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="0 is any free one.  [default: 8080; with a COMMAND any free one]"
)
@release_options
@template_option
@click.option("--pack", metavar="NAME", help="The site pack that imitates the site.  [default: aipower]")
@click.option("--plugin", metavar="RELEASE", help="The plugin's release, such as 2.4.71.")
@click.option("--site", "site_file", type=_FILE, metavar="FILE.yaml", help="The settings of the site.")
@click.option(
    "--cassettes", multiple=True, metavar="PATH", help="Answer from these recordings: a file, folder or pattern."
)
@click.option("--strict", is_flag=True, help="A file that is not a cassette is an error, and not left out.")
@click.option("--match-on", multiple=True, metavar="WORDS", help="What must fit: method,path,query,json,field:NAME …")
@click.option("--volatile", multiple=True, metavar="NAMES", help="Fields and JSON paths that are not compared.")
@click.option("--on-miss", type=WordChoice(ON_MISS), help="What a request gets that no recording fits.")
@click.option("--repeat/--no-repeat", default=None, help="Whether a recording is played again and again (as usual).")
@click.option("--rewrite", type=WordChoice(REWRITE), help="Where the site's own addresses lead here (pages).")
@click.option("--tokens", type=WordChoice(TOKENS), help="Whether tokens are minted and demanded, or replayed (on).")
@click.option("--scenarios", type=_FILE, metavar="DIR", multiple=True, help="Scenarios of your own, for /s/.")
@click.option("--chunks", metavar="WORD", help="How answers are cut: as-recorded, whole, events, lines, bytes, utf8 …")
@click.option("--pace", metavar="WORD", help="recorded, instant, x4, every:20ms.")
@click.option("--fault", "faults", metavar="WORD", multiple=True, help="What goes wrong: reset@50%, stall@chunk:3 …")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides what is random in faults.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes (needs gunicorn).")
@click.option(
    "--files", type=_FILE, metavar="DIR", multiple=True, help="Recordings in it may be named over the control API, too."
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    metavar="MIB",
    default=MEMORY // 2**20,
    show_default=True,
    help="For journals, runs of scenarios and conversations; the oldest are forgotten first.",
)
@click.option(
    "--api-token",
    metavar="TOKEN",
    envvar="CHATGPTFREE_MOCK_API_TOKEN",
    show_envvar=True,
    help="What the control API and the console want to be shown; by default a new one.",
)
@click.option("--api-host", "api_hosts", metavar="NAME", multiple=True, help="One more name that leads to the API.")
@intercept_option
@click.option("--tls-fault", type=TLS_FAULTS, help="What is wrong with the TLS of intercepted connections.")
@proxy_options
@click.option("--json", "as_json", is_flag=True, help="Print where it listens as one JSON object.")
@click.argument("client", nargs=-1, metavar="[-- COMMAND …]")
def command(
    host: str,
    port: int | None,
    pack: str | None,
    release_files: tuple[Path, ...],
    templates: tuple[Path, ...],
    strict_release: bool,
    plugin: str | None,
    site_file: Path | None,
    cassettes: tuple[str, ...],
    strict: bool,
    match_on: tuple[str, ...],
    volatile: tuple[str, ...],
    on_miss: str | None,
    repeat: bool | None,
    rewrite: str | None,
    tokens: str | None,
    scenarios: tuple[Path, ...],
    chunks: str | None,
    pace: str | None,
    faults: tuple[str, ...],
    seed: int,
    workers: int,
    files: tuple[Path, ...],
    memory: int,
    api_token: str | None,
    api_hosts: tuple[str, ...],
    intercept: tuple[str, ...],
    tls_fault: str | None,
    proxy_port: int | None,
    as_env: bool,
    as_json: bool,
    client: tuple[str, ...],
) -> int:
    """
    Imitate the site, or serve recordings of any site.

    / is the site, /v/RELEASE/ the same on another release of its plugin, /__mock__/ the console.

    With a COMMAND behind `--` the site listens on a free port while COMMAND runs, and the exit code is COMMAND's. {url}
    in it is the site's address, which is in the variable CHATGPTFREE_URL as well.
    """
    gathered = gather(cassettes or None)
    for line in gathered.left_out:
        click.echo(escape(line), err=True)
    if gathered.left_out and strict:
        return _FOUND
    table = table_with(project_settings(), releases=release_files, templates=templates, strict=strict_release)
    asked: dict[str, Any] = {"pack": pack, "plugin": plugin, "cassettes": gathered.cassettes, "table": table}
    spec = choose_site(**asked) if site_file is None else load_settings(site_file, **asked)
    given = {
        "match_on": match_on,
        "volatile": volatile,
        "on_miss": on_miss,
        "repeat": repeat,
        "rewrite": rewrite,
        "tokens": tokens,
    }
    scenarios = (*scenario_folders(table), *scenarios)
    deps = ServerConfig(
        pack=spec.pack,
        settings=spec.settings,
        delivery=Delivery.parse(chunks or table.get("chunks"), pace or table.get("pace"), faults, seed),
        cassettes=gathered.cassettes,
        replay=_replay(given, table, recorded=bool(cassettes or spec.files)),
        notes=gathered.left_out,
        scenarios=scenarios,
        files=(*files, *map(Path, cassettes)),
        memory=memory * 2**20,
        api_token=Access.make(api_token).token,  # made here, as all workers have the same
        api_hosts=api_hosts,
    )
    port = default_port(client, _PORT) if port is None else port
    check_client(client, env=as_env, json=as_json, workers=workers > 1)
    hosts = intercepted_hosts(intercept)
    check_proxy_options(intercept=hosts is not False, tls_fault=tls_fault, proxy_port=proxy_port, env=as_env)
    if as_env and as_json:
        raise InterceptError("--env and --json both want stdout for themselves; --json has the variables as well")
    if workers > 1 and hosts is not False:
        raise InterceptError("--intercept needs one process; leave out --workers")
    if workers > 1 and not deps.replay.repeat:
        raise ServingError("--no-repeat counts what was played in one process, so it can't be had with --workers")
    if scenarios:
        shipped(scenarios, spec.pack.name)
    sites = make_app(deps)[SITES]  # what is wrong with the settings shows before a port is taken
    news = _News(len(gathered.cassettes), sites.hidden)
    if workers > 1:
        _serve_with_workers(deps, host, port, workers, news=news, as_json=as_json)
        return 0
    server = MockServer(deps, host=host, port=port, intercept=hosts, tls_fault=tls_fault, proxy_port=proxy_port or 0)
    return asyncio.run(_serve(server, deps, news=news, as_env=as_env, as_json=as_json, client=client))


def _replay(given: Mapping[str, Any], table: Mapping[str, str], *, recorded: bool) -> ReplayOptions:
    """Return how recordings are played: as the command line has it, else as the project's *table* has it."""
    refuse_without_recordings({_option(name, value): value for name, value in given.items()}, recorded=recorded)
    words = {name: ",".join(value) or None if isinstance(value, tuple) else value for name, value in given.items()}
    return replay_of(with_defaults(words, table))


def _option(name: str, value: object) -> str:
    """Return the option called *name* as the command line spells it."""
    return f"--{'no-' if value is False else ''}{name.replace('_', '-')}"


async def _serve(
    server: MockServer, deps: ServerConfig, *, news: _News, as_env: bool, as_json: bool, client: Sequence[str]
) -> int:
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()
    # Both are handled here: a shell script starts what it puts into the background with SIGINT ignored.
    loop.add_signal_handler(signal.SIGTERM, _stop, stopped, 0)
    loop.add_signal_handler(signal.SIGINT, _stop, stopped, INTERRUPTED)
    await server.start()
    try:
        if client:
            return await _serve_client(server, client, stopped)
        if as_env:
            click.echo("\n".join(export_lines(server.environment)))
        else:
            interception = None if server.intercepted is None else server.intercepted.interception
            _announce(server.url, deps, news, as_json=as_json, interception=interception)
        return await stopped
    finally:
        await server.stop()
        for line in server.warnings:
            _warn(line, deps)


async def _serve_client(server: MockServer, client: Sequence[str], stopped: asyncio.Future[int]) -> int:
    if server.intercepted is None:
        return await run_client(client, stopped, url=server.url)
    origin = server.intercepted.interception.origin
    return await run_client(client, stopped, url=origin, variables=server.environment)


def _warn(line: str, deps: ServerConfig) -> None:
    if line not in (*deps.notes, _notice(deps)):  # those were shown at the start
        click.echo(f"warning: {line}", err=True)


def _stop(stopped: asyncio.Future[int], code: int) -> None:
    if not stopped.done():
        stopped.set_result(code)


def _serve_with_workers(deps: ServerConfig, host: str, port: int, workers: int, *, news: _News, as_json: bool) -> None:
    from chatgptfree_mock.server.workers import serve

    listening = listen(host, port)
    warn_if_exposed(listening)
    _announce(address_of(host, listening.getsockname()[1]), deps, news, as_json=as_json)
    if not as_json:
        click.echo(
            f"{workers} processes: no scenarios and no answers pushed by hand; limits in front of the site and "
            "repeated recordings are counted by each process for itself."
        )
    serve(known_as(host, deps), listening, workers, warn=lambda line: _warn(line, deps))


def _notice(deps: ServerConfig) -> str | None:
    """Return what to say of a release that is not known."""
    spec = deps.spec
    return spec.pack.releases.notice(spec.release) if spec.pack.release_key else None


def _announce(
    url: str, deps: ServerConfig, news: _News, *, as_json: bool, interception: Interception | None = None
) -> None:
    spec, token = deps.spec, deps.api_token or ""
    page = console.address(url, token)
    notice = _notice(deps)
    if as_json:
        told: dict[str, Any] = {
            "url": url,
            "pack": spec.pack.name,
            "plugin": spec.release,
            **({} if notice is None else {"warning": notice}),
            "console": page,
            "api_token": token,
        }
        if news.cassettes:
            told |= {"cassettes": news.cassettes, "left_out": list(deps.notes)}
        if interception is not None:
            told["intercept"] = command_options.as_json(interception)
        if news.hidden:
            told["recorded_here"] = list(news.hidden)
        click.echo(json.dumps(told))
        return
    named = f"plugin {spec.release}" if spec.pack.release_key else f"pack {spec.pack.name}"
    click.echo(escape(f"The site on {named}: {url}/"))
    if notice is not None:
        click.echo(escape(f"warning: {notice}"))
    click.echo(escape(f"Console and journal:     {page}"))
    click.echo(escape(f"Token of the API:        {token}"))
    click.echo(f"Memory for journals:     {in_words(deps.memory)}, then the oldest is forgotten")
    if interception is not None:
        click.echo("\n".join(command_options.in_words(interception)))
    for path in news.hidden:
        click.echo(escape(f"Recorded, so not the mock's own: {path}"))
    click.echo("Ctrl-C stops it.")
