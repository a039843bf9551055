"""
The interface of a dialect of the model's API, which writes streams and whole answers.

A dialect writes events and bodies; `wire` decides when their bytes arrive, where they are cut and whether the
connection breaks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from chatgptfree_mock.sites.model_api.settings import ApiError, MidError
from chatgptfree_mock.sites.model_api.upstream import ModelRequest


class ModelEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that the API writes at once, after a *pause* or together with what came before."""

    data: bytes
    pause: bool = True


class Dialect(Protocol):
    """One form of a model's API."""

    def opening(self, call: ModelRequest) -> Sequence[ModelEvent]:
        """Write what comes before the first delta."""
        ...

    def delta(self, call: ModelRequest, number: int, text: str) -> ModelEvent:
        """Write one delta, *text*; the first has the *number* 0."""
        ...

    def closing(self, call: ModelRequest, text: str) -> Sequence[ModelEvent]:
        """Write the end of an answer of *text*."""
        ...

    def error(self, call: ModelRequest, error: MidError) -> bytes:
        """Write an error in the middle of a stream, framed as configured."""
        ...

    def refuse(self, error: ApiError) -> Any:
        """Return the body of an HTTP error, to be written as JSON."""
        ...

    def whole(self, call: ModelRequest, text: str) -> Any:
        """Return the answer of a call without streaming, to be written as JSON."""
        ...


def to_json(value: object, *, ascii_only: bool = False, indent: int | None = None) -> bytes:
    """Write JSON as such APIs do: compact, raw UTF-8; a lone surrogate is escaped, since UTF-8 cannot encode it."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators, indent=indent)
    return text.encode("utf-8", errors="backslashreplace")


def data_event(call: ModelRequest, value: object, *, name: str | None = None, pause: bool = True) -> ModelEvent:
    """Write one server-sent event around JSON."""
    head = f"event: {name}\n".encode() if name else b""
    return ModelEvent(data=head + b"data: " + to_json(value, ascii_only=call.settings.ascii) + b"\n\n", pause=pause)


def error_object(error: ApiError | MidError) -> dict[str, Any]:
    """
    Return *error* in OpenAI's form, which most others copied.

    The spelling of the other details of the plugin's cloud is made up.
    """
    kind = error.type if isinstance(error, ApiError) else "server_error"
    found: dict[str, Any] = {"message": error.message, "type": kind, "param": error.param, "code": error.code}
    if error.inner_code is not None:
        found["innererror"] = {"code": error.inner_code}
    known = {} if error.cloud is None else msgspec.to_builtins(error.cloud)
    return {"error": {**found, **{name: value for name, value in known.items() if value is not None}}}


def reported_model(call: ModelRequest) -> str:
    """Return the model's name as the API reports it."""
    return call.settings.name or f"{call.model}-0125"


def tokens(text: str) -> int:
    """Estimate how many tokens *text* is: four characters each, as the rule of thumb goes."""
    return (len(text) + 3) // 4
