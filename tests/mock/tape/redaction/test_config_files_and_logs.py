"""Secrets in settings, CI files, connection strings, logs and curl commands go; texts of the same kinds stay."""

import pytest
from tests.mock.tape.redaction.config_files_and_logs import HARMLESS, PASSWORDS, STREAMS, TOKENS, P, V
from tests.mock.tape.redaction.secrets import EVENTS
from tests.mock.tape.redaction.test_corpora import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import redact


@pytest.mark.parametrize(("kind", "text"), TOKENS)
def test_a_token_goes(kind: str, text: str) -> None:
    assert V in text
    assert V not in redacted(kind, text)


@pytest.mark.parametrize(("kind", "text"), PASSWORDS)
def test_a_password_goes(kind: str, text: str) -> None:
    assert P in text
    assert P not in redacted(kind, text)


@pytest.mark.parametrize(("text", "value"), STREAMS)
def test_a_value_goes_by_its_label_in_an_earlier_event(text: str, value: str) -> None:
    assert value in text
    assert value not in redacted(EVENTS, text)


@pytest.mark.parametrize(("kind", "text"), HARMLESS)
def test_a_harmless_text_stays(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)
