"""``chatgptfree-mock serve``: run the imitated site until Ctrl-C."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import click
from msgspec.structs import replace

from chatgptfree_mock import console
from chatgptfree_mock.access import Access
from chatgptfree_mock.app import Deps, make_app
from chatgptfree_mock.errors import ServingError
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.scenario.library import shipped
from chatgptfree_mock.serving import MockServer, address_of, cassettes_of, known_as, listen, warn_if_exposed
from chatgptfree_mock.settings_file import load_settings
from chatgptfree_mock.taped import plugin_of
from chatgptfree_mock.wordpress.releases import find
from chatgptfree_mock.wordpress.settings import SiteSettings

_FILE = click.Path(path_type=Path)


@click.command
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 is any free one.")
@click.option("--plugin", metavar="RELEASE", help="The plugin's release, such as 2.4.71.")
@click.option("--site", "site_file", type=_FILE, metavar="FILE.yaml", help="The settings of the site.")
@click.option("--cassettes", type=_FILE, metavar="DIR", help="Answer from the recordings in this folder, or file.")
@click.option("--scenarios", type=_FILE, metavar="DIR", multiple=True, help="Scenarios of your own, for /s/.")
@click.option("--chunks", metavar="WORD", help="How answers are cut: as-recorded, whole, events, lines, bytes, utf8 …")
@click.option("--pace", metavar="WORD", help="recorded, instant, x4, every:20ms.")
@click.option("--fault", "faults", metavar="WORD", multiple=True, help="What goes wrong: reset@50%, stall@chunk:3 …")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides what is random in faults.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes (needs gunicorn).")
@click.option(
    "--api-token",
    metavar="TOKEN",
    envvar="CHATGPTFREE_MOCK_API_TOKEN",
    show_envvar=True,
    help="What the control API and the console want to be shown; by default a new one.",
)
@click.option("--api-host", "api_hosts", metavar="NAME", multiple=True, help="One more name that leads to the API.")
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as one JSON object.")
def command(
    host: str,
    port: int,
    plugin: str | None,
    site_file: Path | None,
    cassettes: Path | None,
    scenarios: tuple[Path, ...],
    chunks: str | None,
    pace: str | None,
    faults: tuple[str, ...],
    seed: int,
    workers: int,
    api_token: str | None,
    api_hosts: tuple[str, ...],
    as_json: bool,
) -> None:
    """
    Imitate the site.

    / is the site, /v/RELEASE/ the same on another release of its plugin, /__mock__/ the console.
    """
    taped = cassettes_of(cassettes)
    deps = Deps(
        settings=_settings(site_file, plugin or plugin_of(taped)),
        delivery=Delivery.parse(chunks, pace, faults, seed),
        cassettes=taped,
        scenarios=scenarios,
        api_token=Access.make(api_token).token,  # made here, as all workers have the same
        api_hosts=api_hosts,
    )
    if scenarios:
        shipped(scenarios)
    make_app(deps)  # what is wrong with the settings shows before a port is taken
    if workers > 1:
        _serve_with_workers(deps, host, port, workers, as_json=as_json)
    else:
        asyncio.run(_serve(deps, host, port, as_json=as_json))


def _settings(site_file: Path | None, plugin: str | None) -> SiteSettings:
    settings = SiteSettings() if site_file is None else load_settings(site_file)
    if plugin is None:
        return settings
    find(plugin)
    return replace(settings, plugin=plugin)


async def _serve(deps: Deps, host: str, port: int, *, as_json: bool) -> None:
    asked_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    async with MockServer(deps, host=host, port=port) as server:
        _announce(server.url, deps, as_json=as_json)
        await asked_to_stop.wait()


def _serve_with_workers(deps: Deps, host: str, port: int, workers: int, *, as_json: bool) -> None:
    try:
        from chatgptfree_mock.workers import serve
    except ModuleNotFoundError as exc:
        if exc.name != "gunicorn":
            raise
        raise ServingError("several workers need gunicorn: pip install 'chatgptfree[mock,workers]'") from exc
    listening = listen(host, port)
    warn_if_exposed(listening)
    _announce(address_of(host, listening.getsockname()[1]), deps, as_json=as_json)
    serve(known_as(host, deps), listening, workers)


def _announce(url: str, deps: Deps, *, as_json: bool) -> None:
    plugin, token = deps.settings.plugin, deps.api_token or ""
    page = console.address(url, token)
    if as_json:
        click.echo(json.dumps({"url": url, "plugin": plugin, "console": page, "api_token": token}))
        return
    click.echo(f"The site on plugin {plugin}: {url}/")
    click.echo(f"Console and journal:     {page}")
    click.echo(f"Token of the API:        {token}")
    click.echo("Ctrl-C stops it.")
