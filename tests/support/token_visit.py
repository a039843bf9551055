"""A recorded visit that a test makes up, request by request, with random values."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlencode
from uuid import UUID

from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response

RECORDED = 1795651200
"""2026-11-25T20:00:00Z, in Unix seconds."""
SITE = "https://chat.invalid"
NOISE = """<script src="/assets/app-3f2a9c1e77.js?v=9f8e7d6c5b"></script><img src="/i/1920x1080.png" alt="submit">
<p data-model="gpt-4o-2024-08-06">Room 1201, 12345678 visits, top-10-tips-for-2026, call +49 151 12345678</p>
<script>var cfg = {"max_tokens":4096,"action":"chat","state":"open","ready":true,"next":"\\/page\\/2"};</script>"""
NOISE_SENT = {"model": "gpt-4o-2024-08-06", "max_tokens": "4096", "size": "1920x1080", "button": "submit"}
FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)
Expected = list[tuple[str, str]]


@dataclass(kw_only=True)
class Visit:
    """A recorded visit that is being made, with the values of *random*."""

    random: Random
    site: str = SITE
    interactions: list[Interaction] = field(default_factory=list)
    dated: bool = True

    @property
    def cassette(self) -> Cassette:
        """Return what was recorded."""
        recording = {"recorded_at": "2026-11-25T20:00:00Z"} if self.dated else {}
        return Cassette(interactions=tuple(self.interactions), recording=recording)

    def get(
        self,
        path: str,
        text: str | bytes = "",
        *,
        sent: Headers = (),
        given: Headers = (),
        kind: str = "html",
        status: int = 200,
    ) -> None:
        """Read a page."""
        self._add(Request(method="GET", uri=self.site + path, headers=sent), text, given, kind, status)

    def post(self, form: Mapping[str, str], *, sent: Headers = (), given: Headers = (), text: str = "ok") -> None:
        """Send a form."""
        body = urlencode(form).encode()
        self._add(
            Request(method="POST", uri=f"{self.site}/ask", headers=(*FORM, *sent), body=body), text, given, "plain"
        )

    def send(
        self,
        value: object,
        *,
        sent: Headers = (),
        given: Headers = (),
        path: str = "/api/ask",
        text: str = "{}",
        kind: str = "json",
    ) -> None:
        """Send JSON."""
        headers = (("Content-Type", "application/json"), *sent)
        body = json.dumps(value).encode()
        self._add(Request(method="POST", uri=self.site + path, headers=headers, body=body), text, given, kind)

    def upload(self, fields: Mapping[str, str]) -> None:
        """Send a form as multipart."""
        part = '--frontier\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = "".join(part.format(name, value) for name, value in fields.items()) + "--frontier--\r\n"
        headers = (("Content-Type", "multipart/form-data; boundary=frontier"),)
        self._add(Request(method="POST", uri=f"{self.site}/up", headers=headers, body=body.encode()), "ok", (), "plain")

    def hex(self, length: int = 10) -> str:
        """Return random hexadecimal digits."""
        return "".join(self.random.choices("0123456789abcdef", k=length))

    def letters(self, length: int = 22) -> str:
        """Return random letters and digits."""
        return "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=length))

    def base64(self, length: int = 24) -> str:
        """Return random bytes in base64."""
        return base64.b64encode(self.random.randbytes(length)).decode()

    def url_safe(self, length: int = 43) -> str:
        """Return random letters, digits, `-` and `_`."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return self.letters(1) + "".join(self.random.choices(alphabet, k=length - 2)) + self.letters(1)

    def uuid(self) -> str:
        """Return a random UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def _add(self, request: Request, text: str | bytes, given: Headers, kind: str, status: int = 200) -> None:
        types = {"html": "text/html; charset=utf-8", "plain": "text/plain", "json": "application/json"}
        headers = (("Content-Type", types.get(kind, kind)), *given)
        response = Response(status=status, headers=headers, body=text.encode() if isinstance(text, str) else text)
        self.interactions.append(Interaction(request=request, response=response))
