"""
Export exchanges of the journal as a file: a cassette, or a HAR; redacted by the recorder's rules.

Data that the journal did not keep is not invented: an answer of which only the beginning is kept ends as
`client-closed`, as in the recorder, and an incomplete request is left out.  Each is a note for the user.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import accumulate
from typing import Any, Final

import msgspec

from chatgptfree_mock.control_characters import escaped_json
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.journal import OPEN, Exchange
from chatgptfree_mock.tape.encoded_body import decoded
from chatgptfree_mock.tape.har.exporting import to_har
from chatgptfree_mock.tape.model import Cassette, Chunk, End, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor, Rules
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.yaml.writing import write

TOOL: Final = "chatgptfree-mock journal"


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file for the user: *name* and media *type* as a browser saves it, and its *text*.

    *notes*: the parts that are missing or differ from the wire.  *redacted*: a line per rule, without any value.
    """

    name: str
    type: str
    text: str
    notes: list[str] = []
    redacted: list[str] = []


def cassette_of(exchanges: Sequence[Exchange], rules: Rules, *, release: str = "") -> tuple[Cassette, list[str]]:
    """
    Return *exchanges* as a redacted cassette, and notes; *release*: that of all of them, empty if unknown.

    The tokens are found before redaction hides them, as by the recorder.

    Raises:
        SettingsError: none of them can be saved.
    """
    usable = [exchange for exchange in exchanges if not _missing(exchange)]
    notes = [f"#{each.number} is left out: {reason}" for each in exchanges if (reason := _missing(each))]
    if not usable:
        raise SettingsError("; ".join(notes) or "no exchange of the journal is meant by this")
    notes += [note for exchange in usable for note in _changes(exchange)]
    redactor = Redactor(rules)
    raw = tuple(map(interaction_of, usable))
    tokens = [each.token for each in find_tokens(Cassette(interactions=raw))]
    interactions = redactor.redact_all(raw)
    recording: dict[str, Any] = {
        "upstream": usable[0].base,
        "recorded_at": datetime.fromtimestamp(usable[0].began, UTC).isoformat(timespec="seconds"),
        "tool": TOOL,
    }
    recording |= {"plugin": release} if release else {}
    recording |= {"changed": notes} if notes else {}
    cassette = Cassette(interactions=interactions, recording={**recording, "redacted": redactor.report()})
    able = acting(cassette, tokens)
    return msgspec.structs.replace(cassette, tokens=able.entries), [*notes, *able.notes]


def cassette_file(exchanges: Sequence[Exchange], rules: Rules, *, release: str = "") -> ExportedFile:
    """Return *exchanges* as a cassette; see `cassette_of`."""
    cassette, notes = cassette_of(exchanges, rules, release=release)
    return ExportedFile(
        name=f"{file_stem(exchanges)}.yaml",
        type="application/yaml",
        text=write(cassette),
        notes=notes,
        redacted=cassette.recording["redacted"],
    )


def har_file(exchanges: Sequence[Exchange], rules: Rules, *, release: str = "") -> ExportedFile:
    """Return *exchanges* as a HAR for a browser's developer tools; see `cassette_of`."""
    cassette, notes = cassette_of(exchanges, rules, release=release)
    har = to_har(cassette, version=version("chatgptfree"))
    return ExportedFile(
        name=f"{file_stem(exchanges)}.har",
        type="application/json",
        text=escaped_json(har, indent=1) + "\n",
        notes=notes,
        redacted=cassette.recording["redacted"],
    )


def interaction_of(exchange: Exchange) -> Interaction:
    """Return *exchange* as an interaction, not redacted; a coded body keeps its coding."""
    request = Request(
        method=exchange.method,
        uri=exchange.url,
        headers=exchange.headers,
        body=exchange.body if exchange.body or exchange.method not in ("GET", "HEAD") else None,
    )
    response = Response(
        status=exchange.status,
        reason=exchange.reason,
        headers=exchange.response_headers,
        body=exchange.response_body,
        chunks=tuple(_chunks(exchange)),
        end=End.CLIENT_CLOSED if is_cut(exchange) else End(exchange.end),
        ended=None if exchange.ms is None else round(exchange.ms),
    )
    return Interaction(request=request, response=decoded(response))


def is_cut(exchange: Exchange) -> bool:
    """Return whether the journal kept only the beginning of an answer."""
    return len(exchange.response_body) < exchange.sent


def file_stem(exchanges: Iterable[Exchange]) -> str:
    """Return a name for the file of *exchanges*: `journal-3`, or `journal-3-7` from the first to the last."""
    numbers = [exchange.number for exchange in exchanges]
    return "-".join(["journal", *map(str, sorted({numbers[0], numbers[-1]}))])


def _chunks(exchange: Exchange) -> Iterable[Chunk]:
    """Yield the chunks of the body that is kept; those without a time are joined, at the last known time."""
    kept = len(exchange.response_body)
    ends = accumulate(size for _, size in exchange.chunks)
    for (ms, size), end in zip(exchange.chunks, ends, strict=True):
        if end - size < kept:
            yield round(ms), min(size, kept - (end - size))
    rest = kept - sum(size for _, size in exchange.chunks)
    if exchange.chunks and rest > 0:
        yield round(exchange.chunks[-1][0]), rest


def _missing(exchange: Exchange) -> str:
    if exchange.end == OPEN:
        return "its answer is still under way"
    if len(exchange.body) < exchange.body_size:
        return f"only {len(exchange.body):,} of {exchange.body_size:,} bytes of its request are kept"
    return ""


def _changes(exchange: Exchange) -> Iterable[str]:
    kept, name = len(exchange.response_body), f"#{exchange.number}"
    if is_cut(exchange):
        yield f"{name}: only {kept:,} of {exchange.sent:,} bytes of the answer were kept; it ends as client-closed"
    if exchange.chunks_left_out and kept > sum(size for _, size in exchange.chunks):
        yield f"{name}: the last {exchange.chunks_left_out:,} chunks are one, as their times were not kept"
