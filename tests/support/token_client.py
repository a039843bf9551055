"""A client that repeats a recorded session and brings back what it was given, or what was recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlsplit

from tests.support.raw_client import RawAnswer, RawClient

from chatgptfree_mock.tape.decoding.decodings import views
from chatgptfree_mock.tape.model import Cassette, Interaction, Request

_BORDER = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-F]{{2}})){}(?![A-Za-z0-9])"
_SPELLINGS: tuple[Callable[[str], str], ...] = (str, quote_plus, quote)


@dataclass(kw_only=True)
class RepeatingClient:
    """Repeats the requests of *cassette* against the site at *url*; *values* are what it looks for in the answers."""

    cassette: Cassette
    url: str
    values: Iterable[str] = ()
    held: dict[str, str] = field(default_factory=dict)
    """What it was given, by what was recorded."""

    async def run(self) -> list[RawAnswer]:
        return [await self.step(number) for number in range(len(self.cassette.interactions))]

    async def step(self, number: int) -> RawAnswer:
        """Repeat one request."""
        interaction = self.cassette.interactions[number]
        async with RawClient(self.url) as client:
            answer = await client.ask(self._raw(interaction.request))
        self._read(interaction, answer)
        return answer

    def _raw(self, request: Request) -> bytes:
        parts = urlsplit(request.uri)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        body = self._with_held((request.body or b"").decode("latin-1"))
        lines = [f"{request.method} {self._with_held(target)} HTTP/1.1", f"Host: {self._host(parts.netloc)}"]
        lines += [f"{name}: {self._with_held(value)}" for name, value in request.headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")

    def _host(self, recorded: str) -> str:
        """Return the recorded host where there are several, and else that of the mock."""
        hosts = {urlsplit(each.request.uri).netloc for each in self.cassette.interactions}
        return recorded if len(hosts) > 1 else urlsplit(self.url).netloc

    def _with_held(self, text: str) -> str:
        for old, new in sorted(self.held.items(), key=lambda pair: -len(pair[0])):
            for was, now in {spell(old): spell(new) for spell in _SPELLINGS}.items():
                text = re.sub(_BORDER.format(re.escape(was)), now.replace("\\", r"\\"), text)
        return text

    def _read(self, interaction: Interaction, answer: RawAnswer) -> None:
        recorded, came = interaction.response, answer
        self._compare(recorded.body.decode("utf-8", "replace"), came.body.decode("utf-8", "replace"))
        names = {name.lower() for name, _ in recorded.headers}
        for name in names - {"content-length", "date"}:
            then = [value for key, value in recorded.headers if key.lower() == name]
            now = [value for key, value in came.headers if key.lower() == name]
            for old, new in zip(then, now, strict=False):
                self._compare(_address(old), _address(new))

    def _compare(self, recorded: str, came: str) -> None:
        """Read at the place of each recorded value what came there, in the same way of reading."""
        now = dict(views(came))
        for chain, text in views(recorded):
            for value in self.values:
                found = re.search(_BORDER.format(re.escape(value)), text)
                at = found.start() if found else -1
                if at >= 0 and value not in self.held and len(now.get(chain, "")) == len(text):
                    self.held[value] = now[chain][at : at + len(value)]


def _address(value: str) -> str:
    """Return a header's value without the host of an address, which is another on replay."""
    return re.sub(r"https?://[^/?]+", "", value)
