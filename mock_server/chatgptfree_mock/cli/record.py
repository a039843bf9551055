"""The command `record`: a recording proxy in front of one site."""

from __future__ import annotations

import asyncio
import signal
import tomllib
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.deck import Deck, Mode
from chatgptfree_mock.recorder.origin import Origin
from chatgptfree_mock.recorder.proxy import Recorder
from chatgptfree_mock.recorder.upstream import Upstream
from chatgptfree_mock.recorder.view import ConsoleView
from chatgptfree_mock.tape.redaction import Rules


@click.command(short_help="Record a site through a proxy that does not disturb its streams.")
@click.argument("url")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The cassette; by default HOST.yaml here.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the proxy listens.")
@click.option("--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--record-mode",
    "--mode",
    "mode",
    type=click.Choice([mode.value for mode in Mode]),
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
def command(
    url: str, out: Path | None, host: str, port: int, mode: str, keep: Sequence[str], insecure: bool, stall_after: float
) -> None:
    """
    Record what goes over the wire between a client and the site at URL.

    Use the site through the address that is printed, in a browser or with any client: everything goes through as it
    comes, and each exchange is in the file when it has ended, without cookies, nonces and other secrets.  Ctrl-C ends
    the recording.
    """
    site = Origin.parse(url)
    console = Console(stderr=True)
    clock = SystemClock()
    path = out or Path(f"{site.host}.yaml")
    deck = Deck(path, mode=Mode(mode), site=str(site), rules=_rules(keep), clock=clock)
    upstream = Upstream(site=site, secure=not insecure)
    try:
        with ConsoleView(console) as view:
            recorder = Recorder(upstream, deck, view=view, clock=clock, host=host, port=port, stall_after=stall_after)
            asyncio.run(_record(recorder, upstream, deck, console, url))
    finally:
        try:
            deck.save_now()
        finally:
            deck.close()
    if deck.count:
        redacted = "; ".join(deck.redacted) or "nothing had to be redacted"
        console.print(f"{path}: {deck.count} exchanges recorded ({redacted})", soft_wrap=True, highlight=False)


async def _record(recorder: Recorder, upstream: Upstream, deck: Deck, console: Console, url: str) -> None:
    """Run until Ctrl-C."""
    if deck.records:
        _, writer = await upstream.connect()
        writer.transport.abort()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with recorder:
        page = recorder.url + "/" + "/".join(url.rsplit("://", maxsplit=1)[-1].split("/")[1:])
        what = f"records {upstream.site} to {deck.path}" if deck.records else f"replays {deck.path} and records nothing"
        console.print(f"{page} {what}; Ctrl-C ends it", soft_wrap=True, highlight=False)
        await stop.wait()


def _rules(keep: Sequence[str]) -> Rules:
    """Take the project's own redaction rules from the nearest pyproject.toml."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("chatgptfree_mock", {})
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
                raise CassetteError(f"is not TOML: {exc}", file=str(file)) from exc
            return Rules.make(table.get("redact"), keep=keep, file=str(file))
    return Rules.make(keep=keep)
