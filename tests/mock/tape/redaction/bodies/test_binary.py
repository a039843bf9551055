"""Binary bodies are left alone, and texts are searched, whatever their header claims."""

from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import redact
from chatgptfree_mock.tape.redaction.bodies.text_kinds import is_binary

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR password=hunter2secret jane.doe@example.com \xff\xd8\xfe"


@for_each(
    ("body", "content_type", "binary"),
    [
        (PNG, "", True),
        (PNG, "text/html", True),
        (b"plain", "image/png", True),
        (b"<svg/>", "image/svg+xml", False),
        (b"plain", "application/octet-stream", True),
        (b"\1\2\3\4" * 9, "text/plain", True),
        ("äöüß".encode("latin-1") * 30, "", True),
        ("äöüß".encode("latin-1") * 30, "text/html", False),
        ("Grüße aus 北京 👋".encode(), "", False),
        (b"", "", False),
        (b'{"a": 1}', "application/json", False),
    ],
)
def test_binary_is_distinguished_from_text(body: bytes, content_type: str, binary: bool) -> None:
    assert is_binary(body.decode("latin-1"), content_type) is binary


def test_a_binary_body_stays_byte_for_byte() -> None:
    response = Response(headers=(("Content-Type", "image/png"),), body=PNG)
    interaction = Interaction(request=Request(method="GET", uri="https://a.example/i.png"), response=response)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)
