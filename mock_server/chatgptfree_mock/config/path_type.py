"""The type of options and arguments that name a file or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatgptfree_mock.usage_error import EMPTY


class PathParamType(click.Path):
    """
    A path, as a `Path`, or with *text* as it was typed: a short name, or with a slash at its end.

    An empty text, as a shell's variable without a value leaves it, is refused: it would mean the working directory, so
    that `lint --fix "$FILE"` would change all files there.
    """

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True, text: bool = False) -> None:
        super().__init__(path_type=None if text else Path, file_okay=file_okay, dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return *value* as a path; an empty one is a usage error."""
        if not str(value).strip():
            self.fail(EMPTY, param, ctx)
        return super().convert(value, param, ctx)
