"""Secrets in settings, CI files, logs, commands, comments and calls go; texts of the same kinds stay."""

from tests.mock.tape.redaction import comments_and_calls as calls
from tests.mock.tape.redaction import config_files_and_logs as files
from tests.mock.tape.redaction.secrets import EVENTS
from tests.support.many_cases import for_each
from tests.support.redaction import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import redact

SECRETS = [
    *((kind, text, each.V) for each in (files, calls) for kind, text in each.TOKENS),
    *((kind, text, each.P) for each in (files, calls) for kind, text in each.PASSWORDS),
]


@for_each(("kind", "text", "secret"), SECRETS)
def test_a_secret_goes(kind: str, text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redacted(kind, text)


@for_each(("text", "value"), [*files.STREAMS, *calls.STREAMS])
def test_a_value_goes_by_its_label_in_an_earlier_event(text: str, value: str) -> None:
    assert value in text
    assert value not in redacted(EVENTS, text)


@for_each(("kind", "text"), dict.fromkeys([*files.HARMLESS, *calls.HARMLESS]))
def test_a_harmless_text_stays(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)
