"""What vcrpy plays in process and what the mock sends over a socket is the same to requests, httpx and aiohttp."""

import asyncio
import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import requests  # noqa: TID251 - vcrpy plays through it
import vcr  # type: ignore[import-untyped]  # has no types

from chatgptfree_mock.serving import MockSite

ORIGIN = "https://api.example"
MEANT = ("content-type", "location", "etag", "set-cookie", "retry-after", "x-request-id")
Played = tuple[int, dict[str, str], bytes]
EVENTS = 'data: {"n":"é"}\n\ndata: [DONE]\n\n'


def interaction(path: str, body: object, *, code: int = 200, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): [value] for name, value in {"content_type": "text/plain", **headers}.items()}
    return {
        "request": {"method": "GET", "uri": ORIGIN + path, "headers": {}, "body": None},
        "response": {"status": {"code": code, "message": "Any"}, "headers": named, "body": body},
    }


FORMS: dict[str, dict[str, Any]] = {
    "text": interaction("/text", {"string": "Grüße\n\n"}, content_type="text/plain; charset=utf-8"),
    "events": interaction("/events", {"string": EVENTS}, content_type="text/event-stream", x_request_id="a7"),
    "bytes": interaction("/bytes", {"string": bytes(range(256))}, content_type="application/octet-stream"),
    "gzip": interaction("/gzip", {"string": gzip.compress(b"packed" * 50)}, content_encoding="gzip"),
    "nothing": interaction("/nothing", {"string": ""}),
    "no content": interaction("/no-content", {"string": ""}, code=204),
    "redirect": interaction("/moved", {"string": ""}, code=302, location="/elsewhere"),
    "error": interaction("/error", {"string": '{"error":"x"}'}, code=503, retry_after="7", etag='"a#b: c"'),
    "a query": interaction("/query?a=1&b=%C3%A9", {"string": "found"}),
    "a cookie": interaction("/cookie", {"string": "ok"}, set_cookie="lang=en; Path=/"),
}


def written(path: Path, item: dict[str, Any]) -> Path:
    """Write a cassette as vcrpy writes it: YAML with text, base64 for bytes."""
    body = item["response"]["body"]["string"]
    data = json.loads(json.dumps(item, default=lambda _: "BYTES"))
    text = json.dumps({"version": 1, "interactions": [data]}, ensure_ascii=False, indent=1)
    if isinstance(body, bytes):
        text = text.replace('"BYTES"', f"!!binary {base64.b64encode(body).decode()}")
    path.write_text(text, "utf-8")
    return path


def with_requests(url: str) -> Played:
    response = requests.get(url, allow_redirects=False, timeout=300)
    return response.status_code, {key.lower(): value for key, value in response.headers.items()}, response.content


def with_httpx(url: str) -> Played:
    response = httpx.get(url, follow_redirects=False, timeout=300)
    return response.status_code, dict(response.headers), response.content


def with_aiohttp(url: str) -> Played:
    async def ask() -> Played:
        async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as response:
            headers = {key.lower(): value for key, value in response.headers.items()}
            return response.status, headers, await response.read()

    return asyncio.run(ask())


def meaning(played: Played) -> Played:
    """Return what a caller sees; vcrpy gives a body to requests and aiohttp without undoing its coding."""
    status, headers, body = played
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return status, {name: headers[name] for name in MEANT if name in headers}, body


@pytest.mark.parametrize("ask", [with_requests, with_httpx, with_aiohttp])
@pytest.mark.parametrize("form", FORMS)
def test_the_mock_sends_what_vcrpy_plays(form: str, ask: Callable[[str], Played], tmp_path: Path) -> None:
    item = FORMS[form]
    file = written(tmp_path / "tape.yaml", item)
    address = item["request"]["uri"].removeprefix(ORIGIN)
    with vcr.VCR(record_mode="none").use_cassette(str(file)):
        theirs = meaning(ask(ORIGIN + address))
    with MockSite(cassette=file) as site:
        ours = meaning(ask(site.url.rstrip("/") + address))
    assert ours == theirs
