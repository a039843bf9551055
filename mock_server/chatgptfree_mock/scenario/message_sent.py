"""Whether a request carries the message of a scenario, in whatever form a client sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote_plus

from chatgptfree_mock.contract.request import SiteRequest


def carries(request: SiteRequest, message: str) -> bool:
    """Return whether *message* is in the query or the body of *request*: plain, percent-encoded or in JSON."""
    words = message.strip()
    forms = {words, json.dumps(words)[1:-1], json.dumps(words, ensure_ascii=False)[1:-1]}
    return bool(words) and any(form in text for text in _texts(request) for form in forms)


def _texts(request: SiteRequest) -> Iterator[str]:
    body = request.body.decode(errors="replace")
    yield unquote_plus(request.query)
    yield body
    yield unquote_plus(body)
