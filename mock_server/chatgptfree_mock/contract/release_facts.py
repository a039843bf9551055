"""What is known of a release on the wire: facts, their sources, and the changes between two releases."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

SourceKind = Literal["recorded", "source", "changelog", "guess", "unknown"]
"""The source of a fact: a recording, published code, a changelog alone, a guess, or none that is known."""


class FactSource(msgspec.Struct, frozen=True, kw_only=True):
    """The source of a fact, and the release since which it holds."""

    kind: SourceKind = "unknown"
    evidence: str = ""
    """The name of a recording (`2.3.41/stream_ok`), the code's release (`of 2.4.81`), or a remark; may be empty."""
    since: str = ""
    """The first release with this fact; empty if that is not known."""

    def __str__(self) -> str:
        """Return the source in words, such as `changelog, seen in the source of 2.4.94`."""
        kind = "published code" if self.kind == "source" else self.kind
        between = " " if self.kind in ("recorded", "source") else ", "
        return f"{kind}{between}{self.evidence}" if self.evidence else kind


UNKNOWN: Final = FactSource()


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One property of a release on the wire."""

    key: str
    """The key of the fact, the same in all releases, such as `chat.nonce_refusal`."""
    topic: str
    """One word: `request`, `nonce`, `page` …"""
    value: object
    """Plain data; two releases differ in this fact if it differs."""
    sentence: str
    """The value in words, for authors of clients."""
    source: FactSource = UNKNOWN


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that differs between two releases, in words."""

    key: str
    topic: str
    before: str
    """The sentence for the first release; empty if it does not have the fact."""
    after: str
    since: str
    """The first release with the new value; if the second release is the older one, the last with its value."""
    source: FactSource = UNKNOWN
    """The source of the change."""
