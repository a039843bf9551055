"""What clients get from a site: every chunk with its time, for a fixed list of visits; no socket is opened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.replay.scheduler import build_schedule
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.responder import delivery_of
from chatgptfree_mock.tape.files import load, recorded_file
from chatgptfree_mock.tape.har.exporting import to_har
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response
from chatgptfree_mock.tape.saving import save
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens

AJAX = "/wp-admin/admin-ajax.php"
HOST = (("Host", "127.0.0.1"),)
FORM = (*HOST, ("Content-Type", "application/x-www-form-urlencoded"))
JSON = (*HOST, ("Content-Type", "application/json"))
TOKEN = "f3b1c9d27a5e48d09c61"
KINDS = ("aipower cassette", "foreign cassette", "HAR", "none")


def foreign() -> Cassette:
    """Return a recording of a site that is not imitated: a page with a token, and two questions that need it."""
    page = f'<a href="https://api.example/x">x</a><input type="hidden" name="csrf" value="{TOKEN}">'.encode()
    html, data = (("Content-Type", "text/html"),), (("Content-Type", "application/json"),)
    answer = b'{"answer": "Hi", "self": "https://api.example/v1/1"}'

    def asked(question: str) -> Request:
        body = json.dumps({"question": question, "csrf": TOKEN}).encode()
        return Request(method="POST", uri="https://api.example/v1/chat", headers=data, body=body)

    return Cassette(
        interactions=(
            Interaction(
                request=Request(method="GET", uri="https://api.example/"),
                response=Response(headers=html, body=page, chunks=((7, 9), (20, len(page) - 9))),
            ),
            *(
                Interaction(
                    request=asked(question),
                    response=Response(headers=data, body=answer, chunks=((5, 8), (15, len(answer) - 8))),
                )
                for question in ("one", "two")
            ),
        )
    )


def write_kind(kind: str, folder: Path) -> str | None:
    """Write the recordings of a *kind* into a folder, beside a file that is not one, and return the folder."""
    if kind == "none":
        return None
    (folder / "readme.yaml").write_text("this: is not a cassette\n")
    if kind == "aipower cassette":
        save(folder / "tape.yaml", load(recorded_file("1.8.93", "msg_ok_s")))
    elif kind == "foreign cassette":
        site = foreign()
        tokens = acting(site, (found.token for found in find_tokens(site))).entries
        save(folder / "tape.yaml", msgspec.structs.replace(site, tokens=tokens))
    else:
        (folder / "tape.har").write_text(json.dumps(to_har(foreign(), version="1")))
    return str(folder)


def observe(mounted: MountedSite) -> list[Any]:
    """Return what each visit gets, in order; what the site remembers is changed by that."""
    seen = []
    for request in _visits(mounted):
        reply = mounted.site.answer(request)
        seen.append(build_schedule(reply.response, delivery_of(reply, request, mounted)))
        if key := re.search(rb"aipkit_sse_\w+", reply.response.body):
            stream = {
                "action": "aipkit_frontend_chat_stream",
                "_ajax_nonce": mounted.site.nonce(),
                "bot_id": "25865",
            }
            query = urlencode({**stream, "cache_key": key[0].decode(), "session_id": "s", "conversation_uuid": "u"})
            request = SiteRequest(method="GET", path=AJAX, query=query, headers=HOST, base_url="http://127.0.0.1")
            reply = mounted.site.answer(request)
            seen.append(build_schedule(reply.response, delivery_of(reply, request, mounted)))
    return seen


def _visits(mounted: MountedSite) -> Iterator[SiteRequest]:
    pages = [
        SiteRequest(method="GET", path=path, headers=HOST, base_url="http://127.0.0.1") for path in ("/", "/chat/")
    ]
    yield from pages
    nonce = mounted.site.nonce()
    fields = {"post_id": "4", "url": "http://127.0.0.1:18093/chat", "action": "wpaicg_chat_shortcode_message"}
    chat = {"_wpnonce": nonce, **fields, "bot_id": "0"}
    cached = {"action": "aipkit_cache_sse_message", "_ajax_nonce": nonce, "message": "Hello", "bot_id": "25865"}
    for _ in range(2):
        for message in ("Hello, who are you?", "Another"):
            yield _post(AJAX, FORM, urlencode({**chat, "message": message}).encode())
        yield _post(AJAX, FORM, urlencode(cached).encode())
        given = re.search(rb'name="csrf" value="([^"]*)', mounted.site.answer(pages[0]).response.body)
        for question, token in (("one", given[1].decode() if given else TOKEN), ("three", TOKEN), ("one", "another")):
            yield _post("/v1/chat", JSON, json.dumps({"question": question, "csrf": token}).encode())


def _post(path: str, headers: Any, body: bytes) -> SiteRequest:
    return SiteRequest(method="POST", path=path, headers=headers, body=body, base_url="http://127.0.0.1")
