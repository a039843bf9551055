"""Pages in another charset than UTF-8: the bytes, the header and the meta element agree."""

from __future__ import annotations

import codecs
import re

from msgspec.structs import replace

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.sites.wordpress.front.bodies import with_body
from chatgptfree_mock.tape.model import Response


def check(charset: str | None) -> None:
    """
    Check that Python has a codec for *charset*, and that it is one for text.

    Raises:
        SettingsError: there is none, or it is not for text.
    """
    if charset is None:
        return
    try:
        "page".encode(charset)
    except LookupError as exc:
        raise SettingsError(f"unknown charset `{charset}` - at `$.front.charset`") from exc


def encoded(response: Response, charset: str) -> Response:
    """Return the page encoded in *charset*; other characters become character references."""
    text = response.body.decode("utf-8", "surrogateescape")
    page = re.sub(r'(<meta charset=["\']?)UTF-8', rf"\g<1>{charset}", text, count=1, flags=re.IGNORECASE)
    body = page.encode(codecs.lookup(charset).name, "xmlcharrefreplace")
    headers = tuple(
        (name, f"text/html; charset={charset}" if name.lower() == "content-type" else value)
        for name, value in response.headers
    )
    return with_body(replace(response, headers=headers), body, [(0, len(body))])
