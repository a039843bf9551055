"""Find the tokens of a whole recording when it ends, and write to each of its files those that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.recorder.cassette_part import CassettePart
from chatgptfree_mock.tape.model import Cassette, Interaction
from chatgptfree_mock.tape.tokens.block import acting
from chatgptfree_mock.tape.tokens.finding import find_tokens
from chatgptfree_mock.tape.tokens.split_by_file import split_tokens
from chatgptfree_mock.tape.tokens.token_block import Token


def write_tokens(
    parts: Sequence[CassettePart], raw: Mapping[int, Interaction], recording: Mapping[str, Any]
) -> tuple[int, list[str]]:
    """
    Find the tokens of *parts*, the saved files of a recording, and add new ones to their `x-tokens`.

    Return the number of added tokens, and sentences for the user.

    Args:
        parts: the files, in order.
        raw: the exchanges of this recording by number, as they were before redaction; where one is missing, as after a
            crash of the process that writes, the placeholders of its file are looked for.
        recording: the data of `x-recording`; its time separates time stamps from other numbers.
    """
    try:
        seen = [part.seen(raw) for part in parts]
    except CassetteError as exc:
        return 0, [str(exc)]
    blocks, notices = _by_file([list(each) for each in seen], recording)
    added = 0
    for part, tokens in zip(parts, blocks, strict=True):
        try:
            number, problems = part.add_tokens(tokens)
        except CassetteError as exc:
            number, problems = 0, [str(exc)]
        added += number
        notices += problems
    return added, notices


def _by_file(
    seen: Sequence[Sequence[Interaction]], recording: Mapping[str, Any]
) -> tuple[Sequence[Sequence[Token]], list[str]]:
    """Return the tokens of each file, and a sentence about those that no file can have."""
    whole = Cassette(interactions=tuple(each for part in seen for each in part), recording=recording)
    tokens = [each.token for each in find_tokens(whole)]
    if len(seen) == 1:
        return [tokens], []
    able = acting(whole, tokens)
    places = enumerate((file, number) for file, part in enumerate(seen) for number in range(len(part)))
    split = split_tokens(replace(whole, tokens=able.entries), dict(places))
    none: tuple[Token, ...] = ()
    blocks = [*split.files, *[none] * (len(seen) - len(split.files))]
    return blocks, [*able.notes, *filter(None, [split.note])]
