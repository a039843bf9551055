"""What must differ between a recorded answer of generation 2 and an imitated one: ids, keys, times."""

from __future__ import annotations

import re

_MASKS = {
    rb"aipkit_sse_[0-9A-Za-z]{32}": b"KEY",
    rb"aipkit-msg-[0-9a-f]{13}\d\.\d{8}": b"MESSAGE-ID-WITH-A-DOT",
    rb"aipkit-msg-[0-9a-f]{13}\d{9}": b"MESSAGE-ID",
    rb"err-1\d{9}": b"err-SECOND",
    rb"resp_fake\d{4}": b"RESPONSE",
    rb'"nonce":"[0-9a-f]{10}"': b'"nonce":"NONCE"',
}


def masked(body: bytes) -> bytes:
    """Replace what no two answers share, each by a word that says what stood there."""
    for pattern, mask in _MASKS.items():
        body = re.sub(pattern, mask, body)
    return body
