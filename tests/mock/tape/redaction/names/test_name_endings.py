"""The first look at how a name ends hides no name that counts."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mock.tape.redaction.secrets import PEOPLE, VENDORS
from tests.support.many_cases import for_each

from chatgptfree_mock.tape.model import Interaction, Request, Response
from chatgptfree_mock.tape.redaction import find_secrets
from chatgptfree_mock.tape.redaction.names import secret_names
from chatgptfree_mock.tape.redaction.running_text.pattern_search import pattern_secrets, signs_in

TABLES = [table for table in vars(secret_names).values() if isinstance(table, (frozenset, tuple, dict)) and table]
WORDS = sorted({word for table in TABLES for word in table if isinstance(word, str) and word.isalnum()})
FILLING = "The quick brown fox jumps over the lazy dog: a=b. " * 20


@given(
    lead=st.sampled_from(["", "my_", "data-", "x-", "user.", "the"]),
    word=st.sampled_from(WORDS),
    tail=st.sampled_from(["", "2", "_1", "_id", "_rc_i"]),
    case=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_every_name_that_counts_passes_the_first_look(
    lead: str, word: str, tail: str, case: Callable[[str], str]
) -> None:
    name = f"{lead}{case(word)}{tail}"
    if secret_names.classify(name) is not None:
        assert secret_names.may_end_name(name[-4:]) or name[-4:] in secret_names.open_endings(name, signs_in(name)), (
            name
        )


@pytest.mark.parametrize("name", ["password", "api_key", "X-Csrf-Token", "cf_chl_rc_i", "session_id", "password2"])
def test_a_name_is_found_in_a_long_text_as_in_a_short_one(name: str) -> None:
    line = f"{name}=aB3dE5gH7jK9mN1p\n"
    assert [values_in(line), values_in(FILLING + line + FILLING)] == [["aB3dE5gH7jK9mN1p"]] * 2


@for_each("what", VENDORS | PEOPLE)
def test_what_shows_by_its_looks_is_found_alone_as_in_a_long_text(what: str) -> None:
    value = (VENDORS | PEOPLE)[what].encode().decode("latin-1")
    alone, among = (
        {each.value for each in pattern_secrets(text)} for text in (value, f"{FILLING}\n{value}\n{FILLING}")
    )
    assert alone == among != set()


def values_in(text: str) -> list[str]:
    response = Response(headers=(("Content-Type", "text/plain"),), body=text.encode())
    found = find_secrets(Interaction(request=Request(method="GET", uri="https://a.example/"), response=response))
    return [each.secret.value for each in found]
