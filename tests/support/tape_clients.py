"""Clients of a stream of chat completions, each with one habit, as callables for crash tests from a recording."""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

_COUNTER = itertools.count()
_HELD = threading.Event()
WAITING = threading.Event()
"""Set once `hanging` waits for ever; a test that looks at it puts an event of its own in its place."""


def _open(url: str, message: str, timeout: float = 30) -> http.client.HTTPResponse:
    body = json.dumps({"stream": True, "messages": [{"role": "user", "content": message}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    found: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=timeout)
    return found


def _texts(url: str, message: str, timeout: float = 30) -> Iterator[str]:
    with _open(url, message, timeout) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"].get("content", "")
            if line.startswith(b"data: [DONE]"):
                return
    raise EOFError("no [DONE]")


def usual(url: str, message: str) -> str:
    """Read lines, and report all that goes wrong."""
    return "".join(_texts(url, message))


def careless(url: str, message: str) -> Iterator[str]:
    """Print what comes, and report nothing."""
    with suppress(OSError, EOFError, ValueError, LookupError, http.client.HTTPException):
        yield from _texts(url, message)


def gappy(url: str, message: str) -> Iterator[str]:
    """Skip what cannot be parsed."""
    with _open(url, message) as answer:
        for line in answer:
            with suppress(ValueError):
                if line.startswith(b"data: {"):
                    yield json.loads(line[6:])["choices"][0]["delta"].get("content", "")


def disguising(url: str, message: str) -> str:
    """Print the body of an error as if it were the answer."""
    try:
        return usual(url, message)
    except urllib.error.HTTPError as exc:
        return exc.read().decode()


def retrying(url: str, message: str) -> str:
    """Ask up to three times."""
    for _ in range(2):
        with suppress(OSError, EOFError, ValueError, LookupError, http.client.HTTPException):
            return usual(url, message)
    return usual(url, message)


def retrying_aloud(url: str, message: str) -> Iterator[str]:
    """Ask again after a failure, although a piece was printed."""
    try:
        yield from _texts(url, message)
    except (OSError, EOFError, ValueError, LookupError, http.client.HTTPException):
        yield from _texts(url, message)


def storming(url: str, message: str) -> str:
    """
    Ask until it works, or until the server is gone.

    Without that end its thread would go on for the rest of the process, take half of its time, and ask whatever proxy
    a later test sets.
    """
    while True:
        try:
            return usual(url, message)
        except urllib.error.URLError as exc:
            if isinstance(exc.reason, ConnectionRefusedError):
                raise
        except (OSError, EOFError, ValueError, LookupError, http.client.HTTPException):
            pass


def counting(url: str, message: str) -> str:
    """Print what differs in each run."""
    return f"{usual(url, message)} run {next(_COUNTER)}"


def silent(url: str, message: str) -> str:
    """Ask, and print nothing."""
    usual(url, message)
    return ""


def idle(url: str, message: str) -> str:
    """Never ask."""
    del url, message
    return "Hello"


def broken(url: str, message: str) -> str:
    """Fail on the good case as well."""
    usual(url, message)
    raise RuntimeError("I am broken")


def needing_models(url: str, message: str) -> str:
    """Ask for what the recording does not have."""
    urllib.request.urlopen(f"{url}/models", timeout=300).close()
    return usual(url, message)


def asking_elsewhere(url: str, message: str) -> str:
    """Ask only for what is not the answer."""
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"{url}/models", timeout=300)
    return message


def wire(url: str, message: str) -> str:
    """Print the bytes as they come, as curl does."""
    with _open(url, message) as answer:
        return answer.read().decode()


def hanging(url: str, message: str) -> str:
    """Wait forever when something is wrong."""
    try:
        return usual(url, message)
    except (OSError, EOFError, ValueError, LookupError, http.client.HTTPException):
        WAITING.set()
        _HELD.wait()
        return ""


def echoing(url: str, message: str) -> str:
    """Print what it was given and the answer."""
    return f"{message}: {usual(url, message)}"


def page_reader_of_gzip(url: str, message: str) -> str:
    """Ask for the page as it is, and for the answer in gzip."""
    with urllib.request.urlopen(f"{url}/chat", timeout=300) as page:
        nonce = page.read().decode().partition('data-nonce="')[2][:10]
    form = f"action=ask&nonce={nonce}&message=Hi".encode()
    request = urllib.request.Request(f"{url}/ajax", form, {"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        body = answer.read()
    lines = (gzip.decompress(body) if answer.headers["Content-Encoding"] else body).splitlines()
    return "".join(json.loads(line[6:]).get("delta", "") for line in lines if line.startswith(b"data: "))


def page_reader(url: str, message: str) -> str:
    """Take the nonce from anything that looks like it, and never ask whether the page is whole."""
    with urllib.request.urlopen(f"{url}/chat", timeout=300) as page:
        text = page.read().decode()
    nonce = text.partition('data-nonce="')[2][:10]
    form = f"action=ask&nonce={nonce}&message=Hi".encode()
    with urllib.request.urlopen(f"{url}/ajax", form, timeout=300) as answer:
        return "".join(json.loads(line[6:]).get("delta", "") for line in answer if line.startswith(b"data: "))
