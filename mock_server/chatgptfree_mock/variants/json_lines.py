"""
A body of lines, such as JSON lines (ndjson), split so that it can be varied like an event stream.

Each line is treated as the data of an event, so that the end mark is found as in an event stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatgptfree_mock.variants.event_blocks import Block, Line

_LINE_END: Final = b"\n"


def split_lines(body: bytes) -> list[bytes]:
    """Return the lines of *body*, each with its line feed; the last may have none."""
    *lines, last = body.split(_LINE_END)
    return [line + _LINE_END for line in lines] + ([last] if last else [])


def as_event(line: bytes) -> Block:
    """Return an event with *line* as its data; None for a blank line."""
    text = line.strip()
    blank = Line(b"")
    return Block((Line(b"data: " + text), blank)) if text else Block((blank,))


def respelled_lines(body: bytes, spell: Callable[[str], str]) -> bytes:
    """Return *body* with *spell* applied to the JSON of each line; line ends and blank lines stay."""
    return b"".join(_respelled(line, spell) for line in split_lines(body))


def _respelled(line: bytes, spell: Callable[[str], str]) -> bytes:
    text = line.strip()
    return spell(text.decode()).encode() + line[len(line.rstrip()) :] if text else line


def with_crlf(body: bytes) -> bytes:
    """Return *body* with CR LF at the end of each line."""
    return b"".join(line.rstrip(b"\r\n") + b"\r\n" if line.endswith(_LINE_END) else line for line in split_lines(body))


def without_last_line_end(body: bytes) -> bytes:
    """Return *body* without the line end of the last line."""
    return body.rstrip(b"\r\n")
