"""An imitated site of WPAICG that a test asks as a client would, without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import urlencode

from chatgptfree_mock.contract.memory_store import MemoryStore
from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.store import Store, Table
from chatgptfree_mock.sites.aipower.settings import site_from
from chatgptfree_mock.sites.aipower.site import AipowerSite

NOW = 1_731_000_000.0
HOST = "http://127.0.0.1:18093"
AJAX = "/wp-admin/admin-ajax.php"
FORM = ("Content-Type", "application/x-www-form-urlencoded")


class SharedStore(MemoryStore):
    """A store whose tables are the same for every site that it is given to."""

    def __init__(self) -> None:
        super().__init__()
        self._tables: dict[str, Table[Any]] = {}

    def table(self, name: str, kind: type[Any], *, capacity: int) -> Table[Any]:
        """Return the table of that name."""
        return self._tables.setdefault(name, super().table(name, kind, capacity=capacity))


class ChatSite:
    """A site, a clock that the test turns by hand, and the six fields that a visitor sends."""

    def __init__(self, plugin: str = "1.8.93", store: Store | None = None, /, **settings: Any) -> None:
        self.now = NOW
        self.site = AipowerSite(
            site_from({"plugin": plugin, **settings}), now=lambda: self.now, random=Random(1), store=store
        )

    def fields(self, **changed: str | None) -> dict[str, str]:
        """Return the fields of a good message; None leaves one out."""
        fields: dict[str, str | None] = {
            "_wpnonce": self.site.nonce(),
            "post_id": "261",
            "url": f"{HOST}/chat",
            "action": "wpaicg_chat_shortcode_message",
            "message": "Hello",
            "bot_id": "0",
            **changed,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def post(self, *headers: tuple[str, str], remote: str = "127.0.0.1", **changed: str | None) -> SiteReply:
        """Send a message as a form."""
        return self.send(urlencode(self.fields(**changed)).encode(), FORM, *headers, remote=remote)

    def upload(self, files: Mapping[str, tuple[str, str, bytes]], **changed: str | None) -> SiteReply:
        """Send a message with files, each a name, a type and its bytes, as multipart."""
        body = b""
        for name, text in self.fields(**changed).items():
            body += f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, (filename, kind, content) in files.items():
            head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            body += f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
        return self.send(body + b"--x--\r\n", ("Content-Type", "multipart/form-data; boundary=x"))

    def send(
        self, body: bytes, *headers: tuple[str, str], method: str = "POST", query: str = "", remote: str = "127.0.0.1"
    ) -> SiteReply:
        """Send any request to admin-ajax.php."""
        site_request = SiteRequest(
            method=method, path=AJAX, query=query, headers=headers, body=body, base_url=HOST, remote=remote
        )
        return self.site.answer(site_request)

    def page(self, *headers: tuple[str, str], path: str = "/chat/") -> SiteReply:
        """Fetch a page."""
        return self.site.answer(SiteRequest(method="GET", path=path, headers=headers, base_url=HOST))


def json_of(reply: SiteReply) -> Any:
    """Return the JSON of an answer."""
    return json.loads(reply.response.body)


def text_of(reply: SiteReply) -> str:
    """Return the body of an answer."""
    return reply.response.body.decode()


def kind(reply: SiteReply) -> str:
    """Return the type of an answer."""
    return reply.response.header("Content-Type")
