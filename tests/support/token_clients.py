"""Clients of a page that gives a nonce and a cookie out, each with one habit, as callables for crash tests."""

from __future__ import annotations

import html
import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from urllib.parse import quote_plus, unquote

NONCE = "a1b2c3d4e5"
"""The recorded one."""


def _page(url: str, opener: Callable[[str], str]) -> str:
    found = re.search(r'data-nonce="([^"]+)"', opener(f"{url}/chat"))
    if found is None:
        raise LookupError("no nonce")
    return html.unescape(found[1])


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=300) as answer:
        return str(answer.read().decode())


def _ask(url: str, nonce: str, message: str) -> str:
    form = f"action=ask&nonce={quote_plus(nonce)}&message={quote_plus(message)}".encode()
    with urllib.request.urlopen(f"{url}/ajax", form, timeout=300) as answer:
        return _text_of(answer.read().decode())


def _text_of(stream: str) -> str:
    if "event: done" not in stream:
        raise EOFError("no event `done`")
    return "".join(json.loads(line[6:]).get("delta", "") for line in stream.splitlines() if line.startswith("data: "))


def reading(url: str, message: str) -> str:
    """Read the page each time, and report all that goes wrong."""
    return _ask(url, _page(url, _get), message)


def hard_coded(url: str, message: str) -> str:
    """Send the nonce that was copied from the recording."""
    return _ask(url, NONCE, message)


def copied_elsewhere(url: str, message: str) -> str:
    """Read the page, but send a nonce of another day."""
    _get(f"{url}/chat")
    return _ask(url, "ffffffffff", message)


def leaving_out(url: str, message: str) -> str:
    """Send a form without the field of the nonce."""
    form = f"action=ask&message={quote_plus(message)}".encode()
    with urllib.request.urlopen(f"{url}/ajax", form, timeout=300) as answer:
        return _text_of(answer.read().decode())


def without(url: str, message: str) -> str:
    """Send no nonce."""
    return _ask(url, "", message)


def renewing(url: str, message: str) -> str:
    """Read the page again when a nonce is refused, once."""
    try:
        return reading(url, message)
    except urllib.error.HTTPError:
        return reading(url, message)


def stubborn(url: str, message: str) -> str:
    """Ask again with the same nonce when it is refused, once."""
    nonce = _page(url, _get)
    try:
        return _ask(url, nonce, message)
    except urllib.error.HTTPError:
        return _ask(url, nonce, message)


def silent(url: str, message: str) -> str:
    """Take a refusal for an empty answer."""
    try:
        return reading(url, message)
    except urllib.error.HTTPError:
        return ""


def disguising(url: str, message: str) -> str:
    """Print the words of a refusal as the answer."""
    try:
        return reading(url, message)
    except urllib.error.HTTPError as exc:
        return exc.read().decode()


def showing(url: str, message: str) -> str:
    """Print the nonce with the answer."""
    nonce = _page(url, _get)
    return f"{nonce}: {_ask(url, nonce, message)}"


def unescaping_nothing(url: str, message: str) -> str:
    """Take the nonce as the page spells it."""
    found = re.search(r'data-nonce="([^"]+)"', _get(f"{url}/chat"))
    return _ask(url, found[1] if found else "", message)


def counting_ten(url: str, message: str) -> str:
    """Take the first ten characters of a session id of the page."""
    nonce = _page(url, _get)[:10]
    return _ask(url, nonce, message)


def concatenating(url: str, message: str) -> str:
    """Put the nonce into the form without encoding it."""
    form = f"action=ask&nonce={_page(url, _get)}&message={quote_plus(message)}".encode()
    with urllib.request.urlopen(f"{url}/ajax", form, timeout=300) as answer:
        return _text_of(answer.read().decode())


def with_cookies(url: str, message: str) -> str:
    """Keep the cookies of the page."""
    del message
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    opener.open(f"{url}/chat", timeout=300).read()
    return _text_of(opener.open(f"{url}/stream", timeout=300).read().decode())


def without_cookies(url: str, message: str) -> str:
    """Forget the cookies of the page."""
    del message
    _get(f"{url}/chat")
    return _text_of(_get(f"{url}/stream"))


def double_submitting(url: str, message: str) -> str:
    """Send the cookie of the page, and its value in a header as well (as Angular and axios do)."""
    del message
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{url}/chat", timeout=300).read()
    value = next(cookie.value or "" for cookie in jar if cookie.name == "XSRF-TOKEN")
    request = urllib.request.Request(f"{url}/stream", headers={"X-XSRF-TOKEN": unquote(value)})
    return _text_of(opener.open(request, timeout=300).read().decode())


def following(url: str, message: str) -> str:
    """Follow the link of the page into a room."""
    del message
    found = re.search(r'href="([^"]+)"', _get(f"{url}/chat"))
    return _text_of(_get(url + html.unescape(found[1]))) if found else ""
