"""Assertions about a client's requests, compared with the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chatgptfree_mock.journal import Exchange
from chatgptfree_mock.suggestion import did_you_mean
from chatgptfree_mock.tape.json_value import json_object

_SHOWN = 20


class ExpectedRequest:
    """
    The expected requests: *parts* are method, path and status, *fields* those of the form, query or JSON.

    Each value is compared with ``==``, so that objects with their own comparison, such as those of dirty-equals, can be
    used.  None in *parts* matches anything.
    """

    def __init__(self, parts: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
        self._parts = {name: value for name, value in parts.items() if value is not None}
        self._fields = dict(fields)

    def __str__(self) -> str:
        wanted = {**self._parts, **self._fields}
        return ", ".join(f"{name}={value!r}" for name, value in wanted.items())

    def fits(self, exchange: Exchange) -> bool:
        """Return whether *exchange* matches."""
        if any(value != getattr(exchange, name) for name, value in self._parts.items()):
            return False
        sent = fields_of(exchange) if self._fields else {}
        return all(name in sent and value == sent[name] for name, value in self._fields.items())

    def failure(self, exchanges: Sequence[Exchange], found: int, times: int | None) -> str:
        """Return the message for *found* requests among *exchanges* where *times* were expected; None: at least one."""
        expected = "at least one request" if times is None else f"{times} request{'s' * (times != 1)}"
        wanted = f"{expected} with {self}" if str(self) else expected
        lines = [f"expected {wanted}; the site got {found}" + (f" of {len(exchanges)} requests" if str(self) else "")]
        sent = {name for exchange in exchanges for name in fields_of(exchange)}
        never = [name for name in self._fields if sent and name not in sent]
        lines += [f"no request has a field `{name}`{did_you_mean(name, sent)}" for name in never]
        left_out = len(exchanges) - _SHOWN
        lines += [f"({left_out} earlier exchanges are not shown)"] if left_out > 0 else []
        return "\n".join([*lines, *(exchange.text() for exchange in exchanges[-_SHOWN:])])


def fields_of(exchange: Exchange) -> dict[str, Any]:
    """Return the fields of form and query, and the members of a JSON object; those of the body win."""
    return {**exchange.fields, **json_object(exchange.body)}
