"""A recording of an imitated site on any release, made without a socket: what a curious visitor would ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import unescape
from random import Random
from typing import Any
from urllib.parse import urlencode

from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.sites.aipower.releases import ReleaseTable, built_in
from chatgptfree_mock.sites.aipower.settings import aipkit_bots, site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite
from chatgptfree_mock.tape.model import Cassette, Interaction, Request

NOW = 1_795_300_000.0
BASE = "http://127.0.0.1:18600"
AJAX = "/wp-admin/admin-ajax.php"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


class Session:
    """One visitor of a site on *release*, all of whose requests are recorded."""

    def __init__(self, release: str, releases: ReleaseTable | None = None, *, seed: int = 5, **settings: Any) -> None:
        defaults = {"plugin": release, "page_kilobytes": 10, "model": {"reply": ["Hello", " there", "!"]}}
        table = built_in() if releases is None else releases
        self.site = AipowerSite(
            site_from({**defaults, **settings}), now=lambda: NOW, random=Random(seed), releases=table
        )
        self.generation = table.find(release).generation
        self.interactions: list[Interaction] = []

    @property
    def cassette(self) -> Cassette:
        """Return what was recorded."""
        return Cassette(interactions=tuple(self.interactions), path="session.yaml")

    def get(self, path: str, fields: Mapping[str, str] | None = None) -> bytes:
        """Ask with GET and return the body."""
        return self._ask("GET", path, urlencode(fields or {}), (), b"")

    def post(self, fields: Mapping[str, str]) -> bytes:
        """Send a form to admin-ajax.php and return the body of the reply."""
        return self._ask("POST", AJAX, "", FORM, urlencode(fields).encode())

    def speak(self, fields: Mapping[str, str], file: str) -> bytes:
        """Send a form with a voice message called *file* to admin-ajax.php and return the body of the reply."""
        part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        voice = (
            f'--x\r\nContent-Disposition: form-data; name="audio"; filename="{file}"\r\nContent-Type: audio/mpeg\r\n'
        )
        form = "".join(part.format(*field) for field in fields.items()) + f"{voice}\r\nx\r\n--x--\r\n"
        return self._ask("POST", AJAX, "", (("Content-Type", "multipart/form-data; boundary=x"),), form.encode())

    def _ask(self, method: str, path: str, query: str, headers: Any, body: bytes) -> bytes:
        site_request = SiteRequest(method=method, path=path, query=query, headers=headers, body=body, base_url=BASE)
        response = self.site.answer(site_request).response
        uri = f"{BASE}{path}" + (f"?{query}" if query else "")
        request = Request(method=method, uri=uri, headers=headers, body=body or None)
        self.interactions.append(Interaction(request=request, response=response))
        return response.body

    def ask_twice(self) -> Cassette:
        """Read the page of a site of AIPKit, ask once, fetch the answer twice, and return the recording."""
        self.get("/chat/")
        self.ask_2x(self.who())
        return self.cassette

    def visit(self) -> Cassette:
        """Read the page, ask a question, try a few things that are refused, and return the recording."""
        page = self.get("/chat/").decode()
        if self.generation == "wpaicg":
            self._visit_1x(page)
        else:
            self._visit_2x(page)
        return self.cassette

    def _visit_1x(self, page: str) -> None:
        nonce = self.site.nonce()
        fields = {
            "_wpnonce": nonce,
            "post_id": "4",
            "url": BASE,
            "action": "wpaicg_chat_shortcode_message",
            "bot_id": "0",
        }
        assert nonce in page
        self.post({**fields, "message": "Hello, who are you?"})
        self.post({**fields, "message": "Hello", "_wpnonce": "0123456789"})
        self.post({**fields, "message": ""})
        self.get(AJAX, {**fields, "message": "Hello, who are you?"})
        self.post({**fields, "message": "Hello", "action": "wpaicg_nothing"})

    def who(self) -> dict[str, str]:
        bot = str(aipkit_bots(self.site.settings)[0].id)
        return {"bot_id": bot, "session_id": "s-1", "conversation_uuid": "c-1", "_ajax_nonce": self.site.nonce()}

    def ask_2x(self, who: Mapping[str, str]) -> str:
        """Leave a message, fetch the answer, fetch it once more, and return the key."""
        left = self.post({**who, "action": "aipkit_cache_sse_message", "message": "Hello, who are you?"})
        key = str(json.loads(left)["data"]["cache_key"])
        for _ in range(2):
            self.get(AJAX, {**who, "action": "aipkit_frontend_chat_stream", "cache_key": key})
        return key

    def _visit_2x(self, page: str) -> None:
        who = self.who()
        assert who["_ajax_nonce"] in unescape(page)
        cache, stream = {"action": "aipkit_cache_sse_message", **who}, {"action": "aipkit_frontend_chat_stream", **who}
        key = self.ask_2x(who)
        self.get(AJAX, stream)
        self.get(AJAX, {**stream, "cache_key": "aipkit_sse_" + "x" * 32})
        self.get(AJAX, {**stream, "cache_key": key, "_ajax_nonce": "0123456789"})
        self.post({**cache, "message": "  "})
        self.post({**cache, "message": ""})
        self.post({**cache, "message": "Hello", "_ajax_nonce": "0123456789"})
        self.post({**who, "action": "aipkit_get_frontend_chat_nonce"})
        message = {**who, "action": "aipkit_frontend_chat_message", "message": "Hello"}
        self.post(message)
        self.post({**message, "_ajax_nonce": "0123456789"})
