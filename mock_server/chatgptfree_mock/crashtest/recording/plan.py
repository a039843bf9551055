"""The plan of a crash test from a recording."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

from msgspec import Struct

from chatgptfree_mock.crashtest.outputs import PROGRAM

TIMEOUT: Final = 10.0


class RecordingPlan(Struct, frozen=True, kw_only=True):
    """
    A whole run.

    *sources*: the recordings, as the user named them.  *command* or *callable*: the client.  *message*: given instead
    of the recorded one.  *base*: the path after the address that `{url}` is, such as `/v1`.  *number*: which exchange
    has the answer, from 1.  *end_mark*: a text in the end mark.  *anyway*: take an answer that is not whole.  *globs*:
    only these variants.  *everything*: all variants, not only the short list.  *grades*: only these; None: 1 and 2, or
    any where *globs* name them.  *timeout*: seconds without a byte that count as a hang.  *stall*: seconds after
    which a client must have given up a stalled answer; None: that is not judged.  *masks*: what is left out of all
    outputs before they are compared.  *intercept*: whether the client reaches the recorded hosts, or these, by a proxy.
    *pack*: the site pack that the user named.  *jobs*: clients at once.  *most_failures*: the run ends after so many.
    """

    sources: tuple[str, ...]
    command: tuple[str, ...] = ()
    callable: str | None = None
    message: str | None = None
    base: str = ""
    number: int | None = None
    end_mark: str | None = None
    anyway: bool = False
    globs: tuple[str, ...] = ()
    everything: bool = False
    grades: tuple[int, ...] | None = None
    timeout: float = TIMEOUT
    stall: float | None = None
    masks: tuple[re.Pattern[str], ...] = ()
    intercept: bool | tuple[str, ...] = False
    pack: str | None = None
    jobs: int = 1
    most_failures: int | None = None
    here: Path

    @property
    def client(self) -> str:
        """Return the client in words."""
        return self.callable if self.callable is not None else shlex.join(self.command)

    def again(self, variant: str) -> str:
        """Return the command that runs one *variant* again."""
        words = [PROGRAM, "crashtest"]
        for source in self.sources:
            words += ["--cassette", source]
        words += ["--variant", variant]
        given = {
            "--message": self.message,
            "--pack": self.pack,
            "--base": self.base or None,
            "--answer": self.number,
            "--end-mark": self.end_mark,
            "--timeout": f"{self.timeout:g}" if self.timeout != TIMEOUT else None,
            "--stall": f"{self.stall:g}" if self.stall is not None and variant == STALL else None,
        }
        for name, value in given.items():
            words += [name, str(value)] if value is not None else []
        for mask in self.masks:
            words += ["--mask", mask.pattern]
        words += ["--anyway"] if self.anyway else []
        if self.intercept is not False:
            words += ["--intercept", *([] if self.intercept is True else [",".join(self.intercept)])]
        return shlex.join([*words, *(["--callable", self.callable] if self.callable else ["--", *self.command])])


PAGE: Final = "page/"
"""The prefix of the variants of the page."""
STALL: Final = "cut/stall"
"""The variant whose answer stops in its middle while the connection stays open."""
