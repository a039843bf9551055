"""The words of deliveries and of replays, with their meanings."""

from __future__ import annotations

from collections.abc import Mapping

from chatgptfree_mock.replay.chunking import CHUNK_WORDS
from chatgptfree_mock.replay.fault_place import FAULT_PLACES
from chatgptfree_mock.replay.fault_words import FAULT_WORDS
from chatgptfree_mock.replay.pace import PACE_WORDS
from chatgptfree_mock.tape.matchers import MATCH_WORDS
from reference_pages.markdown import prose, term


def of_chunks() -> str:
    """Return the words of `chunks`."""
    return _list(CHUNK_WORDS, "chunks")


def of_pace() -> str:
    """Return the words of `pace`."""
    return _list(PACE_WORDS, "pace")


def of_faults() -> str:
    """Return the words of `fault`."""
    return _list(FAULT_WORDS, "fault")


def of_places() -> str:
    """Return the places of faults."""
    return _list(FAULT_PLACES, "place")


def of_matching() -> str:
    """Return the words of `match_on`."""
    return _list(MATCH_WORDS, "match")


def _list(words: Mapping[str, str], prefix: str) -> str:
    stems = {word: "".join(sign if sign.isalnum() else "-" for sign in word).strip("-") for word in words}
    return "\n".join(term(word, [prose(text)], anchor=f"{prefix}-{stems[word]}") for word, text in words.items())
