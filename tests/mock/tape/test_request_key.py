"""A compressed request is compared by what it decodes to, unless that is too large."""

from __future__ import annotations

import gzip

from chatgptfree_mock.tape.model import Request
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
