"""Secrets in manifests, settings, commands, logs and streams go; texts of the same kinds that hold none stay."""

import json

from tests.mock.tape.redaction.tools_and_streams import HARMLESS, SECRETS
from tests.support.many_cases import for_each
from tests.support.redaction import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import redact


@for_each(("kind", "text", "secret"), SECRETS)
def test_a_secret_goes(kind: str, text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redacted(kind, text)


@for_each(("kind", "text"), HARMLESS)
def test_a_harmless_text_stays(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)


def test_a_value_that_is_whole_in_one_event_is_redacted_by_its_name_in_earlier_events() -> None:
    pieces = ("The pass", "word", ": ", "q8Zr2mNw5LxT0bKc7YpD", " is it")
    text = "".join(f"data: {json.dumps({'delta': {'content': piece}})}\n\n" for piece in pieces)
    clean = redacted("text/event-stream", text)
    assert "q8Zr2mNw5LxT0bKc7YpD" not in clean
    assert [json.loads(line[6:])["delta"]["content"] for line in clean.split("\n\n") if line][:3] == [*pieces[:3]]
