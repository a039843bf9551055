"""A value that one exchange proves secret goes from texts in which only some of its letters are escaped."""

from __future__ import annotations

import json

import pytest

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import Redactor

SECRET = "aB3dE5gH7jK9mN1p"
PROOF = json.dumps({"token": SECRET})


def redacted(*bodies: tuple[str, str]) -> list[str]:
    redactor = Redactor()
    request = Request(method="GET", uri="https://a.example/")
    exchanges = [
        Interaction(request=request, response=Response(headers=(("Content-Type", kind),), body=body.encode()))
        for kind, body in bodies
    ]
    return [each.response.body.decode() for each in redactor.redact_all(exchanges)]


@pytest.mark.parametrize(
    "spelled", ["a&#66;3dE5gH7jK9mN1p", "a%423dE5gH7jK9mN1p", "a\\u00423dE5gH7jK9mN1p", "a\\x423dE5gH7jK9mN1p"]
)
@pytest.mark.parametrize("around", ["see {}, please", "{}", "<b>{}</b>", "\n{}\n"])
def test_escaped_letters_hide_nothing(spelled: str, around: str) -> None:
    _, after = redacted(("application/json", PROOF), ("text/plain", around.format(spelled)))
    before, _, behind = around.partition("{}")
    assert after.startswith(before)
    assert after.endswith(behind)
    assert "3dE5gH7jK9mN1p" not in after
