"""The parts of a multipart body, as PHP finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator


def parts_of(body: bytes, mark: bytes) -> Iterator[tuple[dict[str, str], bytes, bool]]:
    """Yield headers and content of each part, and whether its closing boundary was there; *mark* is the boundary."""
    at = body.find(mark)
    while at >= 0:
        at += len(mark)
        if body.startswith(b"--", at):
            return
        line = body.find(b"\n", at)
        if line < 0:
            return
        head, start = _head(body, line + 1)
        end = body.find(b"\n" + mark, start)
        content = body[start:] if end < 0 else body[start:end]
        yield head, content if end < 0 else content.removesuffix(b"\r"), end >= 0
        at = end + 1 if end >= 0 else -1


def _head(body: bytes, at: int) -> tuple[dict[str, str], int]:
    """Return the headers that begin at *at* and where the content after their blank line begins."""
    head: dict[str, str] = {}
    while (end := body.find(b"\n", at)) >= 0:
        line = body[at:end].rstrip(b"\r")
        at = end + 1
        if not line:
            return head, at
        name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
        head[name.strip().lower()] = value.strip()
    return head, len(body)


def option(options: str, name: str) -> str | None:
    """Return one ``name=value`` of a header, quoted or not."""
    found = re.search(rf'(?:^|[;,\s]){name}=(?:"((?:[^"\\]|\\.)*)"?|([^;,\s]*))', options, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    return re.sub(r'\\(["\\])', r"\1", found[1]) if found[1] is not None else found[2]
