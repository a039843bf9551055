"""
What must differ between a recorded answer and an imitated one: ids, keys, times, and what a stand-in made up.

what differs                             why
---------------------------------------  -----------------------------------------------------------------------------
nonces and cache keys                    made from a salt, or at random; their length and letters count
ids of messages and answers              made from time and at random, or numbered; their form counts
`err-…` ids                              the second in which they were sent
the number of `log` in WPAICG      a row of a database that had other rows; whether it is false, a number or
                                         digits counts
ids of the model's chunks                the stand-in for the model's API numbered them
"""

from __future__ import annotations

import json
import re

_MASKS = {
    rb"aipkit_sse_[0-9A-Za-z]{32}": b"KEY",
    rb"aipkit-msg-[0-9a-f]{13}\d\.\d{8}": b"MESSAGE-ID-WITH-A-DOT",
    rb"aipkit-msg-[0-9a-f]{13}\d{9}": b"MESSAGE-ID",
    rb"err-1\d{9}": b"err-SECOND",
    rb"resp_(?:fake\d{4}|\d{16}|x|1)(?=\")": b"RESPONSE",
    rb'"nonce":"[0-9a-f]{10}"': b'"nonce":"NONCE"',
    rb'"log":("?)\d+("?)\}$': rb'"log":\1N\2}',
    rb"chatcmpl-ARfake\d{22}": b"chatcmpl-N",
}
_CHUNK = re.compile(rb'data: (\{"id": ?"chatcmpl-[^\n]*\})\n')
_GATEWAY_PAGE = re.compile(rb'(?<="API Error: )<html>.*<\\/html>(?:\\r\\n)?(?=")')


def masked(body: bytes) -> bytes:
    """Replace what no two answers share, each by a word for its kind."""
    for pattern, mask in _MASKS.items():
        body = re.sub(pattern, mask, body)
    return body


def without_the_stand_in(body: bytes) -> bytes:
    """Keep of each chunk of the model's API what a client reads, and of its error page that there is one."""
    return _GATEWAY_PAGE.sub(b"PAGE", _CHUNK.sub(lambda found: b"data: " + _read_values(found[1]) + b"\n", body))


def _read_values(chunk: bytes) -> bytes:
    choice = json.loads(chunk)["choices"][0]
    delta = {name: choice["delta"][name] for name in ("role", "content") if name in choice["delta"]}
    return json.dumps([delta, choice["finish_reason"]]).encode()
