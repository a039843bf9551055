"""What is given to calls and commands, labelled, paired with a name or under a name in another language goes."""

import pytest
from tests.mock.tape.redaction.calls_and_pairs import HARMLESS, SECRETS
from tests.mock.tape.redaction.code_and_labels import VALUE
from tests.support.many_cases import for_each
from tests.support.redaction import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import find_secrets, redact


@for_each(("kind", "text"), SECRETS)
def test_a_value_goes(kind: str, text: str) -> None:
    assert VALUE in text
    assert VALUE not in redacted(kind, text)


@for_each(("kind", "text"), HARMLESS)
def test_a_harmless_text_stays(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)


@pytest.mark.parametrize("value", ["größenwahn", "пароль", "gr%C3%B6ssenwahn"])
def test_a_word_of_a_language_that_is_the_password_in_an_address_goes(value: str) -> None:
    assert value not in redacted("text/plain", f"see https://a.example/?x=1&password={value}&y=2")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text/javascript", 'h.set("x-api-key","hunter22")', "hunter22"),
        ("text/javascript", 'f("password","hunter2")', "hunter2"),
        ("text/plain", 'x("Authorization", "Bearer abcdef1234567890Xy")', "abcdef1234567890Xy"),
    ],
)
def test_a_short_value_behind_a_name_goes_alone(kind: str, text: str, value: str) -> None:
    assert [found.secret.value for found in find_secrets(carried(kind, text))] == [value]
