"""A cassette file whose exchanges are in a journal as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chatgptfree_mock.clock import SystemClock
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.journal import Exchange, Journal
from chatgptfree_mock.recorder.cassette_file import CassetteFile
from chatgptfree_mock.tape.matching import Mismatch
from chatgptfree_mock.tape.model import Interaction, Request


class JournalledFile(CassetteFile):
    """A cassette file that also writes its exchanges, before redaction, to a journal."""

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(path, **options)
        self.journal = Journal()
        self._noted: dict[int, Exchange] = {}
        self._time = SystemClock().time

    def find(self, request: Request) -> Interaction | Mismatch:
        """Return the recorded exchange for *request*, which is in the journal then, or why there is none."""
        found = super().find(request)
        if isinstance(found, Interaction):
            self._note(self._begin(request), found)
        return found

    def put(self, number: int, interaction: Interaction) -> None:
        """Take an exchange with the site, or what is new about the one of that *number*."""
        super().put(number, interaction)
        if number not in self._noted:
            self._noted[number] = self._begin(interaction.request)
        self._note(self._noted[number], interaction)

    def _begin(self, request: Request) -> Exchange:
        parts = urlsplit(request.uri)
        site_request = SiteRequest(
            method=request.method,
            path=parts.path or "/",
            query=parts.query,
            headers=request.headers,
            body=request.body or b"",
            base_url=f"{parts.scheme}://{parts.netloc}",
            remote="127.0.0.1",
        )
        return self.journal.begin(site_request, site="recording", at=self._time())

    def _note(self, exchange: Exchange, interaction: Interaction) -> None:
        response = interaction.response
        self.journal.decide(exchange, response, ())
        self.journal.wrote(exchange, response.chunks, response.body)
        self.journal.finish(exchange, response.end)
