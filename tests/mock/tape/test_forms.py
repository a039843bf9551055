"""The fields of multipart bodies: for people to read, and without loss for comparisons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.tape.forms import form_of, form_parts
from chatgptfree_mock.tape.model import Request

KIND = "multipart/form-data; boundary=cut"
NAMES = st.text(st.characters(exclude_characters='"\r\n', exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.text(st.sampled_from("a-\r\né👋cut"), max_size=12).filter(lambda value: "\r\n--cut" not in f"\r\n{value}")


def body_of(fields: list[tuple[str, str]]) -> bytes:
    parts = (f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields)
    return ("".join(parts) + "--cut--\r\n").encode()


def read(body: bytes) -> tuple[tuple[str, str], ...]:
    return form_of(Request(method="POST", uri="http://a/", headers=(("Content-Type", KIND),), body=body))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_the_fields_of_a_multipart_body_are_read_alike_in_both_forms(fields: list[tuple[str, str]]) -> None:
    body = body_of(fields)
    assert read(body) == form_parts(body, KIND) == tuple(fields)


def test_a_boundary_within_a_line_of_a_value_is_text() -> None:
    assert read(body_of([("message", "see --cut here")])) == (("message", "see --cut here"),)


@pytest.mark.parametrize(
    ("body", "readable", "whole"),
    [
        pytest.param(
            b'--cut\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nx\xff\r\n--cut--\r\n',
            (("f", "x\ufffd"),),
            (("f", "x\udcff"), ("f; filename", "a.txt")),
            id="a file that is not UTF-8",
        ),
        pytest.param(b"--cut\r\nX: y\r\n\r\nx\r\n--cut--\r\n", (), (("", "x"),), id="a part without a name"),
        pytest.param(b"--cut\r\nX: y\r\n--cut--\r\n", (), (), id="a part without a value"),
    ],
)
def test_parts_that_are_not_plain_fields(
    body: bytes, readable: tuple[tuple[str, str], ...], whole: tuple[tuple[str, str], ...]
) -> None:
    assert read(body) == readable
    assert form_parts(body, KIND) == whole
