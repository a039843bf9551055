"""``chatgptfree-mock serve``: run the imitated site until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from chatgptfree_mock.cli import INTERRUPTED
from chatgptfree_mock.cli.serving import watching
from chatgptfree_mock.cli.serving.announcement import Announcement
from chatgptfree_mock.cli.serving.assumed_refusals import assumed_refusals
from chatgptfree_mock.cli.serving.client_process import check_client, default_port, run_client
from chatgptfree_mock.cli.serving.options import SiteOptions
from chatgptfree_mock.config.pack_option import pack_option
from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.release_options import release_options, template_option
from chatgptfree_mock.config.word_choice import NamedWordChoice, WordChoice
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.errors import InterceptError, ServingError
from chatgptfree_mock.intercept.command_options import (
    TLS_FAULTS,
    check_proxy_options,
    intercept_option,
    intercepted_hosts,
    proxy_options,
)
from chatgptfree_mock.intercept.environment import export_lines
from chatgptfree_mock.memory_limit import MEMORY
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.server.app import make_app
from chatgptfree_mock.server.control import SITES
from chatgptfree_mock.server.file_watch import Stamps
from chatgptfree_mock.server.listening import address_of, warn_if_exposed
from chatgptfree_mock.server.mock_server import MockServer, known_as
from chatgptfree_mock.server.reload import Reloader
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import SiteRegistry
from chatgptfree_mock.tape.replay_options import ON_MISS, REWRITE, TOKENS
from chatgptfree_mock.tape.tokens.blind_replay import blind_replays
from chatgptfree_mock.usage_error import StrictCommand
from chatgptfree_mock.wire.listening_socket import listen

_FILE = PathParamType()
_FOUND = 1
_PORT = 8080
_REPORTS_SHOWN = 5


@click.command(cls=StrictCommand)
@click.option("--host", metavar="HOST", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="0 for any free port.  [default: 8080; with a COMMAND any free port]",
)
@release_options
@template_option
@pack_option("The site pack that imitates the site; not needed for --cassettes.")
@click.option("--plugin", metavar="RELEASE", help="The release of the plugin, such as 2.4.71.")
@click.option("--site", "site_file", type=_FILE, metavar="FILE.yaml", help="A file with settings of the site.")
@click.option(
    "--cassettes",
    multiple=True,
    metavar="PATH",
    help="Answer from a recording: file, folder or pattern; repeatable.",
)
@click.option("--strict", is_flag=True, help="Refuse files that are not cassettes, instead of leaving them out.")
@click.option(
    "--match-on",
    multiple=True,
    metavar="WORDS",
    help="Parts of a request that must match: method,path,query,json,field:NAME …",
)
@click.option(
    "--volatile", multiple=True, metavar="NAMES", help="Fields and JSON paths to leave out of the comparison."
)
@click.option(
    "--on-miss",
    type=WordChoice(ON_MISS),
    help="Response if no recording matches: an error, one of the same path, or the nearest.  [default: refuse]",
)
@click.option("--repeat/--no-repeat", default=None, help="Replay a recording more than once.  [default: repeat]")
@click.option(
    "--rewrite",
    type=WordChoice(REWRITE),
    help="Where the recorded site's addresses become this server's.  [default: pages]",
)
@click.option(
    "--tokens",
    type=NamedWordChoice(TOKENS),
    help="on: replace recorded tokens and require the new ones; other words disturb them in this way. WORD@NAME: only "
    "this token.",
)
@click.option(
    "--scenarios", type=_FILE, metavar="DIR", multiple=True, help="A folder of your own scenarios, played below /s/."
)
@click.option("--chunks", metavar="WORD", help="How to cut answers: as-recorded, whole, events, lines, bytes, utf8 …")
@click.option("--pace", metavar="WORD", help="How fast to send chunks: recorded, instant, x4, every:20ms.")
@click.option(
    "--fault",
    "faults",
    metavar="WORD",
    multiple=True,
    help="A fault to inject: reset@50%, stall@chunk:3 …; repeatable.",
)
@click.option(
    "--seed", metavar="N", type=int, default=0, show_default=True, help="Seed for the random parts of faults."
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Server processes; more than one needs gunicorn.",
)
@click.option(
    "--files", type=_FILE, metavar="DIR", multiple=True, help="A folder of recordings that the control API may load."
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    metavar="MIB",
    default=MEMORY // 2**20,
    show_default=True,
    help="Limit for journals, scenario runs and conversations; the oldest are dropped first.",
)
@click.option(
    "--api-token",
    metavar="TOKEN",
    envvar="CHATGPTFREE_MOCK_API_TOKEN",
    show_envvar=True,
    help="Token that the control API and the console require; by default a random one.",
)
@click.option(
    "--api-host", "api_hosts", metavar="NAME", multiple=True, help="A further host name that the control API accepts."
)
@click.option("--watch", is_flag=True, help="Reload settings, recordings, scenarios, releases, templates on change.")
@intercept_option
@click.option("--tls-fault", type=TLS_FAULTS, help="A TLS fault for intercepted connections.")
@proxy_options
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one JSON object.")
@click.argument("client", nargs=-1, metavar="[-- COMMAND …]")
def command(**given: Any) -> int:
    """
    Imitate the site, or serve recordings of any site.

    / is the site, /v/RELEASE/ the same on another release of its plugin, /__mock__/ the console.

    With a COMMAND after `--` the site listens on a free port while COMMAND runs, and the exit code is COMMAND's. {url}
    in it is the site's address, which is in the variable CHATGPTFREE_URL as well.

    With --watch each change of a file is named on stderr when it is reloaded; if a file is wrong the site stays as it
    was.  A reload replaces what the control API changed about the settings of the site at /.
    """
    options = SiteOptions.taken_from(given)
    recordings = options.recordings()
    for line in recordings.notes:
        _report(line)
    if recordings.left_out and options.strict:
        return _FOUND
    config = options.config(recordings)
    if config.scenarios:
        shipped(config.scenarios, config.pack.name)
    stamps: Stamps = {}
    if given["watch"]:
        config, stamps = watching.config_with_stable_files(options, config, _report)
    for line in blind_replays(config.cassettes) if config.replay.tokens.word == "on" else ():
        _report(line)
    for line in assumed_refusals(config.cassettes, config.pack) if config.replay.tokens.word != "off" else ():
        _report(line)
    hosts = _check_use(given)
    host, workers, client, as_json = given["host"], given["workers"], given["client"], given["as_json"]
    port = default_port(client, _PORT) if given["port"] is None else given["port"]
    if workers > 1:
        _check_workers(config, intercept=hosts is not False, watch=given["watch"])
        _report_idle(given["templates"], make_app(config)[SITES])
        serve_with_workers(config, host, port, workers, as_json=as_json)
        return 0
    proxy = {"intercept": hosts, "tls_fault": given["tls_fault"], "proxy_port": given["proxy_port"] or 0}
    server = MockServer(config, host=host, port=port, **proxy)
    _report_idle(given["templates"], server.sites)
    reloader = None
    if given["watch"]:
        reloader = watching.reloader(server, options, config, stamps, all_hosts=hosts is True, report=_report)
    return asyncio.run(serve_alone(server, config, reloader, as_env=given["as_env"], as_json=as_json, client=client))


def _check_use(given: Mapping[str, Any]) -> bool | tuple[str, ...]:
    """
    Check that the options *given* can act together, and return the hosts to intercept; False: none.

    Raises:
        MockError: two of them exclude each other, or one has no effect.
    """
    as_env, as_json = given["as_env"], given["as_json"]
    check_client(given["client"], env=as_env, json=as_json, workers=given["workers"] > 1)
    hosts = intercepted_hosts(given["intercept"])
    check_proxy_options(
        intercept=hosts is not False, tls_fault=given["tls_fault"], proxy_port=given["proxy_port"], env=as_env
    )
    if as_env and as_json:
        raise InterceptError("--env and --json both print to stdout; --json alone has the variables as well")
    return hosts


def _report_idle(templates: Sequence[Path], sites: SiteRegistry) -> None:
    """Report *templates* that the root site has no use for, because its pages are recorded ones."""
    if templates and sites.root.site.recorded_paths:
        _report("warning: --templates has no effect on /, whose pages are recorded ones; only on sites that are added")


def _check_workers(config: ServerConfig, *, intercept: bool, watch: bool) -> None:
    """Refuse what cannot be had with several processes."""
    if intercept:
        raise InterceptError("--intercept needs one process; leave out --workers")
    if watch:
        raise ServingError("--watch reloads one process; leave out --workers, or start `serve` again after a change")
    if not config.replay.repeat:
        raise ServingError("--no-repeat counts what was played in one process, so it cannot be combined with --workers")


def _report(line: str) -> None:
    click.echo(escape(line), err=True)


async def serve_alone(
    server: MockServer,
    config: ServerConfig,
    reloader: Reloader | None,
    *,
    as_env: bool,
    as_json: bool,
    client: Sequence[str],
) -> int:
    """
    Serve in this process until *client* has ended or a signal comes, and return the exit code.

    *reloader*: watches the files of *config*; None without ``--watch``.  *as_env*, *as_json*: what is printed first:
    ``export`` lines, one object of JSON, or, with neither, an announcement.  *client*: a command and its arguments, or
    nothing.
    """
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[int] = loop.create_future()
    # Both are handled here: a shell script starts what it puts into the background with SIGINT ignored.
    loop.add_signal_handler(signal.SIGTERM, _stop, stopped, 0)
    loop.add_signal_handler(signal.SIGINT, _stop, stopped, INTERRUPTED)
    await server.start()
    watching = None if reloader is None else asyncio.create_task(reloader.run())
    interception = None if server.intercepted is None else server.intercepted.interception
    announcement = Announcement(url=server.url, config=config, hidden=server.sites.hidden, interception=interception)
    try:
        if client or as_env:  # stdout is for the client's output or the `export` lines
            for line in announcement.warnings:
                _report(line)
        if client:
            return await _serve_client(server, client, stopped)
        if as_env:
            click.echo("\n".join(export_lines(server.environment)))
        else:
            announcement.print(as_json=as_json)
        return await stopped
    finally:
        if watching is not None:
            watching.cancel()
        await server.stop()
        if client:
            _report_unmatched(server)
        for line in server.warnings:
            _warn(line, config)


async def _serve_client(server: MockServer, client: Sequence[str], stopped: asyncio.Future[int]) -> int:
    if server.intercepted is None:
        return await run_client(client, stopped, url=server.url)
    origin = server.intercepted.interception.origin
    return await run_client(client, stopped, url=origin, variables=server.environment)


def _report_unmatched(server: MockServer) -> None:
    """Report the requests that no recording fits: the client may not show the response, and there is no console now."""
    reports = list(dict.fromkeys(exchange.why[0] for exchange in server.journal if exchange.unmatched))
    for report in reports[:_REPORTS_SHOWN]:
        _report(f"warning: {report}")
    if (more := len(reports) - _REPORTS_SHOWN) > 0:
        _report(f"warning: no recorded answer for {more} other request{'s' * (more > 1)}")


def _warn(line: str, config: ServerConfig) -> None:
    if line not in (*config.notes, config.notice):  # those were shown at the start
        _report(f"warning: {line}")


def _stop(stopped: asyncio.Future[int], code: int) -> None:
    if not stopped.done():
        stopped.set_result(code)


def serve_with_workers(config: ServerConfig, host: str, port: int, workers: int, *, as_json: bool) -> None:
    """Serve *config* on *port* of *host* in as many processes as *workers* until a signal comes."""
    from chatgptfree_mock.server.workers import serve

    hidden = make_app(config)[SITES].hidden  # what is wrong with the settings shows before a port is taken
    listening = listen(host, port)
    warn_if_exposed(listening)
    Announcement(url=address_of(host, listening.getsockname()[1]), config=config, hidden=hidden).print(as_json=as_json)
    if not as_json:
        click.echo(
            f"{workers} processes: no scenarios and no live answers; limits in front of the site and "
            "repeated recordings are counted by each process for itself."
        )
    serve(known_as(host, config), listening, workers, warn=lambda line: _warn(line, config))
