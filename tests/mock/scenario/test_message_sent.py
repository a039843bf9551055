"""A request carries the message in any form in which a client may send it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import for_each

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.scenario.message_sent import carries

MESSAGES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
MULTIPART = '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\n{}\r\n--b--\r\n'
FORMS: dict[str, Callable[[str], dict[str, Any]]] = {
    "urlencoded": lambda text: {"body": urlencode({"action": "x", "message": text}).encode()},
    "percent-encoded": lambda text: {"body": f"message={quote(text)}".encode()},
    "in the query": lambda text: {"query": urlencode({"message": text})},
    "multipart": lambda text: {"body": MULTIPART.format(text).encode()},
    "JSON in ASCII": lambda text: {"body": json.dumps({"messages": [{"content": text}]}).encode()},
    "JSON in UTF-8": lambda text: {"body": json.dumps({"q": text}, ensure_ascii=False).encode()},
    "JSON in a field": lambda text: {"body": urlencode({"history": json.dumps([{"text": text}])}).encode()},
}


@given(text=MESSAGES, form=st.sampled_from(sorted(FORMS)))
def test_it_is_found_in_any_form(text: str, form: str) -> None:
    assert carries(SiteRequest(method="POST", path="/ask", **FORMS[form](text)), text)


@pytest.mark.parametrize("body", [b"", b"action=nope", b"message=Good+bye", b"\xff\xfe"])
def test_it_is_not_found_where_it_is_not(body: bytes) -> None:
    assert not carries(SiteRequest(method="POST", path="/ask", query="a=b", body=body), "Hello, who are you?")


@for_each("text", ["Jello you", "ello you", "Hello yo", "Hello, you"])
@for_each("form", sorted(FORMS))
def test_a_part_of_it_is_not_the_message(text: str, form: str) -> None:
    assert not carries(SiteRequest(method="POST", path="/ask", **FORMS[form](text)), "Hello you")


def test_a_message_of_blanks_is_in_no_request() -> None:
    assert not carries(SiteRequest(method="POST", path="/ask", body=b"message=++"), "  ")
