"""Apply a release's own names of actions and its own sentences to handlers and their answers."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from chatgptfree_mock.contract.reply import SiteReply
from chatgptfree_mock.sites.aipower.releases.wording import Wording
from chatgptfree_mock.sites.wordpress import php
from chatgptfree_mock.sites.wordpress.call import ActionHandler, AjaxCall
from chatgptfree_mock.tape.json_value import read_json
from chatgptfree_mock.tape.model import Response

_STREAM = "text/event-stream"


def reworded(handlers: Mapping[str, ActionHandler], wording: Wording) -> Mapping[str, ActionHandler]:
    """Return *handlers* whose answers have the sentences of *wording*; streams already have them."""
    return {action: _reworded(handler, wording) for action, handler in handlers.items()} if wording else handlers


def renamed(handlers: Mapping[str, ActionHandler], names: Mapping[str, str]) -> Mapping[str, ActionHandler]:
    """Return *handlers* by the release's names of their actions; *names* are those that it renames."""
    return {names.get(action, action): handler for action, handler in handlers.items()}


def _reworded(handler: ActionHandler, wording: Wording) -> ActionHandler:
    def answer(call: AjaxCall) -> SiteReply:
        reply = handler(call)
        return replace(reply, response=_response(reply.response, wording))

    return answer


def _response(response: Response, wording: Wording) -> Response:
    kind = response.header("Content-Type")
    if kind.startswith(_STREAM) or not response.body:
        return response
    text = response.body.decode("utf-8", "surrogateescape")
    body = (_json(text, wording) if "json" in kind else wording.text(text)).encode("utf-8", "surrogateescape")
    return replace(response, body=body, chunks=((response.chunks[-1][0], len(body)),) if response.chunks else ())


def _json(text: str, wording: Wording) -> str:
    try:
        value = read_json(text)
    except ValueError:
        return text
    return php.json_encode(wording.value(value))
