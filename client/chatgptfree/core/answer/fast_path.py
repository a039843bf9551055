"""
The short way from an event to its text.

Nearly all events of an answer are the same bytes but for the text in them.  The first of them is read as JSON, into
typed values that refuse whatever is odd (errors, ends, other choices); it gives the stencil, which is what stands
before the text and behind it.  An event that fits the stencil is read by comparing: between these bytes only a
JSON string can stand, so that it says the same as if it were read as a whole.  What is not ordinary is left
to others.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Final, Literal, cast

import msgspec

from chatgptfree.core.answer import chunk_content, error_object


class _Content(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    content: str | None = None
    refusal: None = None
    role: Literal["assistant"] | None = None


class _BareChoice(msgspec.Struct, gc=False):
    delta: _Content
    index: Literal[0] = 0
    finish_details: None = None
    native_finish_reason: None = None
    text: None = None
    message: None = None
    error: None = None


_Choice: Final = msgspec.defstruct(
    "_Choice", [(name, None, None) for name in chunk_content.FINISHES], bases=(_BareChoice,), gc=False
)
"""A choice that does not say in any API's words why the model stopped."""
_FLAGS: Final = {
    "token_limit": "tokenLimitReached",
    "flagged": "messageFlagged",
    "banned": "ipBanned",
    "moderated": "modflag",
    "no_context": "pineconeError",
}


class _Event(msgspec.Struct, gc=False, rename=_FLAGS):
    choices: tuple[_BareChoice] | None = None
    delta: str | None = None
    object: Literal["chat.completion.chunk", "chat.completion", "text_completion"] | None = None
    finished: None = None
    quota_notice: None = None
    token_limit: None = None
    flagged: None = None
    banned: None = None
    moderated: None = None
    no_context: None = None


_ODD_KEYS: Final = (
    error_object.KEYS | {*chunk_content.FINISHES, *chunk_content.SILENCERS, "candidates", "promptFeedback"}
) - {"object"}
_Chunk: Final = msgspec.defstruct(
    "_Chunk",
    [("choices", tuple[_Choice] | None, None), *((name, None, None) for name in sorted(_ODD_KEYS))],  # type: ignore[valid-type]
    bases=(_Event,),
    gc=False,
)
"""An event in which none of the keys is set that may make it an error, an end or something other than text."""

_decode: Final = cast("Callable[[bytes], _Event]", msgspec.json.Decoder(_Chunk).decode)
_decode_string: Final = msgspec.json.Decoder(str).decode
_decode_strings: Final = msgspec.json.Decoder(list[str]).decode
_ODD: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_LF: Final = 10
_QUOTE: Final = 34
_BACKSLASH: Final = 92
_FIELD: Final = b"data: "
_PROBE: Final = b"probe"
MOST: Final = 64 * 1024
"""Bytes worth a try in one go."""
_GROUP: Final = 8 * 1024
"""Bytes that are read in one go once that has failed; if one event in them doesn't fit, each is read alone."""
_TRIES: Final = 16
"""How often a stencil is cut before the events of a stream count as too different for one."""


class FastPath:
    """Reads the ordinary events of one stream."""

    def __init__(self) -> None:
        self._tries = _TRIES
        self._set(b"\0", b"\0")  # fits nothing

    def read_one(self, blocks: bytes) -> str:
        """Return the text of *blocks* if they are one event and it fits, else nothing."""
        if not blocks.startswith(self._head) or blocks.find(_LF, self._before) != len(blocks) - 2:
            return ""
        raw = blocks[self._before : -len(self._tail)] if blocks.endswith(self._tail) else b""
        try:
            return _decode_string(b'"%b"' % raw) if _BACKSLASH in raw or _QUOTE in raw else raw.decode()
        except _ODD:
            return ""

    def read(self, blocks: bytes) -> list[str] | None:
        """Return the texts of *blocks* if all of them fit, without the empty ones."""
        raws = list(map(self._cut_out, blocks.split(b"\n")[:-2:2]))
        if b"".join((self._head, self._joint.join(raws), self._tail)) != blocks:
            return None
        try:
            # The line end keeps a backslash at the end of one of them from eating the quote behind it.
            texts = _decode_strings(b'["%b"]' % b'"\n,"'.join(raws))
        except _ODD:
            return None
        if len(texts) != len(raws):
            return None
        return texts if all(texts) else [text for text in texts if text]

    def read_ordinary(self, blocks: bytes, start: int) -> tuple[list[str], int]:
        """Return the texts of the ordinary events of *blocks* from *start* on, and where the first other one begins."""
        texts: list[str] = []
        try:
            while start < len(blocks):
                end = max(blocks.rfind(b"\n\n", start, start + _GROUP), blocks.find(b"\n\n", start)) + 2
                if end <= start:  # a blank line too many, and nothing behind it
                    break
                # Trying costs as much as the whole group, so that the first event has to look like it.
                if blocks.startswith(self._head, start) and (some := self.read(blocks[start:end])) is not None:
                    texts += some
                    start = end
                while start < end:
                    text, start = self._read_whole(blocks, start)
                    if text:
                        texts.append(text)
        except _ODD:
            pass
        return texts, start

    def _read_whole(self, blocks: bytes, start: int) -> tuple[str, int]:
        """Read the event at *start* as JSON; raises one of `_ODD` if it is not ordinary."""
        end = blocks.find(b"\n\n", start)
        block = blocks[start:end]
        if end < 0 or not block.startswith(_FIELD) or _LF in block:
            raise msgspec.DecodeError("not a lone data line")
        data = block[len(_FIELD) :]
        text = _text_of(_decode(data))
        if self._tries:
            self._cut(data, text)
        return text, end + 2

    def _cut(self, data: bytes, text: str) -> None:
        """Make *data* with its *text* the stencil, if it can be proven where the text stands."""
        written = b':"%b"' % text.encode()
        place = data.rfind(written)
        if not text or place < 0:
            return
        self._tries -= 1
        head, tail = data[: place + 2], data[place + len(written) - 1 :]
        if _text_of(_decode(head + _PROBE + tail)) == _PROBE.decode():
            self._set(_FIELD + head, tail + b"\n\n")

    def _set(self, head: bytes, tail: bytes) -> None:
        self._head, self._tail, self._joint = head, tail, tail + head
        self._before = len(head)
        self._cut_out = itemgetter(slice(len(head), 2 - len(tail)))
        self.two = 2 * (len(head) + len(tail))
        """Bytes that two events have at least."""


def _text_of(chunk: _Event) -> str:
    if chunk.choices is not None:
        return chunk.choices[0].delta.content or ""
    if not chunk.delta:
        raise msgspec.DecodeError("no place for text")
    return chunk.delta
