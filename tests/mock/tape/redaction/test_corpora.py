"""Every secret goes, whatever carries it; every harmless text stays byte for byte; what is left passes lint."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
from tests.mock.tape.redaction.harmless import HARMLESS
from tests.mock.tape.redaction.secrets import (
    NAMED,
    NAMED_CARRIERS,
    PEOPLE,
    SHOWN_CARRIERS,
    SPECIAL,
    VENDORS,
    escaped,
    shown_in_deltas,
)
from tests.support.many_cases import check_each, for_each
from tests.support.redaction import carried, redacted

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.redaction import redact

SHOWN = VENDORS | PEOPLE


def spellings(value: str) -> Iterator[str]:
    yield from (value, quote(value, safe=""), quote_plus(value), escaped(value))
    yield from (json.dumps(value)[1:-1], value.replace("/", "\\/"))


def test_the_corpora_are_large_enough() -> None:
    assert len(NAMED) + len(SHOWN) + len(SPECIAL) >= 150
    assert len(HARMLESS) >= 60


def name_of(carrier: Callable[..., tuple[str, str]]) -> str:
    return carrier.__name__


@pytest.mark.parametrize("name", NAMED)
def test_a_value_under_a_secret_name_goes(name: str) -> None:
    def check(carrier: Callable[[str, str], tuple[str, str]]) -> None:
        text = redacted(*carrier(name, NAMED[name]))
        assert [each for each in spellings(NAMED[name]) if each in text] == []

    check_each(check, NAMED_CARRIERS, label=name_of)


@for_each("what", SHOWN)
def test_what_shows_by_its_looks_goes(what: str) -> None:
    check_each(partial(check_shown, what), SHOWN_CARRIERS, label=name_of)


def check_shown(what: str, carrier: Callable[[str], tuple[str, str]]) -> None:
    value = SHOWN[what].rpartition("/")[2] if "webhook" in what else SHOWN[what]
    text = redacted(*carrier(SHOWN[what]))
    if carrier is shown_in_deltas:
        events = [json.loads(line[6:]) for line in text.split("\n\n") if line]
        text = "".join(event["choices"][0]["delta"]["content"] for event in events)
        assert text.startswith("It is ")
        assert text.endswith(" indeed")
    assert [each for each in spellings(value) if each in text] == []


@for_each(("kind", "text", "secrets"), SPECIAL)
def test_a_secret_in_a_text_of_its_own_goes(kind: str, text: str, secrets: list[str]) -> None:
    clean = redacted(kind, text)
    assert [each for each in secrets if each in clean] == []


@for_each(("kind", "text"), HARMLESS)
def test_a_harmless_text_stays_byte_for_byte(kind: str, text: str) -> None:
    interaction = carried(kind, text)
    assert redact(Cassette(interactions=(interaction,))).interactions == (interaction,)
