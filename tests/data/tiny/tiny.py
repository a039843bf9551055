"""A made-up site: a token in a meta tag, a question in JSON, an answer in JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from chatgptfree_mock.contract.pack import RequestKind, SitePack
from chatgptfree_mock.contract.reply import SiteReply, TextFraming, reason
from chatgptfree_mock.contract.request import SiteRequest
from chatgptfree_mock.contract.settings import SettingsPart
from chatgptfree_mock.contract.site import Site
from chatgptfree_mock.contract.store import Store, counted
from chatgptfree_mock.tape.model import Response


class TinySettings(SettingsPart, frozen=True, kw_only=True):
    reply: str | list[str] = "Hello from a tiny site"
    first_token: bool = True
    """Whether the token of the first page is accepted."""


class TinySite(Site):
    def __init__(self, settings: TinySettings, random: Random, store: Store) -> None:
        self._settings, self._random = settings, random
        self._pages, self._tokens = store.table("pages", int, capacity=1), store.table("tokens", bool, capacity=1000)

    def nonce(self) -> str:
        return self._issue(good=True)

    def answer(self, request: SiteRequest) -> SiteReply:
        if (request.method, request.path) == ("POST", "/api/ask"):
            return self._ask(request)
        if request.path != "/":
            return SiteReply(response=_json({"error": "not found"}, status=404), why=("no such path",))
        token = self._issue(good=counted(self._pages, ("served",)) > 1 or self._settings.first_token)
        page = f'<html><head><meta name="token" content="{token}"></head><body><div id="chat"></div></body></html>'
        return SiteReply(response=_unstreamed_response(page, "text/html"), why=(f"the page with token {token}",))

    def _issue(self, *, good: bool) -> str:
        token = f"{self._random.getrandbits(64):016x}"
        self._tokens.update((token,), lambda _: good)
        return token

    def _ask(self, request: SiteRequest) -> SiteReply:
        try:
            body = json.loads(request.body)
            token, question = str(body["token"]), str(body["question"])
        except (ValueError, LookupError, TypeError):
            return SiteReply(response=_json({"error": "bad request"}, status=400), why=("not a question in JSON",))
        if not self._tokens.get((token,)):
            refused = _json({"error": "bad token"}, status=403)
            return SiteReply(response=refused, why=("the token is not accepted",), refused="nonce")
        reply = self._settings.reply
        lines = [_line({"text": text}) for text in ([reply] if isinstance(reply, str) else reply)] + [
            _line({"done": 1})
        ]
        headers = (("Content-Type", "application/x-ndjson"), ("Transfer-Encoding", "chunked"))
        chunks = tuple((10 * number, len(line)) for number, line in enumerate(lines))
        response = Response(status=200, reason="OK", headers=headers, body=b"".join(lines), chunks=chunks)
        return SiteReply(response=response, why=(f"the answer to {question!r}",), upstream=(({"content": question},),))


class TinyPack(SitePack[TinySettings]):
    name = "tiny"
    Settings = TinySettings
    scenarios = Path(__file__).parent / "tiny_scenarios"

    def build(self, settings: TinySettings, *, now: Callable[[], float], random: Random, store: Store) -> TinySite:
        return TinySite(settings, random, store)

    def kind(self, settings: TinySettings, request: SiteRequest) -> RequestKind:
        return "answer" if request.path == "/api/ask" else "page" if request.path == "/" else "other"

    def frame_text(self, settings: TinySettings, head: Response) -> TextFraming:
        return TextFraming(text=lambda text: _line({"text": text}), closing=(_line({"done": 1}),))


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _json(value: Any, *, status: int) -> Response:
    return _unstreamed_response(json.dumps(value), "application/json", status=status)


def _unstreamed_response(body: str, kind: str, *, status: int = 200) -> Response:
    headers = (("Content-Type", kind), ("Content-Length", str(len(body))))
    return Response(status=status, reason=reason(status), headers=headers, body=body.encode())


PACK = TinyPack()
