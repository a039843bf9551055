"""The value of a secret that is not set is named by the name nearest to it, once."""

import pytest

from chatgptfree_mock.tape.redaction.running_text.default_values import default_values

VALUE = "aB3dE5gH7jK9mN1p"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f'config.api_key = ENV["SECRET_TOKEN"] || "{VALUE}"', "SECRET_TOKEN"),
        (f'config.api_key = ENV["PROD"] || "{VALUE}"', "config.api_key"),
        (f'api_key = api_key || "{VALUE}"', "api_key"),
    ],
)
def test_a_default_is_found_once(text: str, name: str) -> None:
    (found,) = default_values(text, {b'|| "': [text.index('|| "')]})
    assert (found.value, found.spans) == (VALUE, ((text.index(VALUE), text.index(VALUE) + len(VALUE)),))
    assert f"`{name}`" in found.reason


@pytest.mark.parametrize("text", ['word = x["y"] || "aB3dE5gH7jK9mN1p"', 'token = ENV["API_KEY"] || "production"'])
def test_what_no_secret_is_named_for_or_is_a_word_stays(text: str) -> None:
    assert not list(default_values(text, {b'|| "': [text.index('|| "')]}))
