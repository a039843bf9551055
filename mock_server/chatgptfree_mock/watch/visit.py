"""
Visit a live site once, with consideration for its owner: robots.txt, the page, one question, recorded by the proxy.

The reference client asks the question; it is imported only then.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.errors import MockError
from chatgptfree_mock.recorder.captured_response import CapturedResponse
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.recorder.cassette_writer import CassetteWriter
from chatgptfree_mock.recorder.mode import Mode
from chatgptfree_mock.recorder.proxy import Recorder
from chatgptfree_mock.recorder.upstream import UpstreamConnection
from chatgptfree_mock.tape.origin import Origin, path_in
from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.watch.robots import first_forbidden

AGENT: Final = "chatgptfree-mock-watch"
"""The name under which robots.txt is obeyed, and the first word of the User-Agent."""
_ROBOTS_BYTES: Final = 500 * 1024
"""Bytes of a robots.txt that have to be read (RFC 9309 section 2.5)."""
_ROBOTS_SECONDS: Final = 20.0


class VisitError(MockError):
    """The site was not asked, or did not answer; the message has the reason."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """
    The parameters of a visit.

    *url*: the page with the chat.  *message*: the one question.  *tape*: the file for the exchanges, which must not
    exist yet.  *rules*: of redaction, None for no redaction.  *user_agent*: sent with each request.  *timeout*: seconds
    that the question may take.  *insecure*: the site's certificate is not checked.  *asks*: the known paths of the
    question's requests, which robots.txt has to allow as well.
    """

    url: str
    message: str
    tape: Path
    rules: Rules | None
    user_agent: str
    timeout: float = 120.0
    insecure: bool = False
    asks: tuple[str, ...] = ()


class _Silent:
    """A view of the recorder that stores problems and prints nothing."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def began(self, number: int, method: str, target: str) -> None:
        pass

    def receiving(self, number: int, captured: CapturedResponse) -> None:
        pass

    def ended(self, number: int, what: str) -> None:
        pass

    def problem(self, text: str) -> None:
        self.problems.append(text)


async def ask_once(visit: Visit) -> str:
    """
    Ask the site once, record it, and return how the reference client failed; empty if it got a whole answer.

    Raises:
        VisitError: robots.txt forbids it, the site can't be reached, or nothing was recorded.
        CassetteError: the tape can't be written.
        NoSiteError: the URL is not the address of a site.
        SettingsError: it is *insecure*, and the site has no certificate.
    """
    site = Origin.parse(visit.url)
    path = path_in(visit.url)
    upstream = UpstreamConnection(site=site, secure=not visit.insecure)
    await _obey_robots(site, path, visit)
    view = _Silent()
    clock = SystemClock()
    # One question at a time needs no process that redacts beside it, whose start takes a quarter of a second.
    file = CassetteFile(
        visit.tape, mode=Mode.ALL, site=str(site), rules=visit.rules, clock=clock, writing=CassetteWriter
    )
    try:
        async with Recorder(upstream, file, view=view, clock=clock) as recorder:
            failure = await _ask(recorder.url + path, visit)
        file.save_now()
    finally:
        file.close()
    if not file.count:
        raise VisitError(next(iter(view.problems), f"{visit.url}: nothing was recorded: {failure}"))
    return failure


async def _ask(url: str, visit: Visit) -> str:
    from chatgptfree import ChatClient, ChatError, Timeout

    client = ChatClient(url, headers={"User-Agent": visit.user_agent}, timeout=Timeout(total=visit.timeout))
    try:
        async with client as chat:
            await chat.ask(visit.message)
    except ChatError as exc:
        return f"{exc.kind}: {exc}"
    return ""


async def _obey_robots(site: Origin, path: str, visit: Visit) -> None:
    """
    Raise `VisitError` if the site's robots.txt forbids this program the page, or a path of the question.

    By RFC 9309 section 2.3.1: a missing file (4xx) allows everything, an unreachable one (5xx, no connection) forbids
    everything.
    """
    url = f"{site}/robots.txt"
    timeout = aiohttp.ClientTimeout(total=_ROBOTS_SECONDS)
    secure: bool = not visit.insecure
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": visit.user_agent}) as session,
            session.get(url, ssl=secure) as response,
        ):
            status, text = response.status, await _first_bytes(response.content)
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise VisitError(f"{url} can't be read ({str(exc) or type(exc).__name__}), so nothing was asked") from exc
    if status >= 500:
        raise VisitError(f"{url} answers {status}, which forbids a visit (RFC 9309), so nothing was asked")
    if status >= 400:
        return
    forbidden = first_forbidden(text, (path, *visit.asks), site=str(site), agent=AGENT)
    if forbidden is not None:
        raise VisitError(f"{url} forbids {forbidden} to `{AGENT}`, so nothing was asked")


async def _first_bytes(content: aiohttp.StreamReader) -> str:
    parts: list[bytes] = []
    async for part in content.iter_any():
        parts.append(part)
        if sum(map(len, parts)) >= _ROBOTS_BYTES:
            break
    return b"".join(parts)[:_ROBOTS_BYTES].decode("utf-8", "replace")


def ask_now(visit: Visit) -> str:
    """Run `ask_once` on a new event loop; the same result and errors."""
    return asyncio.run(ask_once(visit))
