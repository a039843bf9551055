"""PHP's display_errors: warnings printed into an answer."""

from __future__ import annotations

from typing import Final, Literal

from chatgptfree_mock.sites.wordpress.front.bodies import schedule, with_body
from chatgptfree_mock.tape.model import Chunk, Response

_PLUGIN: Final = "/var/www/html/wp-content/plugins/gpt3-ai-content-generator"
NOTICE: Final = (
    "<br />\n<b>Warning</b>:  Undefined variable $wpaicg_client_id in "
    f"<b>{_PLUGIN}/classes/wpaicg_chat.php</b> on line <b>1372</b><br />\n"
).encode()


def with_php_warning(response: Response, where: Literal["before", "between", "after"]) -> Response:
    """
    Return *response* with a PHP warning in its body.

    *where*: `before` or `after` the body, or `between` the first and the second event (`before` it without a stream).
    """
    body = response.body
    end = body.find(b"\n\n")
    streamed = response.header("Content-Type").startswith("text/event-stream")
    if where == "after":
        at = len(body)
    elif where == "between" and streamed and end >= 0:
        at = end + 2
    else:
        at = 0
    return with_body(response, body[:at] + NOTICE + body[at:], _inserted(schedule(response), at, len(NOTICE)))


def _inserted(chunks: list[Chunk], at: int, size: int) -> list[Chunk]:
    """Put *size* bytes at offset *at* into the chunk that holds it."""
    grown: list[Chunk] = []
    start, done = 0, False
    for ms, length in chunks:
        here = not done and at <= start + length
        grown.append((ms, length + size if here else length))
        done, start = done or here, start + length
    return grown
