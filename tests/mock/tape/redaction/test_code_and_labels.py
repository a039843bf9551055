"""Secrets in code, settings, logs and beside labels go; code, logs, tables and numbers that hold none stay."""

from tests.mock.tape.redaction.code_and_labels import HARMLESS, OTHER_SECRETS, SECRETS, VALUE
from tests.support.many_cases import for_each
from tests.support.redaction import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import redact


@for_each(("kind", "text"), SECRETS)
def test_a_value_goes(kind: str, text: str) -> None:
    assert VALUE in text
    assert VALUE not in redacted(kind, text)


@for_each(("kind", "text", "secrets"), OTHER_SECRETS)
def test_all_secrets_go(kind: str, text: str, secrets: list[str]) -> None:
    clean = redacted(kind, text)
    assert [each for each in secrets if each in clean] == []


@for_each(("kind", "text"), HARMLESS)
def test_a_harmless_text_stays(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)
