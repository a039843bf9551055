"""What a plain HTTP client gets of a recording: from vcrpy in process, and from the mock over a socket."""

from __future__ import annotations

import http.client  # as a module: vcrpy replaces the connection in it
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import vcr  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.serving import MockSite

ALL_CODINGS: Final = "gzip, deflate, br, zstd"
_OF_THE_WIRE: Final = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive"})
"""Headers that the mock makes fit what it sends; vcrpy plays them as they are in the file."""


class Question(NamedTuple):
    """What a client asks; *uri* is the recorded address."""

    method: str
    uri: str
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Played(NamedTuple):
    """What a client gets; *headers* are sorted, in lower case, without those of the wire."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def in_process(file: Path, questions: Iterable[Question], player: vcr.VCR | None = None) -> list[Played]:
    """Return what vcrpy plays of *file*, through *player* or one that reads it by its suffix."""
    serializer = "json" if file.suffix == ".json" else "yaml"
    with (player or vcr.VCR(record_mode="none", serializer=serializer)).use_cassette(str(file)):
        return [_ask(http.client.HTTPConnection(urlsplit(each.uri).netloc), each, ALL_CODINGS) for each in questions]


def over_a_socket(file: Path, questions: Iterable[Question], *, accepted: str = ALL_CODINGS) -> list[Played]:
    """Return what the mock sends of *file* over one connection to a client that takes the codings *accepted*."""
    with MockSite(cassette=file, delivery="pace=instant") as site:
        connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=300)
        try:
            return [_ask(connection, each, accepted) for each in questions]
        finally:
            connection.close()


def _ask(connection: http.client.HTTPConnection, question: Question, accepted: str) -> Played:
    parts = urlsplit(question.uri)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection.putrequest(question.method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in (("Host", parts.netloc), ("Accept-Encoding", accepted), *question.headers):
        connection.putheader(name, value)
    if question.body is not None:
        connection.putheader("Content-Length", str(len(question.body)))
    connection.endheaders(question.body)
    response = connection.getresponse()
    body = response.read()
    kept = ((name.lower(), value) for name, value in response.getheaders() if name.lower() not in _OF_THE_WIRE)
    return Played(response.status, response.reason, tuple(sorted(kept)), body)
