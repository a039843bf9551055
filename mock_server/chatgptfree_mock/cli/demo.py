"""
``chatgptfree-mock demo``: ask recordings with the reference client, and compare its text with the recorded one.

The expected text is read from the whole recording with a few lines of JSON, not with the client's own code.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs

import click
import msgspec
from rich.console import Console
from rich.markup import escape as as_markup
from rich.text import Text

from chatgptfree_mock.config.default_pack import DEFAULT_PACK
from chatgptfree_mock.control_characters import escape, escaped_json
from chatgptfree_mock.errors import MockWarning
from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.replay.delivery import Delivery
from chatgptfree_mock.server.mock_site import MockSite
from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.model import Cassette, header_of
from chatgptfree_mock.usage_error import StrictCommand

PLUGIN = "1.8.93"
_WIDTH = 64
_BARS = "▁▂▃▄▅▆▇█"


class DemoCase(msgspec.Struct, frozen=True, kw_only=True):
    """A behaviour of sites, and a recording of it."""

    title: str
    recording: str
    nonce: str = "fresh"
    error: str | None = None
    """The kind of error that a good client raises; None: it delivers the whole text."""
    requests: int = 2
    """How many a good client needs: the page and the question."""


CASES = (
    DemoCase(title="An answer is streamed", recording="msg_ok_s"),
    DemoCase(title="An answer comes in one chunk", recording="msg_ok_b"),
    DemoCase(
        title="The nonce of the page has expired", recording="msg_ok_s", nonce="expired-on-first-page", requests=4
    ),
    DemoCase(
        title="The model's API fails, and its error comes word by word, twice", recording="up_401_s", error="upstream"
    ),
    DemoCase(title="The answer breaks off in the middle of an event", recording="up_half_s", error="interrupted"),
    DemoCase(title="Events are cut in the middle, also inside a character", recording="up_split_s"),
)


class DemoOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the client on a recording."""

    case: DemoCase
    text: str
    error: str | None
    message: str
    exchanges: list[Exchange]
    expected: str
    warnings: tuple[str, ...] = ()
    """The words without effect on this answer."""

    @property
    def right(self) -> bool:
        """Return whether it is the expected result, with no more requests than needed."""
        return (
            self.text == self.expected and self.error == self.case.error and len(self.exchanges) <= self.case.requests
        )


@click.command(cls=StrictCommand)
@click.option(
    "--pace",
    default="x4",
    show_default=True,
    metavar="WORD",
    help="How fast to send chunks: recorded, instant, x4, every:20ms.",
)
@click.option("--chunks", metavar="WORD", help="How to cut answers: as-recorded, bytes, utf8, lines …")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(pace: str, chunks: str | None, as_json: bool) -> int:
    """
    Show six answers of a real site on the wire, and what the reference client makes of them.

    Exits with 1 if the client reads any of them wrongly.
    """
    delivery = Delivery.parse(chunks, pace)
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    outcomes: list[DemoOutcome] = []
    for number, case in enumerate(CASES, 1):
        outcomes.append(asyncio.run(_play(case, delivery)))
        if not as_json:
            show_outcome(console, number, outcomes[-1])
    right = sum(outcome.right for outcome in outcomes)
    # A word without effect on one answer has an effect on another one.
    for line in sorted(set.intersection(*({*outcome.warnings} for outcome in outcomes))):
        click.echo(f"warning: {line}", err=True)
    if as_json:
        click.echo(escaped_json([_as_data(outcome) for outcome in outcomes], indent=1))
    else:
        style = "green" if right == len(outcomes) else "red"
        console.print(f"\n[bold {style}]{right} of {len(outcomes)} right[/]")
    return 0 if right == len(outcomes) else 1


async def _play(case: DemoCase, delivery: Delivery) -> DemoOutcome:
    from chatgptfree import ChatClient, ChatError

    cassette = load(recorded_file(PLUGIN, case.recording))
    text, error, message = "", None, ""
    settings = {"plugin": PLUGIN, "nonce": case.nonce}
    with warnings.catch_warnings(action="ignore", category=MockWarning):
        async with MockSite(pack=DEFAULT_PACK, settings=settings, cassette=cassette, delivery=delivery) as site:
            async with ChatClient(site.url) as chat:
                try:
                    async for delta in chat.stream(_asked(cassette)):
                        text += delta.text
                except ChatError as exc:
                    error, message = exc.kind, str(exc)
            exchanges, idle = list(site.journal), tuple(site.warnings)
    return DemoOutcome(
        case=case,
        text=text,
        error=error,
        message=message,
        exchanges=exchanges,
        expected=_recorded_text(cassette, case),
        warnings=idle,
    )


def _asked(cassette: Cassette) -> str:
    form = parse_qs((cassette.interactions[0].request.body or b"").decode())
    return form["message"][0]


def _recorded_text(cassette: Cassette, case: DemoCase) -> str:
    """Return the recorded text, or what there was of it before it broke off."""
    if case.error == "upstream":
        return ""
    response = cassette.interactions[0].response
    if response.header("Content-Type").startswith("application/json"):
        return str(json.loads(response.body)["data"])
    return "".join(_deltas(response.body.decode()))


def _deltas(body: str) -> Iterator[str]:
    for event in body.split("\n\n")[:-1]:
        data = event.removeprefix("data: ")
        if data != "[DONE]":
            yield json.loads(data)["choices"][0]["delta"].get("content", "")


def show_outcome(console: Console, number: int, outcome: DemoOutcome) -> None:
    """Print what was sent in demo *number* and what the client made of it."""
    case = outcome.case
    console.print(f"\n[bold]{number}. {case.title}[/]  [dim]recorded/{PLUGIN}/{case.recording}.yaml[/]")
    for exchange in outcome.exchanges:
        console.print(f"   {as_markup(escape(f'{exchange.method} {exchange.path}'))} [dim]→[/] {_answer(exchange)}")
        if len(exchange.chunks) > 1:
            console.print(Text.assemble("   ", (_time_line(exchange), "cyan")))
    if outcome.text:
        console.print(Text.assemble("   delivered ", (escape(repr(outcome.text)), "white")))
    if outcome.error:
        console.print(f"   raised [yellow]{outcome.error}[/]: {as_markup(escape(outcome.message))}")
    verdict = "[green]✓ right[/]" if outcome.right else "[red]✗ wrong[/]"
    console.print(f"   {verdict}")
    if not outcome.right:
        console.print(f"   [red]expected {as_markup(escape(repr(outcome.expected)))}, {case.error or 'no error'}[/]")


def _answer(exchange: Exchange) -> str:
    kind = header_of(exchange.response_headers, "content-type")
    count = len(exchange.chunks)
    chunks = "1 chunk" if count == 1 else f"{count} chunks in {exchange.seconds * 1000:.0f} ms"
    style = "green" if exchange.status < 400 else "red"
    return f"[{style}]{exchange.status}[/] {as_markup(escape(kind))}, {exchange.sent} bytes, {chunks}, {exchange.end}"


def _time_line(exchange: Exchange) -> str:
    """Draw the times and sizes of the chunks."""
    largest = max(size for _, size in exchange.chunks)
    last = max(exchange.chunks[-1][0], 1.0)
    line = ["·"] * _WIDTH
    for ms, size in exchange.chunks:
        place = int(ms / last * (_WIDTH - 1))
        line[place] = max(line[place], _BARS[(size * len(_BARS) - 1) // largest])
    return "".join(line)


def _as_data(outcome: DemoOutcome) -> dict[str, object]:
    return {
        "title": outcome.case.title,
        "recording": f"{PLUGIN}/{outcome.case.recording}",
        "right": outcome.right,
        "text": outcome.text,
        "expected": outcome.expected,
        "error": outcome.error,
        "message": outcome.message,
        "exchanges": [exchange.as_json() for exchange in outcome.exchanges],
    }
