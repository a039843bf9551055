"""The rules of a robots.txt for this program, by RFC 9309.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from protego import Protego

_AGENT_LINE: Final = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*)([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_TOKEN: Final = re.compile(r"[a-zA-Z_-]+|\*")
"""A product token (section 2.2.1); what follows it in a line, such as a version, does not belong to it."""
_ANOTHER: Final = "another-program"


def first_forbidden(text: str, paths: Iterable[str], *, site: str, agent: str) -> str | None:
    """
    Return the first of *paths* that the robots.txt *text* forbids the program *agent*; None if it forbids none.

    *site* is the scheme and authority of the file.  A byte order mark is ignored.  Groups are matched by the whole
    product token in any case (section 2.2.1).
    """
    robots = Protego.parse(_AGENT_LINE.sub(lambda line: line[1] + _whose(line[2], agent), text.removeprefix("\ufeff")))
    return next((path for path in paths if not robots.can_fetch(f"{site}{path}", agent)), None)


def _whose(name: str, agent: str) -> str:
    """Return *agent* if *name* means it, else a name without match: the parser also accepts beginnings of tokens."""
    token = _TOKEN.match(name)
    if token is None or token[0] == "*":
        return name
    return agent if token[0].lower() == agent.lower() else _ANOTHER
