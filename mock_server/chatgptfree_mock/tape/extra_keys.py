"""
The keys of cassettes beyond vcrpy's format: `x-stream` inside a response, `x-recording` for the whole file.

Both are strict: a key that isn't one of these, or a value of another type, is an error that names its place.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

import msgspec

from chatgptfree_mock.errors import CassetteError, key_problem
from chatgptfree_mock.suggestion import nearest_or_all
from chatgptfree_mock.tape.model import End

Count = Annotated[int, msgspec.Meta(ge=0)]


class StreamRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a response arrived: `x-stream`."""

    schema: Annotated[int, msgspec.Meta(ge=1, le=1)] = 1
    """The version of this format."""
    chunks: list[tuple[Count, Count]] = []
    """How the decoded body is cut: pairs of milliseconds since the request and bytes, which add up to the body."""
    end: End = End.COMPLETE
    """How the response ended."""
    ended: Count | None = None
    """When the end came, in milliseconds since the request."""
    raw: bytes | None = None
    """The encoded body as it was on the wire."""
    raw_chunks: list[tuple[Count, Count]] = []
    """How `raw` is cut, like `chunks`."""
    header_order: list[str] = []
    """The names in the order of the wire, where a name that repeats is apart from the others of that name."""


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The origin of a file, and later changes: `x-recording`."""

    upstream: str = ""
    """The site that was asked."""
    plugin: str = ""
    """The release of the plugin."""
    wordpress: str = ""
    """The release of WordPress."""
    case: str = ""
    """The name of the recorded case."""
    recorded_at: str = ""
    """The time of the recording, in the form of RFC 3339."""
    tool: str = ""
    """The tool that recorded it."""
    note: str = ""
    """A remark, in a sentence."""
    model: str = ""
    """The replacement of the model's API behind the site."""
    upstream_calls: Count | None = None
    """The number of calls of the model's API by the site."""
    upstream_messages: list[Any] | None = None
    """The messages that the site sent to the model's API."""
    changed: list[str] = []
    """The changes of the recorded bytes, except redaction."""
    redacted: list[str] = []
    """One line per rule: what was replaced, and the number of places."""
    kept: list[str] = []
    """The redaction rules that were turned off: values of these kinds are the recorded ones, on purpose."""
    part: Count | None = None
    """The number of this file, from 2 on, where a recording was too large for one."""


T = TypeVar("T")


def strict(value: object, kind: type[T], *, place: str, file: str | None = None) -> T:
    """
    Turn plain data into *kind*.

    Raises:
        CassetteError: with the place inside the file, and the nearest key if one is unknown.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        problem, _, inner = str(exc).partition(" - at `$")
        unknown = re.search(r"unknown field `([^`]*)`", problem)
        repair = ""
        if unknown:
            repair = nearest_or_all(unknown[1], getattr(kind, "__struct_fields__", ())).removeprefix("; ")
        raise CassetteError(key_problem(problem), file=file, place=place + inner.rstrip("`"), repair=repair) from exc
