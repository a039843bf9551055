"""Choose the answer among the exchanges of a recording: the response that a crash test varies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatgptfree_mock.crashtest.recording.message import find_message
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.json_value import read_json
from chatgptfree_mock.tape.matching import Candidate
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.tape.tokens.request_values import request_values
from chatgptfree_mock.variants.end_mark import is_event_stream
from chatgptfree_mock.variants.json_text import is_json, is_json_lines

_MANY: Final = 6
_ADDRESS_SHOWN: Final = 100


def short_path(file: str) -> str:
    """Return the path of *file* relative to the working directory, if it is in there."""
    short = os.path.relpath(file)
    return file if short.startswith("..") else short


def find_answer(name: str, exchanges: Sequence[Candidate], number: int | None, left_out: Sequence[str] = ()) -> int:
    """
    Return the index of the answer: the one event stream, else JSON lines, else JSON, else the only exchange.

    *name*: what complaints call the recording.  *number*: the one that the user names, from 1.  *left_out*: a line for
    each part of the recording that could not be read, where the answer may have been.

    Raises:
        SettingsError: there is none, or several could be it.
    """
    if number is not None:
        if not 1 <= number <= len(exchanges):
            raise SettingsError(f"`--answer {number}`: {name} has the exchanges 1 to {len(exchanges)}")
        return number - 1
    streams = [at for at, each in enumerate(exchanges) if is_event_stream(each.interaction.response)]
    if streams:
        return _only(name, exchanges, streams, "event streams")
    lines = [at for at, each in enumerate(exchanges) if is_json_lines(each.interaction.response.body)]
    if lines:
        return _only(name, exchanges, lines, "streams of JSON lines")
    objects = [at for at, each in enumerate(exchanges) if is_json(each.interaction.response.body)]
    if not objects and len(exchanges) == 1 and _is_text(exchanges[0].interaction.response):
        return 0
    if not objects:
        problem = (
            f"{name}: no answer to test with, neither an event stream nor JSON lines nor JSON: record an exchange with "
            "the chat, or name the answer with --answer N (in a test: answer=N)"
        )
        raise SettingsError("; ".join([problem, *left_out]))
    with_message = [at for at in objects if find_message([exchanges[at].interaction]).found]
    found = _only(name, exchanges, with_message or objects, "JSON answers")
    later = [at for at in objects if at > found]
    return found if _has_prose(exchanges[found]) else _fetched_with(exchanges, found, later)


def _fetched_with(exchanges: Sequence[Candidate], index: int, later: Sequence[int]) -> int:
    """
    Return the last of *later* that has the text which the response at *index* lacks; *index* if none has.

    Such a response has the id of a job, which a later request sends back until its answer is there.
    """
    given = {str(value) for value in _scalars(_value(exchanges[index])) if not isinstance(value, bool)}
    fetched = [
        at
        for at in later
        if _has_prose(exchanges[at])
        and any(entry.value in given for entry in request_values(exchanges[at].interaction.request, exchanges[at].key))
    ]
    return fetched[-1] if fetched else index


def _has_prose(exchange: Candidate) -> bool:
    """Return whether a response has a text of several words."""
    return any(isinstance(value, str) and len(value.split()) > 1 for value in _scalars(_value(exchange)))


def _value(exchange: Candidate) -> Any:
    return read_json(exchange.interaction.response.body.decode("utf-8", "replace"))


def _is_text(response: Response) -> bool:
    """Return whether *response* has a body other than HTML."""
    return bool(response.body) and "html" not in response.header("Content-Type").lower()


def _only(name: str, exchanges: Sequence[Candidate], found: Sequence[int], what: str) -> int:
    if len(found) == 1:
        return found[0]
    several = len({exchanges[at].file for at in range(len(exchanges))}) > 1
    files = [f" ({short_path(exchanges[at].file)})" if several else "" for at in found[:_MANY]]
    names = [f"{name_of(exchanges, at)}{file}" for at, file in zip(found, files, strict=False)]
    more = f" and {len(found) - _MANY} more" if len(found) > _MANY else ""
    raise SettingsError(
        f"{name}: {len(found)} {what} could be the answer: {', '.join(names)}{more}; "
        "choose one with --answer N (in a test: answer=N)"
    )


def name_of(exchanges: Sequence[Candidate], at: int) -> str:
    """Return number and address of the exchange at *at*."""
    request = exchanges[at].interaction.request
    return f"#{at + 1} {request.method} {request.uri[:_ADDRESS_SHOWN]}"


def _scalars(value: Any) -> Iterator[Any]:
    """Yield the texts, numbers and words in a JSON *value*."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _scalars(inner)
    else:
        yield value
