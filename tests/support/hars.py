"""HARs of few entries, and the exchange that one of them becomes."""

import json
from typing import Any

from chatgptfree_mock.tape.har.importing import from_har
from chatgptfree_mock.tape.model import Interaction

AJAX = "https://chatgptfree.ai/wp-admin/admin-ajax.php"
STREAM = 'data: {"choices":[{"delta":{"content":"Hé"}}]}\n\ndata: [DONE]\n\n'


def har(*entries: dict[str, Any], **log: Any) -> bytes:
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "Tool", "version": "1"}, "entries": entries} | log}
    ).encode()


def entry(content: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-11-23T00:37:31.500Z",
        "time": 250.6,
        "request": {"method": "GET", "url": AJAX, "httpVersion": "h2", "headers": []} | more.pop("request", {}),
        "response": {
            "status": 200,
            "statusText": "OK",
            "headers": [],
            "content": content or {"size": 0, "mimeType": ""},
        }
        | more.pop("response", {}),
    } | more


def one(data: bytes, **options: Any) -> Interaction:
    (interaction,) = from_har(data, **options).cassette.interactions
    return interaction
