"""A minted value has the form of the recorded one, and is another for every key."""

from __future__ import annotations

import base64
import json
import re
import string
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.replay.token_values import mint
from chatgptfree_mock.tape.tokens.token_block import ValueShape

KEYS = st.binary(min_size=1, max_size=64)
FORMS = {
    "0a1b2c3d4e": r"[1-9a-f][0-9a-f]{9}",
    "8675309867": r"[1-9][0-9]{9}",
    "ABC123DEF": r"[A-F1-9][A-F0-9]{8}",
    "abczyx": r"[a-z]{6}",
    "aZ3-bY_4": r"[A-Za-z1-9][A-Za-z0-9]{2}-[A-Za-z0-9]{2}_[A-Za-z0-9]",
    "d2343a17-76ad-4c2e-8a5d-1f2e3d4c5b6a": r"[1-9a-f][0-9a-f]{7}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.aB3dE5": r"eyJhbGciOiJIUzI1NiJ9\.eyJzdWIiOiIxIn0\.[A-Za-z0-9]{6}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.0000000002": r"eyJhbGciOiJIUzI1NiJ9\.eyJzdWIiOiIxIn0\.[\w-]{10}",
    "s%3AabC3.d%2Fe5": r"[A-Za-z1-9]%3A[A-Za-z0-9]{4}\.[A-Za-z0-9]%2F[A-Za-z0-9]{2}",
}


@pytest.mark.parametrize("recorded", FORMS)
@given(key=KEYS)
def test_the_form_of_the_recorded_value_is_kept(recorded: str, key: bytes) -> None:
    minted = mint(recorded, ValueShape(alphabet="any", length=len(recorded)), key)
    assert re.fullmatch(FORMS[recorded], minted)
    assert mint(recorded, ValueShape(alphabet="any", length=len(recorded)), key) == minted


@given(key=KEYS, length=st.integers(1, 200))
def test_the_claims_of_a_web_token_stay_whatever_the_shape_says(key: bytes, length: int) -> None:
    # Redaction changes the length of the claims, and a client reads them.
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiAiMTAwMDAwMDAwMSJ9.0000000000000000000000002"
    minted = mint(token, ValueShape(alphabet="any", length=length), key)
    assert minted.rpartition(".")[0] == token.rpartition(".")[0]
    assert len(minted) == len(token)
    assert minted != token


@given(key=KEYS)
def test_a_structure_that_clients_read_stays_one(key: bytes) -> None:
    content = '{"id":"0000000001","user":1000000002,"mail":"visitor-3@redacted.invalid"}'
    for recorded, read in (
        (quote(content), unquote),
        (base64.b64encode(content.encode()).decode(), base64.b64decode),
        (content, str),
    ):
        minted = json.loads(read(mint(recorded, ValueShape(alphabet="any", length=10), key)))
        assert re.fullmatch(r"[A-Za-z0-9]{10}", minted["id"])
        assert re.fullmatch(r"[1-9][0-9]{9}", str(minted["user"]))
        assert minted["mail"] == "visitor-3@redacted.invalid"
        assert minted["id"] != "0000000001"


@given(keys=st.sets(st.binary(min_size=8, max_size=8), min_size=2, max_size=20))
def test_every_key_makes_a_value_of_its_own(keys: set[bytes]) -> None:
    shape = ValueShape(alphabet="hex", length=32)
    assert len({mint("0123456789abcdef" * 2, shape, key) for key in keys}) == len(keys)


@given(key=KEYS)
def test_in_place_of_a_placeholder_the_shape_decides(key: bytes) -> None:
    minted = mint("sess_0000000001", ValueShape(alphabet="letters-digits", length=20), key)
    assert re.fullmatch(r"sess_[A-Za-z1-9][A-Za-z0-9]{14}", minted)


@given(key=KEYS, length=st.integers(1, 40))
def test_a_value_that_does_not_have_the_shape_gets_it(key: bytes, length: int) -> None:
    minted = mint("not hexadecimal", ValueShape(alphabet="digits", length=length), key)
    assert len(minted) == length
    assert set(minted) <= set(string.digits)
    assert minted[0] != "0"
