"""A request is taken apart, whatever it holds; a compressed one is what it decodes to, unless that is too large."""

from __future__ import annotations

import gzip

from hypothesis import given
from hypothesis import strategies as st

from chatgptfree_mock.sites.aipower.match_rules import rules_for
from chatgptfree_mock.tape.matching import collect, find
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.request_key import RequestKey

MIB = 1024 * 1024


def body_of(size: int) -> bytes:
    sent = gzip.compress(bytes(size), 1)
    request = Request(method="POST", uri="https://a.example/", headers=(("Content-Encoding", "gzip"),), body=sent)
    body = RequestKey.from_request(request).body
    return b"as sent" if body == sent else body


def test_a_request_is_decoded_up_to_64_mib() -> None:
    assert len(body_of(64 * MIB)) == 64 * MIB
    assert body_of(64 * MIB + 1) == b"as sent"


RECORDED = collect(
    [
        Cassette(
            interactions=tuple(
                Interaction(
                    request=Request(method="POST", uri="https://a.example/", headers=headers, body=body),
                    response=Response(),
                )
                for headers, body in (
                    ((("Content-Type", "application/json"),), b'{"a": [1]}'),
                    ((("Content-Type", "multipart/form-data; boundary=b"),), b"--b\r\n\r\n--b--"),
                    ((), b"action=x&message=Hello"),
                )
            )
        )
    ],
    rules_for,
)
BODY = st.lists(
    st.sampled_from(
        [
            *(
                b"[" * 100_000,
                b'{"a":' * 100_000,
                b'{"a":[',
                b'"\xff"',
                b'{"a":"\xff"}',
                b'"\\ud83d"',
                b"NaN",
                b"1e999",
            ),
            *(
                b"9" * 5000,
                b"\x00",
                b"\xff\xfe",
                b"--b",
                b"--\xff",
                b"\r\n\r\n",
                b'; name="a"',
                b"a=b&",
                b"%ff",
                b"\x1f\x8b\x08",
            ),
        ]
    ),
    max_size=4,
).map(b"".join)
TYPE = st.sampled_from(
    [
        *("", "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain; charset=é"),
        *(f"multipart/form-data; boundary={boundary}" for boundary in ("b", '"b"', "", '""', "\udcff", "\ud83d", "é")),
    ]
)


TARGET = st.sampled_from(["/", "/%ff", "/\udcff", "/?a=%ff&\udcff", "//[", "/\x1b]0;x"])


@given(target=TARGET, body=BODY, content_type=TYPE, coding=st.sampled_from(["", "gzip", "br", "\udcff"]))
def test_any_request_can_be_taken_apart_and_looked_for(
    target: str, body: bytes, content_type: str, coding: str
) -> None:
    headers = tuple(
        (name, value) for name, value in (("Content-Type", content_type), ("Content-Encoding", coding)) if value
    )
    request = Request(method="POST", uri=f"https://a.example{target}", headers=headers, body=body)
    key = RequestKey.from_request(request)
    assert key.kind in ("nothing", "form", "JSON", "bytes")
    found = find(request, RECORDED)
    assert isinstance(found, int) or str(found).encode().startswith(b"no recorded answer for POST /")
