"""Clients of answers in lines, each with one habit, as callables for crash tests from a recording."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request


def _read(url: str) -> bytes:
    with urllib.request.urlopen(f"{url}/api/generate", b'{"prompt": "Hi"}', timeout=300) as answer:
        body: bytes = answer.read()
        return body


def careless_with_json(url: str, _message: str) -> str:
    """Take every text that is found, whatever comes behind it."""
    found = re.findall(r'"response": ?"((?:[^"\\\n]|\\.)*)"', _read(url).decode("utf-8", "replace"))
    return "".join(json.loads(f'"{text}"') for text in found)


def dropping(url: str, _message: str) -> str:
    """Read only lines that have an end, as a loop does that splits a buffer at line feeds."""
    *lines, _rest = _read(url).decode().split("\n")
    values = [json.loads(line) for line in lines if line.strip()]
    if not values or not values[-1].get("done"):
        raise EOFError("no last line")
    return "".join(value["response"] for value in values)


def careless_with_text(url: str, _message: str) -> str:
    """Take all lines that begin with the number of a text, as in Vercel's data stream."""
    lines = _read(url).decode("utf-8", "replace").split("\n")
    return "".join(line[2:] for line in lines if line.startswith("0:"))
