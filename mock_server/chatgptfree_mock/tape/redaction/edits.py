"""Replace parts of an exchange, and adjust its lengths and chunk borders."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from chatgptfree_mock.tape.chunk_borders import moved
from chatgptfree_mock.tape.encoded_body import as_stored
from chatgptfree_mock.tape.model import Headers, Interaction, Response
from chatgptfree_mock.tape.redaction.text.findings import unescaped
from chatgptfree_mock.tape.redaction.text.views import one_a_byte


class Edit(msgspec.Struct, frozen=True):
    """A replacement: start, end, new text, rule."""

    start: int
    end: int
    text: str
    rule: str


def rewritten(interaction: Interaction, edits: Mapping[str, list[Edit]]) -> Interaction:
    """Return the exchange with *edits*, by the names of its parts; lengths, chunks and the encoded copy fit again."""
    request, response = interaction.request, interaction.response
    request_body = (
        edited(request.body.decode("latin-1"), edits["request.body"]).encode("latin-1")
        if request.body
        else request.body
    )
    body = edited(response.body.decode("latin-1"), edits["response.body"]).encode("latin-1")
    return Interaction(
        request=replace(
            request,
            uri=edited(request.uri, edits["request.uri"]),
            headers=_resized(_headers("request", request.headers, edits), request.body, request_body),
            body=request_body,
        ),
        response=_with_body(
            replace(
                response,
                reason=edited(response.reason, edits["response.status.message"]),
                headers=_resized(_headers("response", response.headers, edits), response.body, body),
            ),
            body,
            edits["response.body"],
        ),
    )


def _with_body(response: Response, body: bytes, edits: list[Edit]) -> Response:
    if not edits:
        return response
    # The encoded copy still holds what was redacted in the text: it is encoded again, or dropped.
    clean = replace(
        response,
        body=body,
        chunks=moved(response.chunks, [(edit.start, edit.end, len(edit.text)) for edit in edits]),
        raw=None,
        raw_chunks=(),
    )
    if response.raw is None or not response.codings:
        return clean
    raw, raw_chunks = as_stored(clean)
    headers = _resized(clean.headers, response.raw, raw)
    return replace(clean, raw=raw, raw_chunks=raw_chunks, headers=headers)


def _headers(side: str, headers: Headers, edits: Mapping[str, list[Edit]]) -> Headers:
    return tuple(
        (name, edited(value, edits[f"{side}.headers.{name}\0{number}"])) for number, (name, value) in enumerate(headers)
    )


def edited(source: str, edits: list[Edit]) -> str:
    """Return *source* with *edits*, which are in order; their offsets are byte offsets."""
    if not edits:
        return source
    text, pieces, position = one_a_byte(source), [], 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    result = "".join([*pieces, text[position:]])
    return result if text == source else unescaped(result)


def _resized(headers: Headers, before: bytes | None, after: bytes | None) -> Headers:
    if before is None or after is None or len(before) == len(after):
        return headers
    old, new = str(len(before)), str(len(after))
    return tuple(
        (name, new if name.lower() == "content-length" and value.strip() == old else value) for name, value in headers
    )
