"""
Regular expressions that are compiled when they are first used.

Redaction has more than two hundred, of which one recording needs fifty; to compile all of them takes longer than to
check it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, AnyStr, Generic


class LazyPattern(Generic[AnyStr]):
    """
    A regular expression with the methods of `re.Pattern`.

    Each method is kept when it is first used, so that all further calls go straight to `re`.
    """

    def __init__(self, pattern: AnyStr, flags: int = 0) -> None:
        """Make one of *pattern* and *flags*, the arguments of `re.compile`; a mistake is raised at the first use."""
        self.pattern: AnyStr = pattern
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[AnyStr]:
        """Return the compiled pattern."""
        return re.compile(self.pattern, self._flags)

    @cached_property
    def match(self) -> Callable[..., re.Match[AnyStr] | None]:
        """Return the method of `compiled`."""
        return self.compiled.match

    @cached_property
    def search(self) -> Callable[..., re.Match[AnyStr] | None]:
        """Return the method of `compiled`."""
        return self.compiled.search

    @cached_property
    def fullmatch(self) -> Callable[..., re.Match[AnyStr] | None]:
        """Return the method of `compiled`."""
        return self.compiled.fullmatch

    @cached_property
    def finditer(self) -> Callable[..., Iterator[re.Match[AnyStr]]]:
        """Return the method of `compiled`."""
        return self.compiled.finditer

    @cached_property
    def findall(self) -> Callable[..., list[Any]]:
        """Return the method of `compiled`."""
        return self.compiled.findall

    @cached_property
    def sub(self) -> Callable[..., AnyStr]:
        """Return the method of `compiled`."""
        return self.compiled.sub

    @cached_property
    def split(self) -> Callable[..., list[Any]]:
        """Return the method of `compiled`."""
        return self.compiled.split
