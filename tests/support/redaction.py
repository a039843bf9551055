"""A text in an exchange, and what redaction leaves of it."""

from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_all, redact


def carried(kind: str, text: str) -> Interaction:
    body, headers = text.encode(), (("Content-Type", kind),)
    asked = body if "form" in kind else None
    return Interaction(
        request=Request(method="POST", uri="https://site.example/", headers=headers, body=asked),
        response=Response(headers=headers, body=body),
    )


def redacted(kind: str, text: str) -> str:
    """Return the text as it is recorded; check that lint finds nothing in it."""
    clean = redact(Cassette(interactions=(carried(kind, text),))).interactions
    assert [found.secret for each in find_all(clean) for found in each] == []
    assert redact(Cassette(interactions=clean)).interactions == clean
    if clean[0].request.body is not None:
        assert clean[0].request.body == clean[0].response.body
    return clean[0].response.body.decode()
