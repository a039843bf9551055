"""The texts of an exchange, such as its address, each header and its bodies, and the secrets that are in each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from chatgptfree_mock.tape.model import Headers, Interaction, header_of
from chatgptfree_mock.tape.redaction.bodies.scanner import Scanner
from chatgptfree_mock.tape.redaction.bodies.text_kinds import TextKind, kind_of_text
from chatgptfree_mock.tape.redaction.text.findings import Secret
from chatgptfree_mock.tape.redaction.text.views import one_a_byte
from chatgptfree_mock.tape.request_key import decompressed


class PartText(NamedTuple):
    """One text of an exchange, and what was found in it."""

    name: str
    text: str
    kind: TextKind
    secrets: list[Secret]

    @property
    def place(self) -> str:
        """The name without the number that separates headers of one name."""
        return self.name.partition("\0")[0]


def with_decoded_request(interaction: Interaction) -> Interaction:
    """Return the exchange with the body of its request decoded and its headers true; unchanged if it is not coded."""
    request = interaction.request
    if not header_of(request.headers, "content-encoding"):
        return interaction
    body = decompressed(request).body
    if body is None or body is request.body:
        return interaction
    length = str(len(body))
    headers = tuple(
        (name, length if name.lower() == "content-length" else value)
        for name, value in request.headers
        if name.lower() != "content-encoding"
    )
    return replace(interaction, request=replace(request, headers=headers, body=body))


def parts_of(interaction: Interaction, scanner: Scanner | None) -> list[PartText]:
    """Return the texts of an exchange with their secrets; without a *scanner* the texts only."""
    request, response = interaction.request, interaction.response
    uri, reason = one_a_byte(request.uri), one_a_byte(response.reason)
    parts = [PartText("request.uri", uri, TextKind.TEXT, scanner.url(uri) if scanner else [])]
    parts += _header_parts("request", request.headers, scanner)
    parts.append(_body_part("request.body", request.body or b"", request.headers, scanner))
    parts.append(
        PartText(
            "response.status.message",
            reason,
            TextKind.TEXT,
            scanner.text(reason) if scanner else [],
        )
    )
    parts += _header_parts("response", response.headers, scanner)
    parts.append(_body_part("response.body", response.body, response.headers, scanner))
    return parts


def _header_parts(side: str, headers: Headers, scanner: Scanner | None) -> Iterator[PartText]:
    for number, (name, value) in enumerate(headers):
        text = one_a_byte(value)
        secrets = scanner.header(name, text) if scanner else []
        yield PartText(f"{side}.headers.{name}\0{number}", text, TextKind.TEXT, secrets)


def _body_part(name: str, body: bytes, headers: Headers, scanner: Scanner | None) -> PartText:
    text = body.decode("latin-1")
    content_type = next((value for key, value in headers if key.lower() == "content-type"), "")
    secrets = scanner.body(text, content_type) if scanner and text else []
    return PartText(name, text, kind_of_text(text, content_type), secrets)
