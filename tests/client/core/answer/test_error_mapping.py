"""Which error a refused response is, by its status alone and by the words of the plugin."""

from __future__ import annotations

import pytest
from tests.support.answers import head_of
from tests.support.many_cases import for_each

from chatgptfree.core.answer.error_mapping import from_status, of_words
from chatgptfree.errors import ProtocolError, RateLimitedError, RefusedError, UpstreamError

STATUSES = {
    RateLimitedError: (402, 429),
    UpstreamError: (408, 500, 502, 504, 599),
    RefusedError: (401, 403, 451),
    ProtocolError: (400, 404, 407, 409, 418, 428, 430, 450, 452, 499),
}


@for_each(("status", "kind"), [(status, kind) for kind, statuses in STATUSES.items() for status in statuses])
def test_a_status_without_words_decides(status: int, kind: type[Exception]) -> None:
    assert type(from_status(head_of("text/plain", status), b"")) is kind


@pytest.mark.parametrize(
    "words", ["API error (HTTP 500): overloaded", "Something failed. Reference: 1a2b", "cURL error 28: timed out"]
)
def test_words_that_the_plugin_passes_on_are_the_models_failure(words: str) -> None:
    assert of_words(words) is UpstreamError


def test_other_words_prove_nothing() -> None:
    assert of_words("Hello, this is a reference: 1a2b for you") is None


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf-1",
        b"-1\n<!-- cached by a plugin -->",
        b'{"success":false,"data":{"code":"invalid_nonce","message":"Ung\\u00fcltig"}}',
        b'{"success":false,"data":{"code":"nonce_expired_2","message":"Abgelaufen"}}',
        b'<html><div class="wp-die-message">Der Link ist abgelaufen.</p><p><a href="/">Noch einmal</a>.</div></html>',
    ],
)
def test_a_refused_nonce_is_known_by_its_structure_in_any_language(body: bytes) -> None:
    head = head_of("text/html", 403)
    assert from_status(head, body).kind == "nonce"


def test_a_code_with_a_word_like_nonce_is_none() -> None:
    head = head_of("text/html", 403)
    assert from_status(head, b'{"success":false,"data":{"code":"announcement"}}').kind == "refused"
